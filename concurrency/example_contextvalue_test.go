package concurrency_test

import (
	"context"
	"fmt"
)

type requestIDKey struct{}

func withRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

func requestID(ctx context.Context) string {
	id, ok := ctx.Value(requestIDKey{}).(string)
	if !ok {
		return "none"
	}
	return id
}

// A key type of its own and two functions: callers see neither the key nor a
// type assertion. A value that is set again hides the outer one.
func Example_contextValueAccessors() {
	outer := withRequestID(context.Background(), "r-1")
	inner := withRequestID(outer, "r-2")
	fmt.Println("inner:", requestID(inner))
	fmt.Println("outer:", requestID(outer))
	fmt.Println("root:", requestID(context.Background()))
	// Output:
	// inner: r-2
	// outer: r-1
	// root: none
}
