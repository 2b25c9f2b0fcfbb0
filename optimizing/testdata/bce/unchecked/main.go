// Unchecked reads behind the end of a slice, inside of its array.
package main

import "fmt"

//go:noinline
func read(s []int, i int) int { return s[i] }

func main() {
	defer func() {
		if err := recover(); err != nil {
			fmt.Println("recovered:", err)
		}
	}()
	array := [4]int{10, 20, 30, 40}
	fmt.Println("read:", read(array[:2], 3))
}
