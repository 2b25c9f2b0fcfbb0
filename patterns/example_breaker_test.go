package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleBreaker() {
	breaker := patterns.NewBreaker(patterns.BreakerConfig{MinCalls: 2, OpenFor: time.Hour})
	for range 4 {
		err := breaker.Do(context.Background(), func(context.Context) error {
			return errors.New("connection refused")
		})
		fmt.Println(err)
	}
	// Output:
	// connection refused
	// connection refused
	// circuit breaker: open
	// circuit breaker: open
}

// Only answers that say that the server is in trouble count.
func ExampleBreakerConfig() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/crash" {
			w.WriteHeader(http.StatusInternalServerError)
		} else {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	errServer, errClient := errors.New("server error"), errors.New("client error")
	breaker := patterns.NewBreaker(patterns.BreakerConfig{
		MinCalls:  3,
		IsFailure: func(err error) bool { return !errors.Is(err, errClient) },
	})
	get := func(ctx context.Context, path string) (int, error) {
		return patterns.BreakerDo(ctx, breaker, func(ctx context.Context) (int, error) {
			req, err := http.NewRequestWithContext(ctx, "GET", server.URL+path, nil)
			if err != nil {
				return 0, err
			}
			resp, err := server.Client().Do(req)
			if err != nil {
				return 0, err
			}
			defer resp.Body.Close()
			switch {
			case resp.StatusCode >= 500:
				return resp.StatusCode, errServer
			case resp.StatusCode >= 400:
				return resp.StatusCode, errClient
			}
			return resp.StatusCode, nil
		})
	}
	for _, path := range []string{"/missing", "/crash"} {
		for range 3 {
			_, _ = get(context.Background(), path)
		}
		fmt.Println(path, breaker.State())
	}
	// Output:
	// /missing closed
	// /crash open
}

func ExampleNewBreaker() {
	breaker := patterns.NewBreaker(patterns.BreakerConfig{}) // the defaults
	fmt.Println(breaker.State())
	// Output: closed
}

func ExampleBreakerDo() {
	breaker := patterns.NewBreaker(patterns.BreakerConfig{})
	price, err := patterns.BreakerDo(context.Background(), breaker, func(context.Context) (int, error) {
		return 42, nil // would ask the price service
	})
	fmt.Println(price, err)
	// Output: 42 <nil>
}

func ExampleBreaker_Do() {
	breaker := patterns.NewBreaker(patterns.BreakerConfig{MinCalls: 1, OpenFor: time.Millisecond})
	fail := func(context.Context) error { return errors.New("down") }
	work := func(context.Context) error { return nil }
	fmt.Println(breaker.Do(context.Background(), fail), breaker.State())
	time.Sleep(2 * time.Millisecond)
	fmt.Println(breaker.Do(context.Background(), work), breaker.State())
	// Output:
	// down open
	// <nil> closed
}

func ExampleBreaker_State() {
	breaker := patterns.NewBreaker(patterns.BreakerConfig{MinCalls: 1, OpenFor: time.Hour})
	_ = breaker.Do(context.Background(), func(context.Context) error { return errors.New("down") })
	fmt.Println(breaker.State() == patterns.BreakerOpen)
	// Output: true
}

func ExampleBreakerState() {
	breaker := patterns.NewBreaker(patterns.BreakerConfig{
		MinCalls: 1,
		OnChange: func(from, to patterns.BreakerState) { fmt.Println("from", from, "to", to) },
	})
	_ = breaker.Do(context.Background(), func(context.Context) error { return errors.New("down") })
	// Output: from closed to open
}

func ExampleBreakerState_String() {
	fmt.Println(patterns.BreakerHalfOpen.String())
	// Output: half-open
}
