package patterns_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-deep-dive/godeep/patterns"
)

// Two calls run side by side, and each result is awaited where it is needed.
func ExampleFuture() {
	ctx := context.Background()
	user := patterns.StartFuture(ctx, func(ctx context.Context) (string, error) { return "gopher", nil })
	orders := patterns.StartFuture(ctx, func(ctx context.Context) (int, error) { return 3, nil })

	name, err := user.Await(ctx)
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	n, err := orders.Await(ctx)
	fmt.Println(name, "has", n, "orders, error:", err)
	// Output:
	// gopher has 3 orders, error: <nil>
}

func ExampleStartFuture() {
	future := patterns.StartFuture(context.Background(), func(ctx context.Context) (int, error) {
		return 0, errors.New("no route to host")
	})
	_, err := future.Await(context.Background())
	fmt.Println("error:", err)
	// Output:
	// error: no route to host
}

// A panic of the function is a panic of Await, where it can be recovered.
func ExampleFuture_Await() {
	errBroken := errors.New("broken invariant")
	future := patterns.StartFuture(context.Background(), func(ctx context.Context) (int, error) { panic(errBroken) })
	defer func() {
		err := recover().(error)
		fmt.Println("recovered:", errors.Is(err, errBroken))
	}()
	future.Await(context.Background())
	// Output:
	// recovered: true
}

// A select that takes the result if it is there, and goes on otherwise.
func ExampleFuture_Done() {
	release := make(chan struct{})
	future := patterns.StartFuture(context.Background(), func(ctx context.Context) (int, error) {
		<-release
		return 7, nil
	})
	select {
	case <-future.Done():
		fmt.Println("ready")
	default:
		fmt.Println("not yet")
	}
	close(release)
	<-future.Done()
	fmt.Println(future.Await(context.Background()))
	// Output:
	// not yet
	// 7 <nil>
}

// Whoever starts a future ends it, if its result is not needed any more.
func ExampleFuture_Cancel() {
	future := patterns.StartFuture(context.Background(), func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	future.Cancel()
	_, err := future.Await(context.Background())
	fmt.Println(errors.Is(err, context.Canceled), err)
	// Output:
	// true future: context canceled
}

func ExampleAwaitAll() {
	ctx := context.Background()
	var futures []*patterns.Future[int]
	for n := range 4 {
		futures = append(futures, patterns.StartFuture(ctx, func(ctx context.Context) (int, error) { return n * n, nil }))
	}
	fmt.Println(patterns.AwaitAll(ctx, futures...))
	// Output:
	// [0 1 4 9] <nil>
}
