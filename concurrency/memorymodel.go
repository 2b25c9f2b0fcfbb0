package concurrency

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A litmus test is a few loads and stores in two or more goroutines, and a
// question: can this outcome be seen? Here is what runs one: once as a model,
// with every order of the operations that keeps the order within each goroutine,
// and many times for real.

// litmusModel calls visit with the final registers for each interleaving of the
// threads. A step reads and writes the memory and the registers of the model.
func litmusModel(threads [][]litmusStep, visit func(registers [4]int)) {
	var run func(positions []int, memory, registers [4]int)
	run = func(positions []int, memory, registers [4]int) {
		finished := true
		for i, p := range positions {
			if p == len(threads[i]) {
				continue
			}
			finished = false
			m, r := memory, registers
			threads[i][p](&m, &r)
			positions[i]++
			run(positions, m, r)
			positions[i]--
		}
		if finished {
			visit(registers)
		}
	}
	run(make([]int, len(threads)), [4]int{}, [4]int{})
}

type litmusStep func(memory, registers *[4]int)

func litmusStore(place, value int) litmusStep {
	return func(memory, _ *[4]int) { memory[place] = value }
}

func litmusLoad(place, register int) litmusStep {
	return func(memory, registers *[4]int) { registers[register] = memory[place] }
}

// litmusRun runs the threads as goroutines. They wait for each other before each
// batch of rounds, so that they run it at the same time.
func litmusRun(rounds int, threads ...func(round int)) {
	const batch, maxSpins = 16, 20
	var arrived atomic.Int64
	var all sync.WaitGroup
	for _, thread := range threads {
		all.Go(func() {
			for round := range rounds {
				if round%batch == 0 {
					arrived.Add(1)
					for spins := 0; arrived.Load() < int64((round/batch+1)*len(threads)); spins++ {
						if spins > maxSpins {
							runtime.Gosched()
						}
					}
				}
				thread(round)
			}
		})
	}
	all.Wait()
}
