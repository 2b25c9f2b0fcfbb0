// Command impossible asserts to an interface that no value of the first can
// implement. It compiles, and go vet reports it.
package main

import "fmt"

type Lock interface{ Lock() }

type TryLock interface{ Lock() bool }

func main() {
	var l Lock
	_, ok := l.(TryLock)
	fmt.Println(ok)
}
