package errors_test

import (
	"errors"
	"fmt"
	"io/fs"
)

var (
	errKeyNotFound  = errors.New("store: not found")
	errUserNotFound = fmt.Errorf("user: %w", errKeyNotFound)
)

// A boundary keeps the text of the cause and hides the cause itself: the sentinel with %w,
// the rest with %v.
func Example_apiBoundary() {
	cause := &fs.PathError{Op: "open", Path: "7.json", Err: fs.ErrNotExist}
	err := fmt.Errorf("%w: %v", errKeyNotFound, cause)
	fmt.Println(err)
	fmt.Println("own sentinel:", errors.Is(err, errKeyNotFound))
	fmt.Println("cause:       ", errors.Is(err, fs.ErrNotExist))
	// Output:
	// store: not found: open 7.json: file does not exist
	// own sentinel: true
	// cause:        false
}

// A special sentinel that wraps the general one matches both.
func Example_apiHierarchy() {
	err := fmt.Errorf("load 7: %w", errUserNotFound)
	fmt.Println(err)
	fmt.Println(errors.Is(err, errUserNotFound), errors.Is(err, errKeyNotFound))
	// Output:
	// load 7: user: store: not found
	// true true
}
