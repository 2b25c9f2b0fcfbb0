package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleBulkhead() {
	reports := patterns.NewBulkhead(1, 0) // one at a time, nobody waits
	err := reports.Do(context.Background(), func(ctx context.Context) error {
		// A second call while this one runs.
		return reports.Do(ctx, func(context.Context) error { return nil })
	})
	fmt.Println(err)
	// Output: bulkhead: full
}

// A handler that answers 503 instead of piling up requests.
func ExampleBulkhead_http() {
	search := patterns.NewBulkhead(1, 0)
	var handler http.HandlerFunc
	handler = func(w http.ResponseWriter, r *http.Request) {
		err := search.Do(r.Context(), func(context.Context) error {
			if r.URL.Path == "/slow" { // another request comes meanwhile
				second := httptest.NewRecorder()
				handler(second, httptest.NewRequest("GET", "/fast", nil))
				fmt.Println("second request:", second.Code)
			}
			return nil
		})
		if errors.Is(err, patterns.ErrBulkheadFull) {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	first := httptest.NewRecorder()
	handler(first, httptest.NewRequest("GET", "/slow", nil))
	fmt.Println("first request:", first.Code)
	// Output:
	// second request: 503
	// first request: 200
}

func ExampleNewBulkhead() {
	database := patterns.NewBulkhead(20, 100)
	fmt.Println(database.Len())
	// Output: 0
}

func ExampleBulkheadDo() {
	prices := patterns.NewBulkhead(10, 20)
	price, err := patterns.BulkheadDo(context.Background(), prices, func(context.Context) (int, error) {
		return 42, nil
	})
	fmt.Println(price, err)
	// Output: 42 <nil>
}

func ExampleBulkhead_Do() {
	b := patterns.NewBulkhead(10, 20)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := b.Do(ctx, func(context.Context) error { return nil })
	fmt.Println(err)
	// Output: context canceled
}

func ExampleBulkhead_Len() {
	b := patterns.NewBulkhead(10, 20)
	_ = b.Do(context.Background(), func(context.Context) error {
		fmt.Println(b.Len())
		return nil
	})
	fmt.Println(b.Len())
	// Output:
	// 1
	// 0
}
