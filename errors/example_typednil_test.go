package errors_test

import "fmt"

type typednilParseError struct{ line int }

func (e *typednilParseError) Error() string { return fmt.Sprint("line ", e.line) }

// typednilCheck returns a variable of a pointer type as an error.
func typednilCheck(line int) error {
	var failure *typednilParseError
	if line < 1 {
		failure = &typednilParseError{line}
	}
	return failure
}

// A nil pointer in an error is not nil, and fmt prints it as if it were.
func Example_typedNilError() {
	err := typednilCheck(1)
	fmt.Println(err != nil)
	fmt.Printf("%v %T\n", err, err)
	fmt.Println(err == (*typednilParseError)(nil))
	// Output:
	// true
	// <nil> *errors_test.typednilParseError
	// true
}
