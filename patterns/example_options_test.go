package patterns_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleNewFetcher() {
	fetcher, err := patterns.NewFetcher("https://example.com",
		patterns.WithFetchTimeout(5*time.Second),
		patterns.WithFetchHeader("Accept", "text/plain"))
	fmt.Println(fetcher != nil, err)
	// Output: true <nil>
}

// All mistakes are reported at once.
func ExampleNewFetcher_invalid() {
	_, err := patterns.NewFetcher("example.com", patterns.WithFetchTimeout(-time.Second))
	fmt.Println(err)
	// Output:
	// base URL "example.com" is not an absolute http or https one
	// fetch timeout -1s is negative
}

// An option can be chosen by a condition, because nil is skipped.
func ExampleFetcherOption() {
	for _, small := range []bool{false, true} {
		var limit patterns.FetcherOption
		if small {
			limit = patterns.WithFetchLimit(1 << 10)
		}
		_, err := patterns.NewFetcher("https://example.com", limit)
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// <nil>
}

// A server that says what it was asked, for the examples below.
func startFetcherEcho() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.URL.Path, " for ", r.Header.Get("User-Agent"))
	}))
}

func ExampleFetcher() {
	server := startFetcherEcho()
	defer server.Close()
	fetcher, err := patterns.NewFetcher(server.URL, patterns.WithFetchClient(server.Client()), patterns.WithFetchHeader("User-Agent", "gopher"))
	if err != nil {
		panic(err)
	}
	document, err := fetcher.Get(context.Background(), "index")
	fmt.Printf("%s %v\n", document, err)
	// Output: /index for gopher <nil>
}

func ExampleFetcher_Get() {
	server := startFetcherEcho()
	defer server.Close()
	fetcher, err := patterns.NewFetcher(server.URL, patterns.WithFetchClient(server.Client()), patterns.WithFetchLimit(5))
	if err != nil {
		panic(err)
	}
	_, err = fetcher.Get(context.Background(), "too/long")
	fmt.Println(err != nil)
	// Output: true
}

// Zero is no timeout, and not the default: nothing else could ask for it.
func ExampleWithFetchTimeout() {
	_, err := patterns.NewFetcher("https://example.com", patterns.WithFetchTimeout(0))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleWithFetchLimit() {
	_, err := patterns.NewFetcher("https://example.com", patterns.WithFetchLimit(-1))
	fmt.Println(err)
	// Output: fetch limit -1 is negative
}

func ExampleWithFetchHeader() {
	_, err := patterns.NewFetcher("https://example.com", patterns.WithFetchHeader("", "value"))
	fmt.Println(err)
	// Output: fetch header has no key
}

func ExampleWithFetchClient() {
	_, err := patterns.NewFetcher("https://example.com", patterns.WithFetchClient(nil))
	fmt.Println(err)
	// Output: fetch client is nil
}

// A bundle has a name, and an option after it can still override a part.
func ExampleWithFetchOptions() {
	impatient := patterns.WithFetchOptions(patterns.WithFetchTimeout(time.Second), patterns.WithFetchLimit(1<<16))
	_, err := patterns.NewFetcher("https://example.com", impatient, patterns.WithFetchLimit(1<<20))
	fmt.Println(err)
	// Output: <nil>
}
