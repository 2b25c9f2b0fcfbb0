// Recursive calls Do inside the function that the same Once runs.
package main

import "sync"

var (
	once  sync.Once
	value int
)

func get() int {
	once.Do(func() { value = get() + 1 })
	return value
}

func main() { get() }
