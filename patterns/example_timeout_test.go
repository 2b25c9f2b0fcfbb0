package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleTimeout() {
	for _, took := range []time.Duration{time.Millisecond, time.Hour} {
		answer, err := patterns.Timeout(context.Background(), 50*time.Millisecond, func(ctx context.Context) (string, error) {
			select {
			case <-time.After(took):
				return "an answer", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		})
		fmt.Printf("%q %v\n", answer, err)
	}
	// Output:
	// "an answer" <nil>
	// "" no result within 50ms: context deadline exceeded
}

// Only a timeout of this call is worth another attempt.
func ExampleTimeoutError() {
	_, err := patterns.Timeout(context.Background(), time.Millisecond, func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	})
	if timeout, ok := errors.AsType[*patterns.TimeoutError](err); ok {
		fmt.Println("try another server, limit was", timeout.Limit)
	}
	// Output: try another server, limit was 1ms
}

func ExampleTimeoutError_Error() {
	err := &patterns.TimeoutError{Limit: time.Second, Err: errors.New("dial tcp: lookup")}
	fmt.Println(err.Error())
	// Output: no result within 1s: dial tcp: lookup
}

func ExampleTimeoutError_Unwrap() {
	err := &patterns.TimeoutError{Limit: time.Second, Err: context.DeadlineExceeded}
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

func ExampleTimeoutError_Timeout() {
	var err error = &patterns.TimeoutError{Limit: time.Second}
	timeout, ok := err.(interface{ Timeout() bool })
	fmt.Println(ok && timeout.Timeout())
	// Output: true
}
