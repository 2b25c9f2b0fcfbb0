package errors_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	deep "github.com/go-deep-dive/godeep/errors"
)

func readSettings() error { return deep.Trace(fs.ErrPermission) }

func ExampleTrace() {
	err := fmt.Errorf("start: %w", readSettings())
	fmt.Println(err)
	fmt.Println(errors.Is(err, fs.ErrPermission), deep.Trace(err) == err, deep.Trace(nil))
	// Output:
	// start: permission denied
	// true true <nil>
}

func ExampleTraced() {
	traced, ok := errors.AsType[*deep.Traced](fmt.Errorf("start: %w", readSettings()))
	fmt.Println(ok, traced)
	// Output: true permission denied
}

func ExampleTraced_Error() {
	fmt.Println(deep.Trace(errors.New("no space left")).Error())
	// Output: no space left
}

func ExampleTraced_Unwrap() {
	fmt.Println(errors.Unwrap(deep.Trace(fs.ErrExist)) == fs.ErrExist)
	// Output: true
}

func ExampleTraced_Frames() {
	traced, _ := errors.AsType[*deep.Traced](readSettings())
	for frame := range traced.Frames() {
		fmt.Println(frame.Function[strings.LastIndexByte(frame.Function, '.')+1:])
		break // the rest is this example and what runs it
	}
	// Output: readSettings
}

func ExampleTraced_Format() {
	text := fmt.Sprintf("%+v", readSettings())
	lines := strings.Split(text, "\n")
	fmt.Println(lines[0])
	fmt.Println(strings.HasSuffix(lines[1], ".readSettings"))
	// Output:
	// permission denied
	// true
}

func ExampleTraced_LogValue() {
	short := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "stack" {
			return slog.Attr{}
		}
		return a
	}
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: short}))
	log.Error("start", "err", readSettings())
	// Output: level=ERROR msg=start err.message="permission denied"
}
