package memory_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/memory"
)

func ExampleShrink() {
	sessions := map[int]string{}
	for id := range 10_000 {
		sessions[id] = "open"
	}
	for id := range 9_998 {
		delete(sessions, id)
	}
	sessions = memory.Shrink(sessions) // the large table can be collected now
	fmt.Println(sessions)
	// Output: map[9998:open 9999:open]
}
