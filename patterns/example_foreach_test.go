package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleForEach() {
	words := []string{"go", "gopher", "channel"}
	var letters atomic.Int64
	err := patterns.ForEach(context.Background(), 2, words, func(_ context.Context, word string) error {
		letters.Add(int64(len(word)))
		return nil
	})
	fmt.Println("letters:", letters.Load(), "error:", err)
	// Output: letters: 15 error: <nil>
}

// The first error is returned, and cancels the other calls.
func ExampleForEach_error() {
	ids := []int{1, 2, 3}
	err := patterns.ForEach(context.Background(), len(ids), ids, func(ctx context.Context, id int) error {
		if id == 2 {
			return errors.New("2 is missing")
		}
		<-ctx.Done() // a real call would give ctx to what it calls
		return ctx.Err()
	})
	fmt.Println(err)
	// Output: 2 is missing
}

func ExampleMap() {
	upper, err := patterns.Map(context.Background(), 2, []string{"a", "b", "c"}, func(_ context.Context, s string) (string, error) {
		return strings.ToUpper(s), nil
	})
	fmt.Println(upper, err)
	// Output: [A B C] <nil>
}

func ExampleForEachSeq() {
	var sum atomic.Int64
	lines := strings.Lines("10\n20\n30\n")
	err := patterns.ForEachSeq(context.Background(), 2, lines, func(_ context.Context, line string) error {
		var n int64
		if _, err := fmt.Sscan(line, &n); err != nil {
			return err
		}
		sum.Add(n)
		return nil
	})
	fmt.Println("sum:", sum.Load(), "error:", err)
	// Output: sum: 60 error: <nil>
}

func ExampleMapSeq() {
	lengths, err := patterns.MapSeq(context.Background(), 2, strings.FieldsSeq("one three fifteen"), func(_ context.Context, s string) (int, error) {
		return len(s), nil
	})
	fmt.Println(lengths, err)
	// Output: [3 5 7] <nil>
}
