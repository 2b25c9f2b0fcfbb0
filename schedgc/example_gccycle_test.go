package schedgc_test

import (
	"fmt"
	"runtime"
	"weak"
)

// Two objects that point to each other are garbage once nothing else refers
// to them: the collector does not count references.
func Example_gccycleRing() {
	type person struct {
		name   string
		friend *person
	}
	a, b := &person{name: "a"}, &person{name: "b"}
	a.friend, b.friend = b, a
	watch := weak.Make(a)
	runtime.GC()
	fmt.Println("in use:", watch.Value() != nil)
	runtime.KeepAlive(b)
	runtime.GC()
	fmt.Println("later:", watch.Value() != nil)
	// Output:
	// in use: true
	// later: false
}

// A call of runtime.GC is counted, in the statistics, as a forced cycle.
func Example_gccycleForced() {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	fmt.Println("forced cycles:", after.NumForcedGC-before.NumForcedGC)
	// Output:
	// forced cycles: 2
}
