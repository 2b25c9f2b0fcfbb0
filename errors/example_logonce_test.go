package errors_test

import (
	"fmt"
	"log/slog"
	"os"

	deep "github.com/go-deep-dive/godeep/errors"
)

// Each layer adds what it knows and returns; only the last one logs, the class as an
// attribute for counting and the text for reading.
func Example_logOnce() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // so that the output is always the same
			}
			return a
		},
	}))
	load := func(id int) error { return &deep.Failure{Op: fmt.Sprint("load user ", id), Code: deep.NotFound} }
	handle := func() error { return fmt.Errorf("GET /users/7: %w", load(7)) }
	if err := handle(); err != nil {
		log.Info("request failed", "code", deep.CodeOf(err), "err", err)
	}
	// Output: level=INFO msg="request failed" code="not found" err="GET /users/7: load user 7: not found"
}
