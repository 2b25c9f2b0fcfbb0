package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

// The first call fails, and the next one tries again. After that the value
// stays.
func ExampleLazy() {
	tries := 0
	database := patterns.NewLazy(func(context.Context) (string, error) {
		if tries++; tries == 1 {
			return "", errors.New("no connection")
		}
		return "connected", nil
	})
	for range 3 {
		state, err := database.Get(context.Background())
		fmt.Printf("%q %v\n", state, err)
	}
	fmt.Println("tries:", tries)
	// Output:
	// "" no connection
	// "connected" <nil>
	// "connected" <nil>
	// tries: 2
}

// The context of the function ends when nobody waits for it any more.
func ExampleNewLazy() {
	database := patterns.NewLazy(func(ctx context.Context) (string, error) {
		<-ctx.Done() // a server that does not answer
		return "", ctx.Err()
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := database.Get(ctx)
	fmt.Println(err)
	// Output:
	// context deadline exceeded
}

func ExampleLazy_Get() {
	answer := patterns.NewLazy(func(context.Context) (int, error) {
		fmt.Println("computing")
		return 42, nil
	})
	fmt.Println(answer.Get(context.Background()))
	fmt.Println(answer.Get(context.Background()))
	// Output:
	// computing
	// 42 <nil>
	// 42 <nil>
}

// A health check can ask without starting anything.
func ExampleLazy_Done() {
	database := patterns.NewLazy(func(context.Context) (string, error) { return "connected", nil })
	fmt.Println(database.Done())
	database.Get(context.Background())
	fmt.Println(database.Done())
	// Output:
	// false
	// true
}
