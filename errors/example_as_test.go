package errors_test

import (
	"errors"
	"fmt"
	"strconv"
)

// errors.AsType returns the error with its type, so that its fields can be read.
func Example_asType() {
	_, err := strconv.Atoi("12x")
	err = fmt.Errorf("port: %w", err)
	if number, ok := errors.AsType[*strconv.NumError](err); ok {
		fmt.Printf("%s(%q): %v\n", number.Func, number.Num, number.Err)
	}
	_, ok := err.(*strconv.NumError)
	fmt.Println("type assertion:", ok)
	// Output:
	// Atoi("12x"): invalid syntax
	// type assertion: false
}

// asValueError is an error as a value and as a pointer.
type asValueError struct{}

func (asValueError) Error() string { return "value" }

// Type and pointer to the type are different for errors.As, and nothing warns.
func Example_asPointerLevel() {
	var err error = &asValueError{}
	_, asValue := errors.AsType[asValueError](err)
	_, asPointer := errors.AsType[*asValueError](err)
	fmt.Println("asValueError: ", asValue)
	fmt.Println("*asValueError:", asPointer)
	// Output:
	// asValueError:  false
	// *asValueError: true
}
