package errors_test

import (
	"errors"
	"fmt"
	"time"
)

type quotaError struct{ reset time.Duration }

func (e quotaError) Error() string             { return "quota used up" }
func (e quotaError) RetryAfter() time.Duration { return e.reset }

// The caller asks for a method and needs to know no type of the package that failed.
func Example_behaviourRetryAfter() {
	wait := func(err error) time.Duration {
		if e, ok := errors.AsType[interface {
			error
			RetryAfter() time.Duration
		}](err); ok {
			return e.RetryAfter()
		}
		return 0
	}
	fmt.Println("quota:", wait(fmt.Errorf("upload: %w", quotaError{2 * time.Minute})))
	fmt.Println("other:", wait(errors.New("upload: no such bucket")))
	// Output:
	// quota: 2m0s
	// other: 0s
}
