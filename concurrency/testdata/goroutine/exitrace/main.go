// Exitrace takes the end of a goroutine for a synchronization.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	result := 0
	go func() { result = 42 }()
	for runtime.NumGoroutine() > 1 {
		runtime.Gosched()
	}
	fmt.Println(result)
}
