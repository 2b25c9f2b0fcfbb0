package errors_test

import (
	"errors"
	"fmt"

	deep "github.com/go-deep-dive/godeep/errors"
)

func ExampleEachFault() {
	// copyAll drops the error of the last step.
	copyAll := func(step func() error) error {
		for range 2 {
			if err := step(); err != nil {
				return fmt.Errorf("copy: %w", err)
			}
		}
		_ = step() // close
		return nil
	}
	for n, err := range deep.EachFault(copyAll) {
		if n > 0 && !errors.Is(err, deep.ErrInjected) {
			fmt.Println("nobody sees the failure of step", n)
		}
	}
	// Output: nobody sees the failure of step 3
}
