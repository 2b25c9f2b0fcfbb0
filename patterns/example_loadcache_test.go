package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleLoadCache() {
	ctx := context.Background()
	users := patterns.NewLoadCache(func(_ context.Context, id int) (string, error) {
		fmt.Println("query for", id)
		return fmt.Sprint("user ", id), nil
	}, patterns.LoadCacheConfig{TTL: time.Hour})
	defer users.Close()

	var requests sync.WaitGroup
	for range 100 {
		requests.Go(func() { users.Get(ctx, 7) })
	}
	requests.Wait()
	fmt.Println(users.Get(ctx, 7))
	// Output:
	// query for 7
	// user 7 <nil>
}

// A service that is asked for many keys that do not exist keeps the answer for
// some seconds.
func ExampleLoadCacheConfig() {
	notFound := errors.New("not found")
	prices := patterns.NewLoadCache(func(_ context.Context, product string) (int, error) {
		fmt.Println("query for", product)
		return 0, notFound
	}, patterns.LoadCacheConfig{
		TTL:      time.Minute,     // as it is
		Stale:    time.Hour,       // old, while a new one is loaded or if that fails
		ErrorTTL: 5 * time.Second, // an error, or until the next try
	})
	defer prices.Close()
	for range 3 {
		fmt.Println(prices.Get(context.Background(), "tea"))
	}
	// Output:
	// query for tea
	// 0 not found
	// 0 not found
	// 0 not found
}

// Each caller waits only as long as its own context allows. Here it is the only
// one, so the load is cancelled.
func ExampleLoadCache_Get() {
	slow := patterns.NewLoadCache(func(ctx context.Context, key string) (int, error) {
		<-ctx.Done() // a query that takes for ever
		return 0, ctx.Err()
	}, patterns.LoadCacheConfig{TTL: time.Minute})
	defer slow.Close()

	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := slow.Get(ctx, "key")
	fmt.Println(err)
	// Output:
	// context deadline exceeded
}

func ExampleLoadCache_Remove() {
	price := 10
	prices := patterns.NewLoadCache(func(context.Context, string) (int, error) {
		return price, nil
	}, patterns.LoadCacheConfig{TTL: time.Hour})
	defer prices.Close()

	ctx := context.Background()
	fmt.Println(prices.Get(ctx, "tea"))
	price = 12
	prices.Remove("tea")
	fmt.Println(prices.Get(ctx, "tea"))
	// Output:
	// 10 <nil>
	// 12 <nil>
}

func ExampleLoadCache_Len() {
	squares := patterns.NewLoadCache(func(_ context.Context, n int) (int, error) {
		return n * n, nil
	}, patterns.LoadCacheConfig{TTL: time.Hour})
	defer squares.Close()
	for i := range 10 {
		squares.Get(context.Background(), i%3)
	}
	fmt.Println(squares.Len())
	// Output:
	// 3
}

func ExampleLoadCache_Close() {
	c := patterns.NewLoadCache(func(_ context.Context, n int) (int, error) {
		return n, nil
	}, patterns.LoadCacheConfig{TTL: time.Hour})
	c.Close()
	_, err := c.Get(context.Background(), 1)
	fmt.Println(err)
	// Output:
	// load cache is closed
}

// An error of the loader is returned, and not kept if there is no ErrorTTL.
func ExampleNewLoadCache() {
	users := patterns.NewLoadCache(func(_ context.Context, id int) (string, error) {
		if id < 0 {
			return "", errors.New("negative ID")
		}
		return fmt.Sprint("user ", id), nil
	}, patterns.LoadCacheConfig{TTL: time.Minute})
	defer users.Close()
	fmt.Println(users.Get(context.Background(), 7))
	fmt.Println(users.Get(context.Background(), -7))
	// Output:
	// user 7 <nil>
	//  negative ID
}
