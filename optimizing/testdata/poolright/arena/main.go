// Command arena uses a package that exists only with GOEXPERIMENT=arenas.
package main

import "arena"

func main() {
	a := arena.NewArena()
	defer a.Free()
	println(*arena.New[int](a))
}
