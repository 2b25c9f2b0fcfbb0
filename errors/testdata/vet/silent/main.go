// Command silent has mistakes with errors that neither the compiler nor go vet
// reports.
package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

type failure struct{}

func (*failure) Error() string { return "failure" }

// save wraps nil.
func save() error {
	var err error
	return fmt.Errorf("save: %w", err)
}

// load loses the error to a second err.
func load(text string) (n int, _ error) {
	var err error
	if text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			n = -1
		}
		_ = n
	}
	return n, err
}

// check returns a typed nil.
func check() error {
	var err *failure
	return err
}

func main() {
	save() // unchecked
	_, _ = load("x")
	err := check()
	fmt.Println(err == io.EOF, errors.Is(err, &failure{}))
}
