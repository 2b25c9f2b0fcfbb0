package errors_test

import (
	"errors"
	"fmt"

	deep "github.com/go-deep-dive/godeep/errors"
)

// A constant cannot be assigned to, and it matches through wrappers like any
// sentinel.
func ExampleConst() {
	const errClosed deep.Const = "store: closed"
	err := fmt.Errorf("put: %w", errClosed)
	fmt.Println(errors.Is(err, errClosed))
	fmt.Println(errors.Is(err, deep.Const("store: full")))
	// Output:
	// true
	// false
}

func ExampleConst_Error() {
	const errClosed deep.Const = "store: closed"
	fmt.Println(errClosed.Error())
	// Output: store: closed
}
