// Command report prints a report, or fails.
package main

import (
	_ "embed"
	"fmt"
	"os"
)

var version = "unknown"

//go:embed main.go
var source string

type order struct{ id int }

func (o order) Total() int  { return o.id * 10 }
func (o order) Unused() int { return o.id * 20 }

//go:noinline
func neverCalled() string { return "text of a function that is never called" }

var neverUsed = map[string]string{
	"key 0 of a map that is never used":  "value",
	"key 1 of a map that is never used":  "value",
	"key 2 of a map that is never used":  "value",
	"key 3 of a map that is never used":  "value",
	"key 4 of a map that is never used":  "value",
	"key 5 of a map that is never used":  "value",
	"key 6 of a map that is never used":  "value",
	"key 7 of a map that is never used":  "value",
	"key 8 of a map that is never used":  "value",
	"key 9 of a map that is never used":  "value",
	"key 10 of a map that is never used": "value",
	"key 11 of a map that is never used": "value",
	"key 12 of a map that is never used": "value",
	"key 13 of a map that is never used": "value",
	"key 14 of a map that is never used": "value",
	"key 15 of a map that is never used": "value",
	"key 16 of a map that is never used": "value",
	"key 17 of a map that is never used": "value",
	"key 18 of a map that is never used": "value",
	"key 19 of a map that is never used": "value",
	"key 20 of a map that is never used": "value",
	"key 21 of a map that is never used": "value",
	"key 22 of a map that is never used": "value",
	"key 23 of a map that is never used": "value",
	"key 24 of a map that is never used": "value",
	"key 25 of a map that is never used": "value",
	"key 26 of a map that is never used": "value",
	"key 27 of a map that is never used": "value",
	"key 28 of a map that is never used": "value",
	"key 29 of a map that is never used": "value",
}

var calledAnyway = initialise()

//go:noinline
func initialise() string { return "value of a variable that is never used" }

//go:noinline
func sum[T any](values ...T) (n int) {
	for range values {
		n++
	}
	return n
}

func fail(orders []order) int { return orders[len(os.Args)].Total() }

func main() {
	fmt.Println("version", version, "source", len(source))
	fmt.Println(sum[int32](1), sum[int64](1), sum(new(int)), sum(new(order)), order{1})
	fail(nil)
}
