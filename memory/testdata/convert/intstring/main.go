// Command intstring holds a mistake on purpose: go vet reports it.
package main

import "fmt"

func main() {
	answer := 65
	fmt.Println("the answer is " + string(answer))
}
