// A method with a value receiver reads the whole struct, also the fields that it
// does not use. With the argument "pointer" the method with a pointer receiver is
// called instead.
package main

import (
	"fmt"
	"os"
)

type account struct {
	id      string // never changes
	balance int
}

//go:noinline
func (a account) idByValue() string { return a.id }

//go:noinline
func (a *account) idByPointer() string { return a.id }

func main() {
	a := &account{id: "a1"}
	id := func() string { return a.idByValue() }
	if len(os.Args) > 1 {
		id = a.idByPointer
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.balance++
	}()
	fmt.Println(id())
	<-done
}
