// Collect prints the Go release that built it, with the experiments, and collects.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println(runtime.Version())
	for range 3 {
		runtime.GC()
	}
}
