package patterns_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

// The first wrapper is the outermost one.
func ExampleChain() {
	tag := func(name string) func(func(string) string) func(string) string {
		return func(next func(string) string) func(string) string {
			return func(text string) string { return "<" + name + ">" + next(text) + "</" + name + ">" }
		}
	}
	render := patterns.Chain(strings.ToUpper, tag("p"), tag("b"))
	fmt.Println(render("text"))
	// Output: <p><b>TEXT</b></p>
}

func ExampleChain_http() {
	logged := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Println("begin", r.Method, r.URL.Path)
			defer fmt.Println("end")
			next.ServeHTTP(w, r)
		})
	}
	onlyGet := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				http.Error(w, "only GET", http.StatusMethodNotAllowed)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	server := patterns.Chain[http.Handler](http.NotFoundHandler(), logged, onlyGet)
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, httptest.NewRequest("DELETE", "/users", nil))
	fmt.Println(answer.Code)
	// Output:
	// begin DELETE /users
	// end
	// 405
}

func ExampleCall() {
	var length patterns.Call[string, int] = func(_ context.Context, s string) (int, error) { return len(s), nil }
	n, err := length(context.Background(), "gopher")
	fmt.Println(n, err)
	// Output: 6 <nil>
}

// RecoverCall is innermost, so the observer sees a panic as an error.
func ExampleRecoverCall() {
	divide := func(_ context.Context, n int) (int, error) { return 100 / n, nil }
	call := patterns.Chain(divide,
		patterns.ObserveCall[int, int](func(_ context.Context, _ time.Duration, err error) {
			fmt.Println("failed:", err != nil)
		}),
		patterns.RecoverCall)
	for _, n := range []int{5, 0} {
		result, err := call(context.Background(), n)
		first, _, _ := strings.Cut(fmt.Sprint(err), "\n")
		fmt.Println(result, first)
	}
	// Output:
	// failed: false
	// 20 <nil>
	// failed: true
	// 0 call panicked: runtime error: integer divide by zero
}

func ExampleObserveCall() {
	calls := 0
	count := patterns.ObserveCall[string, int](func(context.Context, time.Duration, error) { calls++ })
	length := patterns.Chain(func(_ context.Context, s string) (int, error) { return len(s), nil }, count)
	for _, word := range []string{"a", "chain"} {
		n, err := length(context.Background(), word)
		fmt.Println(n, err)
	}
	fmt.Println("calls:", calls)
	// Output:
	// 1 <nil>
	// 5 <nil>
	// calls: 2
}
