package schedgc_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"
	"weak"
)

// A pointer that is kept as a number has no barrier, and is no pointer for the
// collector at all: the object is freed.
func Example_barrierNumber() {
	var hidden atomic.Uintptr
	var kept atomic.Pointer[[64]byte]
	hide := func() weak.Pointer[[64]byte] {
		object := new([64]byte)
		hidden.Store(uintptr(unsafe.Pointer(object)))
		return weak.Make(object)
	}
	keep := func() weak.Pointer[[64]byte] {
		object := new([64]byte)
		kept.Store(object)
		return weak.Make(object)
	}
	number, pointer := hide(), keep()
	runtime.GC()
	fmt.Println("kept as a number:", number.Value() != nil)
	fmt.Println("kept as a pointer:", pointer.Value() != nil)
	runtime.KeepAlive(&kept)
	// Output:
	// kept as a number: false
	// kept as a pointer: true
}
