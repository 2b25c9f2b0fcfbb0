package patterns_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-deep-dive/godeep/patterns"
)

// Eight requests at a time, handled in order, until the first error.
func ExampleMapOrdered() {
	fetch := func(ctx context.Context, url string) (string, error) {
		if strings.Contains(url, "missing") {
			return "", fmt.Errorf("get %s: not found", url)
		}
		return "page " + url, nil
	}
	urls := slices.Values([]string{"/a", "/b", "/missing", "/c"})
	for page, err := range patterns.MapOrdered(context.Background(), 8, urls, fetch) {
		if err != nil {
			fmt.Println("error:", err)
			break // cancels the other requests and waits for them
		}
		fmt.Println(page)
	}
	// Output:
	// page /a
	// page /b
	// error: get /missing: not found
}

// A later value whose call is quick comes first.
func ExampleMapUnordered() {
	quickDone := make(chan struct{})
	call := func(ctx context.Context, name string) (string, error) {
		if name == "slow" {
			<-quickDone
		}
		return name, nil
	}
	names := slices.Values([]string{"slow", "quick"})
	for name := range patterns.MapUnordered(context.Background(), 2, names, call) {
		fmt.Println("ready:", name)
		if name == "quick" {
			close(quickDone)
		}
	}
	// Output:
	// ready: quick
	// ready: slow
}
