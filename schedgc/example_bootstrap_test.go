package schedgc_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-deep-dive/godeep/schedgc"
)

// The slowest package first.
func ExampleParseInitTrace() {
	stderr := strings.NewReader(`init runtime @0.016 ms, 0.044 ms clock, 0 bytes, 0 allocs
init example.com/shop/templates @0.44 ms, 3.1 ms clock, 104480 bytes, 1320 allocs
init example.com/shop/prices @3.6 ms, 0.51 ms clock, 8192 bytes, 12 allocs
shop listens on :8080
`)
	trace, err := schedgc.ParseInitTrace(stderr)
	slices.SortFunc(trace, func(a, b schedgc.InitTrace) int { return cmp.Compare(b.Clock, a.Clock) })
	for _, i := range trace {
		fmt.Println(i.Clock, i.Package)
	}
	fmt.Println("error:", err)
	// Output:
	// 3.1ms example.com/shop/templates
	// 510µs example.com/shop/prices
	// 44µs runtime
	// error: <nil>
}

// A package that allocates much at the start is one to look at.
func ExampleInitTrace() {
	i := schedgc.InitTrace{Package: "example.com/shop/templates", Bytes: 104480, Allocs: 1320}
	if i.Allocs > 1000 {
		fmt.Println(i.Package, "allocates", i.Bytes, "bytes before main")
	}
	// Output:
	// example.com/shop/templates allocates 104480 bytes before main
}

// A variable waits for those that its initializer uses, wherever they are
// declared.
func Example_bootstrapVariables() {
	fmt.Println(bootstrapSteps)
	// Output:
	// [width height area]
}

var bootstrapArea = bootstrapStep("area", bootstrapWidth*bootstrapHeight)

var (
	bootstrapWidth  = bootstrapStep("width", 3)
	bootstrapHeight = bootstrapStep("height", 4)
)

var bootstrapSteps []string

func bootstrapStep(name string, value int) int {
	bootstrapSteps = append(bootstrapSteps, name)
	return value
}

var _ = bootstrapArea
