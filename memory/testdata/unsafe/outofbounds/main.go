// Outofbounds reads behind the end of an object. Built with -d=checkptr it
// stops there; built without, it goes on with what happens to lie there.
package main

import (
	"fmt"
	"unsafe"
)

//go:noinline
func wide(small *int32) *[4]int64 { return (*[4]int64)(unsafe.Pointer(small)) }

var kept *int32

func main() {
	kept = new(int32)
	_ = wide(kept)[1]
	fmt.Println("went on")
}
