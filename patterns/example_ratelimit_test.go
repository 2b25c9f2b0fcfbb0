package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleRateLimiter() {
	limiter := patterns.NewRateLimiter(1, time.Hour, 3)
	for i := range 5 {
		fmt.Println("request", i, limiter.Allow())
	}
	// Output:
	// request 0 true
	// request 1 true
	// request 2 true
	// request 3 false
	// request 4 false
}

func ExampleNewRateLimiter() {
	// 1000 messages a minute, not more than 20 at once.
	limiter := patterns.NewRateLimiter(1000, time.Minute, 20)
	fmt.Println(limiter.AllowN(20), limiter.AllowN(20))
	// Output: true false
}

// A server tells its clients when to come back.
func ExampleRateLimiter_Allow() {
	limiter := patterns.NewRateLimiter(1, time.Minute, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !limiter.Allow() {
			seconds := math.Ceil(limiter.RetryAfter(1).Seconds())
			w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	for range 2 {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("Retry-After"))
	}
	// Output:
	// 200 ""
	// 429 "60"
}

func ExampleRateLimiter_AllowN() {
	kilobytes := patterns.NewRateLimiter(1, time.Hour, 100)
	fmt.Println(kilobytes.AllowN(70), kilobytes.AllowN(70), kilobytes.AllowN(30))
	// Output: true false true
}

// A turn that comes too late is refused at once.
func ExampleRateLimiter_Wait() {
	limiter := patterns.NewRateLimiter(1, time.Hour, 1)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println(limiter.Wait(ctx))
	err := limiter.Wait(ctx)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output:
	// <nil>
	// true
}

func ExampleRateLimiter_WaitN() {
	limiter := patterns.NewRateLimiter(10_000, time.Second, 50)
	start := time.Now()
	for range 3 {
		if err := limiter.WaitN(context.Background(), 50); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("at least 10ms:", time.Since(start) >= 10*time.Millisecond)
	// Output: at least 10ms: true
}

func ExampleRateLimiter_RetryAfter() {
	limiter := patterns.NewRateLimiter(1, time.Hour, 1)
	fmt.Println(limiter.RetryAfter(1))
	limiter.Allow()
	fmt.Println(limiter.RetryAfter(1).Round(time.Minute))
	// Output:
	// 0s
	// 1h0m0s
}

func ExampleKeyRateLimiter() {
	limiter := patterns.NewKeyRateLimiter[string](1, time.Hour, 2)
	for _, client := range []string{"ann", "ann", "ann", "bob"} {
		fmt.Println(client, limiter.Allow(client))
	}
	// Output:
	// ann true
	// ann true
	// ann false
	// bob true
}

func ExampleNewKeyRateLimiter() {
	limiter := patterns.NewKeyRateLimiter[int](100, time.Second, 10)
	fmt.Println(limiter.Allow(7))
	// Output: true
}

func ExampleKeyRateLimiter_Allow() {
	limiter := patterns.NewKeyRateLimiter[string](1, time.Hour, 1)
	fmt.Println(limiter.Allow("login ann"), limiter.Allow("login ann"))
	// Output: true false
}

func ExampleKeyRateLimiter_Len() {
	limiter := patterns.NewKeyRateLimiter[string](1, time.Hour, 1)
	limiter.Allow("ann")
	limiter.Allow("bob")
	fmt.Println(limiter.Len())
	// Output: 2
}
