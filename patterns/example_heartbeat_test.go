package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

// Three blocks arrive, then the sender falls silent.
func ExampleWatch() {
	blocks := make(chan string, 3)
	for _, block := range []string{"a", "b", "c"} {
		blocks <- block
	}
	received := ""
	err := patterns.Watch(context.Background(), 20*time.Millisecond, func(ctx context.Context, beat func()) error {
		for {
			select {
			case block := <-blocks:
				received += block
				beat()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	fmt.Println("received:", received)
	fmt.Println("stalled:", errors.Is(err, patterns.ErrStalled))
	// Output:
	// received: abc
	// stalled: true
}
