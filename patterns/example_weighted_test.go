package patterns_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/go-deep-dive/godeep/patterns"
)

// At most 64 megabytes of images are decoded at a time.
func ExampleForEachWeighted() {
	type image struct {
		name      string
		megabytes int64
	}
	images := []image{{"icon", 1}, {"photo", 48}, {"poster", 200}}
	var done atomic.Int64
	err := patterns.ForEachWeighted(context.Background(), 64, images,
		func(i image) int64 { return i.megabytes },
		func(_ context.Context, i image) error {
			done.Add(1)
			return nil
		})
	fmt.Println("decoded:", done.Load(), "error:", err)
	// Output: decoded: 3 error: <nil>
}
