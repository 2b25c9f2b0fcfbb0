// Command copied counts on a copy.
package main

import (
	"fmt"
	"sync/atomic"
)

type hits struct{ n atomic.Int64 }

func (h hits) incByValue()    { h.n.Add(1) }
func (h *hits) incByPointer() { h.n.Add(1) }

func use(hits) {}

func main() {
	var h hits
	h.incByValue()
	fmt.Println("value receiver:", h.n.Load())
	h.incByPointer()
	fmt.Println("pointer receiver:", h.n.Load())

	assigned := h
	assigned.incByPointer()
	fmt.Println("assigned:", assigned.n.Load())
	use(assigned)
	for _, ranged := range []hits{} {
		ranged.incByPointer()
	}
}
