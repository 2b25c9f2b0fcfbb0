package memory_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/go-deep-dive/godeep/memory"
)

func ExamplePaddedCounter() {
	var perWorker [4]memory.PaddedCounter
	var workers sync.WaitGroup
	for i := range perWorker {
		workers.Go(func() {
			for range 1000 {
				perWorker[i].Add(1)
			}
		})
	}
	workers.Wait()
	total := int64(0)
	for i := range perWorker {
		total += perWorker[i].Load()
	}
	fmt.Println(total)
	// Output: 4000
}

func ExampleCacheLinePad() {
	var queue struct {
		head atomic.Uint64 // written by the consumer
		_    memory.CacheLinePad
		tail atomic.Uint64 // written by the producer
	}
	fmt.Println("distance of at least a line:", unsafe.Offsetof(queue.tail)-unsafe.Offsetof(queue.head) > 128)
	// Output: distance of at least a line: true
}
