package errors_test

import (
	"context"
	"errors"
	"fmt"

	deep "github.com/go-deep-dive/godeep/errors"
)

func ExampleContextErr() {
	errReload := errors.New("configuration changed")
	ctx, cancel := context.WithCancelCause(context.Background())
	fmt.Println("running:", deep.ContextErr(ctx))
	cancel(errReload)
	err := deep.ContextErr(ctx)
	fmt.Println("stopped:", err)
	fmt.Println("canceled:", errors.Is(err, context.Canceled))
	fmt.Println("reload:", errors.Is(err, errReload))
	// Output:
	// running: <nil>
	// stopped: context canceled: configuration changed
	// canceled: true
	// reload: true
}
