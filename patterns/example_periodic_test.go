package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleEvery() {
	done := errors.New("enough")
	calls := 0
	err := patterns.Every(context.Background(), time.Millisecond, func(context.Context) error {
		if calls++; calls == 3 {
			return done
		}
		return nil
	})
	fmt.Println("calls:", calls, "error:", err)
	// Output: calls: 3 error: enough
}
