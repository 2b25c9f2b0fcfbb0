// Command dynamic calls a method whose name is an argument.
package main

import (
	"fmt"
	"os"
	"reflect"
)

type order struct{ id int }

func (o order) Total() int  { return o.id * 10 }
func (o order) Unused() int { return o.id * 20 }

func main() {
	fmt.Println(reflect.ValueOf(order{1}).MethodByName(os.Args[1]).Call(nil))
}
