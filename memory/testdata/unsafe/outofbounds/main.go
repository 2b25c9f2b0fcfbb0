// Outofbounds makes a pointer that is wrong in the way its argument says. Built
// with -d=checkptr it stops there; built without, it goes on.
package main

import (
	"fmt"
	"os"
	"unsafe"
)

var (
	small *int32
	bytes []byte
	kept  any // what is made is not optimised away
)

func main() {
	small, bytes = new(int32), make([]byte, 32) // in the heap, where objects have bounds
	start := unsafe.Pointer(&bytes[0])
	switch os.Args[1] {
	case "large": // the new type is larger than the object
		kept = (*[8]int64)(unsafe.Pointer(small))
	case "bytes": // as large, but byte arrays are not checked
		kept = (*[64]byte)(unsafe.Pointer(small))
	case "stack": // larger than a variable on the stack, whose bounds are not known
		var local [2]int32
		p := (*[8]int64)(unsafe.Pointer(&local))
		println(p[0])
	case "arithmetic": // the result is outside of the object
		kept = (*byte)(unsafe.Add(start, 4096))
	case "end": // so is the place behind its end
		kept = (*byte)(unsafe.Add(start, len(bytes)))
	case "slice": // the slice is longer than the object
		kept = unsafe.Slice((*byte)(unsafe.Pointer(small)), 64)
	case "misaligned": // a type with pointers must be aligned
		kept = (*struct{ p *int })(unsafe.Add(start, 1))
	}
	fmt.Println("went on")
}
