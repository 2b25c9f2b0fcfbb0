package optimizing_test

import (
	"fmt"
	"sync"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleSharedLines() {
	const n, size, line, workers = 1 << 20, 8, 64, 8
	fmt.Println("in turns: ", optimizing.SharedLines(n, size, line, workers, optimizing.FalseShareStripes))
	fmt.Println("in pieces:", optimizing.SharedLines(n, size, line, workers, optimizing.FalseShareChunks))
	// Output:
	// in turns:  131072
	// in pieces: 0
}

// The piece of a worker is where the rule begins and ends to name it.
func ExampleFalseShareChunks() {
	squares := make([]int, 10)
	const workers = 3
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for i := range squares {
				if optimizing.FalseShareChunks(i, len(squares), workers) == worker {
					squares[i] = i * i
				}
			}
		})
	}
	all.Wait()
	fmt.Println(squares)
	// Output: [0 1 4 9 16 25 36 49 64 81]
}

func ExampleFalseShareStripes() {
	for i := range 5 {
		fmt.Print(optimizing.FalseShareStripes(i, 5, 2), " ")
	}
	fmt.Println()
	// Output: 0 1 0 1 0
}

// Blocks of 16 elements in turns: even load, and still no shared lines.
func ExampleFalseShareWriters() {
	var blocks optimizing.FalseShareWriters = func(i, n, workers int) int { return i / 16 % workers }
	fmt.Println(optimizing.SharedLines(4096, 8, 64, 4, blocks))
	// Output: 0
}
