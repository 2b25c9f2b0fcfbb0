package patterns_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleIdempotency() {
	payments := patterns.NewIdempotency[int, string](24 * time.Hour)
	pay := func(context.Context) (string, error) {
		fmt.Println("paying")
		return "receipt 1", nil
	}
	for range 3 {
		fmt.Println(payments.Do(context.Background(), "key of the client", 100, pay))
	}
	// Output:
	// paying
	// receipt 1 false <nil>
	// receipt 1 true <nil>
	// receipt 1 true <nil>
}

// A handler takes the key from a header and compares bodies by their hash.
func ExampleIdempotency_Do() {
	orders := patterns.NewIdempotency[[sha256.Size]byte, string](24 * time.Hour)
	handle := func(w http.ResponseWriter, r *http.Request) {
		body := []byte(r.FormValue("item"))
		receipt, replayed, err := orders.Do(r.Context(), r.Header.Get("Idempotency-Key"), sha256.Sum256(body),
			func(context.Context) (string, error) { return "ordered " + string(body), nil })
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		fmt.Fprint(w, receipt, ", replayed: ", replayed)
	}
	for _, item := range []string{"tea", "tea", "coffee"} {
		r := httptest.NewRequest("POST", "/orders", strings.NewReader("item="+item))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Idempotency-Key", "7")
		w := httptest.NewRecorder()
		handle(w, r)
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	// Output:
	// 200 ordered tea, replayed: false
	// 200 ordered tea, replayed: true
	// 422 idempotency key was used with another request
}

// An error frees the key, so that the client can try again.
func ExampleNewIdempotency() {
	payments := patterns.NewIdempotency[int, string](24 * time.Hour)
	tries := 0
	pay := func(context.Context) (string, error) {
		if tries++; tries == 1 {
			return "", fmt.Errorf("bank is down")
		}
		return "receipt", nil
	}
	for range 3 {
		receipt, replayed, err := payments.Do(context.Background(), "k", 100, pay)
		fmt.Printf("%q %t %v\n", receipt, replayed, err)
	}
	// Output:
	// "" false bank is down
	// "receipt" false <nil>
	// "receipt" true <nil>
}

func ExampleIdempotency_Len() {
	payments := patterns.NewIdempotency[int, int](time.Hour)
	for i := range 6 {
		payments.Do(context.Background(), fmt.Sprint("order ", i/2), 100, func(context.Context) (int, error) { return i, nil })
	}
	fmt.Println(payments.Len())
	// Output:
	// 3
}
