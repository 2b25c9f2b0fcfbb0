//go:build !marked

// Linkname calls an unexported function of package runtime that nobody declared
// open to others. The linker refuses it.
package main

import (
	"fmt"
	_ "unsafe" // allows linkname
)

//go:linkname divideUp runtime.divRoundUp
func divideUp(n, by uintptr) uintptr

func main() { fmt.Println(divideUp(10, 4)) }
