// Package main turns addresses from reflect into pointers, too late.
package main

import (
	"reflect"
	"unsafe"
)

func main() {
	x := 7
	v := reflect.ValueOf(&x)
	good := (*int)(unsafe.Pointer(v.Pointer()))
	better := (*int)(v.UnsafePointer())
	address := v.Pointer()
	late := (*int)(unsafe.Pointer(address))
	field := v.Elem().UnsafeAddr()
	lateToo := (*int)(unsafe.Pointer(field))
	println(*good, *better, *late, *lateToo)
}
