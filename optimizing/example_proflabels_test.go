package optimizing_test

import (
	"context"
	"fmt"
	"runtime/pprof"
)

// The labels are in the context that Do passes on: pass it to the next Do, and
// both sets are in force.
func Example_profLabels() {
	pprof.Do(context.Background(), pprof.Labels("route", "/orders"), func(ctx context.Context) {
		pprof.Do(ctx, pprof.Labels("step", "render"), func(ctx context.Context) {
			pprof.ForLabels(ctx, func(key, value string) bool {
				fmt.Println(key, "is", value)
				return true
			})
		})
	})
	// Output:
	// route is /orders
	// step is render
}
