package memory_test

import (
	"fmt"
	"sync"
)

// Room for every result lets the goroutines end that nobody waits for. Without
// a capacity the second sender would wait for ever, and be a leak.
func Example_leakCure() {
	replies := make(chan string, 2)
	var senders sync.WaitGroup
	for _, name := range []string{"one", "other"} {
		senders.Go(func() { replies <- name })
	}
	<-replies // the caller needs one reply only
	senders.Wait()
	fmt.Println("replies that nobody took:", len(replies))
	// Output:
	// replies that nobody took: 1
}
