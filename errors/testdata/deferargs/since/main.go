// Since has three deferred calls whose argument is evaluated too early. go vet finds one.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	start := time.Now()
	s := os.Args
	defer fmt.Println(time.Since(start))
	defer fmt.Println(len(s))
	s = append(s, "x")
	defer func() { fmt.Println(time.Since(start), len(s)) }()
}
