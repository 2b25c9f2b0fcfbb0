package patterns_test

import (
	"context"
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleHedge() {
	replicas := []time.Duration{time.Minute, time.Millisecond} // the first one is stuck
	answer, err := patterns.Hedge(context.Background(), 10*time.Millisecond, len(replicas),
		func(ctx context.Context, call int) (string, error) {
			select {
			case <-time.After(replicas[call]):
				return fmt.Sprintf("answer of replica %d", call), nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		})
	fmt.Println(answer, err)
	// Output: answer of replica 1 <nil>
}
