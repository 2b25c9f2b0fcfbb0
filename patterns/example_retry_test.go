package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleRetry() {
	calls := 0
	greeting, err := patterns.Retry(context.Background(), patterns.RetryPolicy{
		Delay: patterns.RetryBackoff(time.Millisecond, time.Second),
	}, func(context.Context) (string, error) {
		if calls++; calls < 3 {
			return "", errors.New("connection refused")
		}
		return "hello", nil
	})
	fmt.Println(greeting, err, "after", calls, "calls")
	// Output: hello <nil> after 3 calls
}

// An HTTP GET: which answers are worth a retry, and how long the server wants to
// be left alone.
func ExampleRetry_http() {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, "welcome")
	}))
	defer server.Close()
	get := func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // for each attempt
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
		if err != nil {
			return "", patterns.RetryPermanent(err)
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		switch status := errors.New(resp.Status); {
		case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusServiceUnavailable:
			seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
			return "", patterns.RetryAfter(status, time.Duration(seconds)*time.Second)
		case resp.StatusCode >= 500:
			return "", status
		case resp.StatusCode >= 400:
			return "", patterns.RetryPermanent(status)
		}
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}
	policy := patterns.RetryPolicy{Delay: patterns.RetryBackoff(time.Millisecond, time.Second)}
	body, err := patterns.Retry(context.Background(), policy, get)
	fmt.Println(body, err, "after", requests, "requests")
	// Output: welcome <nil> after 2 requests
}

func ExampleRetryPolicy() {
	policy := patterns.RetryPolicy{
		Attempts: 3,
		Delay:    func(n int) time.Duration { return time.Duration(n) * time.Millisecond },
		OnRetry: func(n int, err error, delay time.Duration) {
			fmt.Println("retry", n, "in", delay, "after:", err)
		},
	}
	_, err := patterns.Retry(context.Background(), policy, func(context.Context) (int, error) {
		return 0, errors.New("timeout")
	})
	fmt.Println(err)
	// Output:
	// retry 1 in 1ms after: timeout
	// retry 2 in 2ms after: timeout
	// retry: 3 attempts failed, the last one: timeout
}

func ExampleRetryBackoff() {
	delay := patterns.RetryBackoff(100*time.Millisecond, 10*time.Second)
	fmt.Println(delay(1) < 100*time.Millisecond)
	fmt.Println(delay(2) < 200*time.Millisecond)
	fmt.Println(delay(50) < 10*time.Second)
	// Output:
	// true
	// true
	// true
}

func ExampleRetryPermanent() {
	policy := patterns.RetryPolicy{Delay: patterns.RetryBackoff(time.Millisecond, time.Second)}
	calls := 0
	_, err := patterns.Retry(context.Background(), policy, func(context.Context) (int, error) {
		calls++
		return strconv.Atoi("twelve")
	})
	fmt.Println(calls, errors.Is(err, strconv.ErrSyntax))

	calls = 0
	_, err = patterns.Retry(context.Background(), policy, func(context.Context) (int, error) {
		calls++
		n, err := strconv.Atoi("twelve")
		return n, patterns.RetryPermanent(err)
	})
	fmt.Println(calls, errors.Is(err, strconv.ErrSyntax))
	// Output:
	// 3 true
	// 1 true
}

func ExampleRetryAfter() {
	calls := 0
	start := time.Now()
	policy := patterns.RetryPolicy{Delay: patterns.RetryBackoff(time.Millisecond, time.Second)}
	_, _ = patterns.Retry(context.Background(), policy, func(context.Context) (int, error) {
		if calls++; calls == 1 {
			return 0, patterns.RetryAfter(errors.New("busy"), 5*time.Millisecond)
		}
		return 0, nil
	})
	fmt.Println("waited at least 5ms:", time.Since(start) >= 5*time.Millisecond)
	// Output: waited at least 5ms: true
}

func ExampleRetryBudget() {
	budget := patterns.NewRetryBudget(0.1, 2) // shared by all calls to one service
	policy := patterns.RetryPolicy{Budget: budget, Delay: func(int) time.Duration { return 0 }}
	attempts := 0
	for range 100 {
		_, _ = patterns.Retry(context.Background(), policy, func(context.Context) (int, error) {
			attempts++
			return 0, errors.New("down")
		})
	}
	fmt.Println(attempts <= 100+10+2)
	// Output: true
}

func ExampleNewRetryBudget() {
	policy := patterns.RetryPolicy{Budget: patterns.NewRetryBudget(0, 0)} // no retries
	_, err := patterns.Retry(context.Background(), policy, func(context.Context) (int, error) {
		return 0, errors.New("down")
	})
	fmt.Println(err, errors.Is(err, patterns.ErrRetryBudget))
	// Output: retry: retry budget is used up after 1 attempts, the last one: down true
}
