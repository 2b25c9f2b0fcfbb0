// Atomic386 adds to two 64-bit counters that lie behind a 32-bit one. Built for
// 386, the plain int64 is at an offset of 4, which its atomic addition refuses.
package main

import (
	"fmt"
	"sync/atomic"
)

var typed struct {
	_ int32
	n atomic.Int64
}

var plain = new(struct { // on the heap: the offset is what is badly aligned
	_ int32
	n int64
})

func main() {
	fmt.Println("atomic.Int64:", typed.n.Add(1))
	defer func() { fmt.Println("atomic.AddInt64: panic:", recover()) }()
	fmt.Println("atomic.AddInt64:", atomic.AddInt64(&plain.n, 1))
}
