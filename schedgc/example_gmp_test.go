package schedgc_test

import (
	"fmt"
	"maps"
	"slices"

	"github.com/go-deep-dive/godeep/schedgc"
)

// Counting the states shows at a glance what a hanging program waits for.
func ExampleParseGoroutines() {
	traceback := `goroutine 1 [sync.WaitGroup.Wait, 5 minutes]:
main.main()

goroutine 7 [sync.Mutex.Lock, 5 minutes]:
main.transfer(...)

goroutine 8 [sync.Mutex.Lock, 5 minutes]:
main.transfer(...)
`
	states := make(map[string]int)
	for _, g := range schedgc.ParseGoroutines(traceback) {
		states[g.State]++
	}
	for _, state := range slices.Sorted(maps.Keys(states)) {
		fmt.Println(states[state], state)
	}
	// Output:
	// 2 sync.Mutex.Lock
	// 1 sync.WaitGroup.Wait
}

// The header tells the number, the state and more.
func ExampleGoroutineHeader() {
	for _, g := range schedgc.ParseGoroutines("goroutine 17 [select, 3 minutes, locked to thread]:") {
		fmt.Printf("%+v\n", g)
	}
	// Output:
	// {ID:17 State:select Minutes:3 Locked:true}
}
