package schedgc_test

import (
	"fmt"
	"math"
	"runtime/debug"

	"github.com/go-deep-dive/godeep/schedgc"
)

// A container of 512 MiB, of which Go may use nine tenths.
func ExampleContainerMemoryLimit() {
	fmt.Println(schedgc.ContainerMemoryLimit("536870912\n", 90))
	fmt.Println(schedgc.ContainerMemoryLimit("max\n", 90))
	// In main: if limit, ok := …; ok { debug.SetMemoryLimit(limit) }
	// Output:
	// 483183820 true
	// 0 false
}

// A negative argument reads the limit and changes nothing.
func Example_memlimitRead() {
	first := debug.SetMemoryLimit(256 << 20)
	fmt.Println("now:", debug.SetMemoryLimit(-1)>>20, "MiB")
	fmt.Println("still:", debug.SetMemoryLimit(-1)>>20, "MiB")
	fmt.Println("no limit is:", int64(math.MaxInt64))
	debug.SetMemoryLimit(first)
	// Output:
	// now: 256 MiB
	// still: 256 MiB
	// no limit is: 9223372036854775807
}
