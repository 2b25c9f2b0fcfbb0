package concurrency_test

import (
	"bytes"
	"fmt"
	"sync"
)

// A used buffer still has its contents, so it is reset before it is used, and what
// is returned is a copy.
func Example_pool() {
	buffers := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	greet := func(name string) string {
		b := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(b)
		b.Reset()
		b.WriteString("hello ")
		b.WriteString(name)
		return b.String()
	}
	fmt.Println(greet("Ada"))
	fmt.Println(greet("Bob"))
	// Output:
	// hello Ada
	// hello Bob
}
