package interfaces_test

import "fmt"

// parseError is what the parser below reports.
type parseError struct{ line int }

func (e *parseError) Error() string { return fmt.Sprint("syntax error in line ", e.line) }

func parseWrong(text string) error {
	var err *parseError
	if text == "" {
		err = &parseError{1}
	}
	return err
}

func parseRight(text string) error {
	if text == "" {
		return &parseError{1}
	}
	return nil
}

// The wrong function returns its pointer variable, which makes an error with a
// type and a nil pointer in it. The right one returns the literal nil. So the
// rule: the success path of a function with an error result says return nil.
//
//claim:ask What does a function print that returns a nil *parseError as error, and how is it repaired?
//claim:source https://go.dev/doc/faq#nil_error
func Example_typedNilRepaired() {
	wrong, right := parseWrong("x := 1"), parseRight("x := 1")
	fmt.Printf("wrong: %T, nil: %t\n", wrong, wrong == nil)
	fmt.Printf("right: %T, nil: %t\n", right, right == nil)
	// Output:
	// wrong: *interfaces_test.parseError, nil: false
	// right: <nil>, nil: true
}
