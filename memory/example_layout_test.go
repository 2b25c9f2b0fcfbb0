//go:build !386 && !arm && !mips && !mipsle

package memory_test

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/go-deep-dive/godeep/memory"
)

// A small field before a large one leaves a gap.
func ExampleBadOrder() {
	var s memory.BadOrder
	fmt.Println("size of the fields:", unsafe.Sizeof(s.ID)+unsafe.Sizeof(s.Score)+3*unsafe.Sizeof(s.Active))
	fmt.Println("size of the struct:", unsafe.Sizeof(s))
	fmt.Println("bytes before ID:", unsafe.Offsetof(s.ID))
	// Output:
	// size of the fields: 19
	// size of the struct: 40
	// bytes before ID: 8
}

// With the most strictly aligned fields first only the end has a gap.
func ExampleGoodOrder() {
	var s memory.GoodOrder
	fmt.Println("size of the struct:", unsafe.Sizeof(s))
	fmt.Println("end of the last field:", unsafe.Offsetof(s.Flag)+unsafe.Sizeof(s.Flag))
	// Output:
	// size of the struct: 24
	// end of the last field: 19
}

func ExamplePadding() {
	fmt.Println("BadOrder: ", memory.Padding(reflect.TypeFor[memory.BadOrder]()))
	fmt.Println("GoodOrder:", memory.Padding(reflect.TypeFor[memory.GoodOrder]()))
	// Output:
	// BadOrder:  21
	// GoodOrder: 5
}
