package memory_test

import (
	"fmt"
	"io"
	"strings"
)

// The result of ReadAll has no spare capacity since Go 1.26.
func Example_releaseReadAll() {
	data, err := io.ReadAll(strings.NewReader(strings.Repeat("x", 4096)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("bytes:", len(data), "spare:", cap(data)-len(data))
	// Output:
	// bytes: 4096 spare: 0
}
