package patterns_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleFlight() {
	var users patterns.Flight[int, string]
	name, shared, err := users.Do(context.Background(), 7, func(context.Context) (string, error) {
		return "gopher", nil // a query that is not sent twice at a time
	})
	fmt.Println(name, shared, err)
	// Output:
	// gopher false <nil>
}

// Look into the cache again inside the function. A request can miss, be
// delayed, and call Do when the call that filled the cache has just ended:
// nothing is left to join, and it would load once more. With the second look
// there is one query, however the requests are scheduled.
//
//claim:ask Cache in front, single flight behind: why is the same entry still loaded twice now and then?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.Do
func ExampleFlight_checkAgain() {
	var cache sync.Map
	var users patterns.Flight[int, string]
	var queries atomic.Int64
	load := func(context.Context) (string, error) {
		if name, ok := cache.Load(7); ok {
			return name.(string), nil
		}
		queries.Add(1)
		cache.Store(7, "gopher")
		return "gopher", nil
	}
	var requests sync.WaitGroup
	for range 100 {
		requests.Go(func() {
			if _, ok := cache.Load(7); !ok {
				users.Do(context.Background(), 7, load)
			}
		})
	}
	requests.Wait()
	fmt.Println("queries:", queries.Load())
	// Output:
	// queries: 1
}

// Each caller waits only as long as its own context allows.
func ExampleFlight_Do() {
	var reports patterns.Flight[string, string]
	started, finish := make(chan bool), make(chan bool)
	build := func(ctx context.Context) (string, error) {
		close(started)
		<-finish
		return "report", ctx.Err()
	}
	var patient sync.WaitGroup
	patient.Go(func() {
		report, _, err := reports.Do(context.Background(), "2026", build)
		fmt.Println("patient:", report, err)
	})

	<-started
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, _, err := reports.Do(ctx, "2026", build)
	fmt.Println("impatient:", err)
	close(finish)
	patient.Wait()
	// Output:
	// impatient: context deadline exceeded
	// patient: report <nil>
}

func ExampleFlight_Forget() {
	var prices patterns.Flight[string, int]
	price := 10
	read := func(context.Context) (int, error) { return price, nil }

	old, _, _ := prices.Do(context.Background(), "tea", func(ctx context.Context) (int, error) {
		was, _ := read(ctx)
		// The price is changed while it is being read.
		price = 12
		prices.Forget("tea")
		now, shared, _ := prices.Do(ctx, "tea", read)
		fmt.Println("after the change:", now, shared)
		return was, nil
	})
	fmt.Println("began before it:", old)
	// Output:
	// after the change: 12 false
	// began before it: 10
}
