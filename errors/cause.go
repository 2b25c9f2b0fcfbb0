package errors

import (
	"context"
	"errors"
	"fmt"
)

// ContextErr returns nil as long as ctx is not done, and then an error that
// tells both what ctx.Err and what [context.Cause] tell: its text has the
// reason, and errors.Is finds [context.Canceled] or [context.DeadlineExceeded]
// as well as the cause. If the cause says nothing more than ctx.Err, it is
// returned alone. ContextErr may be called from any number of goroutines.
func ContextErr(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}
