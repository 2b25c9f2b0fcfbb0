package errors_test

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"

	deep "github.com/go-deep-dive/godeep/errors"
)

// A job that panics becomes a job that fails, and the next one runs.
func ExampleGuard() {
	var empty []int
	jobs := map[string]func() error{
		"1": func() error { return nil },
		"2": func() error { fmt.Println(empty[len(empty)]); return nil },
		"3": func() error { return fs.ErrNotExist },
	}
	for _, name := range []string{"1", "2", "3"} {
		fmt.Printf("job %s: %v\n", name, deep.Guard(jobs[name]))
	}
	// Output:
	// job 1: <nil>
	// job 2: panic: runtime error: index out of range [0] with length 0
	// job 3: file does not exist
}

// The value and the stack are there for the report.
func ExamplePanicError() {
	err := deep.Guard(func() error { panic("out of cheese") })
	if p, ok := errors.AsType[*deep.PanicError](err); ok {
		fmt.Println("value:", p.Value)
		fmt.Println("stack of the panic:", strings.Contains(string(p.Stack), "ExamplePanicError"))
	}
	// Output:
	// value: out of cheese
	// stack of the panic: true
}

func ExamplePanicError_Error() {
	err := deep.Guard(func() error { panic(42) })
	fmt.Println(err.Error())
	// Output:
	// panic: 42
}

// The panic value is in the tree of errors if it is an error itself.
func ExamplePanicError_Unwrap() {
	var null *struct{ n int }
	bug := deep.Guard(func() error { null.n++; return nil })
	_, isRuntime := errors.AsType[runtime.Error](bug)
	fmt.Println("runtime.Error:", isRuntime)

	missing := deep.Guard(func() error { panic(fmt.Errorf("config: %w", fs.ErrNotExist)) })
	fmt.Println("not exist:", errors.Is(missing, fs.ErrNotExist))
	// Output:
	// runtime.Error: true
	// not exist: true
}
