// Command checkptr misuses a pointer in the way that its argument names.
package main

import (
	"fmt"
	"os"
	"reflect"
	"unsafe"
)

type row struct {
	ID   int64
	Size int64
}

var small = new(int64)

func main() {
	r := &row{ID: 1, Size: 2}
	switch os.Args[1] {
	case "beyond": // an offset that belongs to a larger type
		fmt.Println(*(*int64)(unsafe.Add(unsafe.Pointer(small), unsafe.Offsetof(r.Size)+64)))
	case "larger": // a conversion to a larger type
		fmt.Println((*[512]int64)(unsafe.Pointer(small))[0])
	case "field": // the offset of another field
		fmt.Println(*(*int64)(unsafe.Add(unsafe.Pointer(r), unsafe.Offsetof(r.Size))))
	case "newat": // the wrong type, without a conversion
		fmt.Println(reflect.NewAt(reflect.TypeFor[[512]int64](), unsafe.Pointer(small)).Elem().Len())
	}
}
