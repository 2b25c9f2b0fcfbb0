package errors_test

import (
	"errors"
	"fmt"
	"io"
)

// The texts are equal. Only %w keeps the error.
func Example_wrapVerb() {
	w := fmt.Errorf("read: %w", io.EOF)
	v := fmt.Errorf("read: %v", io.EOF)
	fmt.Println(w, errors.Is(w, io.EOF))
	fmt.Println(v, errors.Is(v, io.EOF))
	// Output:
	// read: EOF true
	// read: EOF false
}

// Wrapping nil makes an error of it.
func Example_wrapNil() {
	var err error
	wrapped := fmt.Errorf("save: %w", err)
	fmt.Println(wrapped != nil)
	fmt.Println(wrapped)
	fmt.Println(errors.Join(err, nil) != nil)
	// Output:
	// true
	// save: %!w(<nil>)
	// false
}

// errors.Unwrap sees single wraps only.
func Example_unwrapJoined() {
	joined := errors.Join(io.EOF, io.ErrShortWrite)
	fmt.Println("Unwrap:", errors.Unwrap(joined))
	fmt.Println("Is:    ", errors.Is(joined, io.ErrShortWrite))
	fmt.Printf("text:   %q\n", joined)
	// Output:
	// Unwrap: <nil>
	// Is:     true
	// text:   "EOF\nshort write"
}
