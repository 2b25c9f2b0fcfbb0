// Order prints what is initialised when. Main imports the packages in another
// order than they are initialised in.
package main

import (
	"fmt"
	"os"

	"github.com/go-deep-dive/godeep/schedgc/testdata/bootstrap/order/alpha"
	"github.com/go-deep-dive/godeep/schedgc/testdata/bootstrap/order/beta"
	"github.com/go-deep-dive/godeep/schedgc/testdata/bootstrap/order/static"
)

var sum = zeta("sum", left+right)

func init() { say("first init of main.go") }

func init() { say("second init of main.go") }

var right = zeta("right", 1)

func main() {
	say("main")
	if len(os.Args) > 1 && os.Args[1] == "use" {
		fmt.Println(alpha.Name, beta.Table["x"], static.Table[1])
	}
}
