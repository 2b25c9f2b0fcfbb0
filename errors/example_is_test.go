package errors_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// One wrapper is enough to hide an error from == and from a switch on err.
func Example_isOrEqual() {
	err := fmt.Errorf("read header: %w", io.EOF)
	fmt.Println("==       ", err == io.EOF)
	fmt.Println("errors.Is", errors.Is(err, io.EOF))
	switch err {
	case io.EOF:
		fmt.Println("switch    found")
	default:
		fmt.Println("switch    not found")
	}
	// Output:
	// ==        false
	// errors.Is true
	// switch    not found
}

// isNotFoundError has a key and matches fs.ErrNotExist.
type isNotFoundError struct{ key string }

func (e *isNotFoundError) Error() string        { return fmt.Sprintf("key %q not found", e.key) }
func (e *isNotFoundError) Is(target error) bool { return target == fs.ErrNotExist }

// A method Is makes an error match a sentinel that is not in its tree.
func Example_isMethod() {
	err := fmt.Errorf("load: %w", &isNotFoundError{"a"})
	fmt.Println(errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist))
	fmt.Println(err)
	// Output:
	// true false
	// load: key "a" not found
}
