// Loopvar has the same loop twice, in a file of Go 1.21 and in one of Go 1.22.
package main

import "fmt"

func main() {
	fmt.Print("1.21:")
	old()
	fmt.Println()
	fmt.Print("1.22:")
	now()
	fmt.Println()
}
