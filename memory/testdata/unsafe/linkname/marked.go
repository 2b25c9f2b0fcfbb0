//go:build marked

// Linkname, in this variant, calls a function that package runtime has marked as
// open, because much code used it before Go 1.23.
package main

import (
	"fmt"
	_ "unsafe" // allows linkname
)

//go:linkname now runtime.nanotime
func now() int64

func main() { fmt.Println(now() > 0) }
