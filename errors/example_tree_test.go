package errors_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	deep "github.com/go-deep-dive/godeep/errors"
)

// The error itself comes first, then depth first what it wraps. That is the
// order in which errors.Is compares.
func ExampleAll() {
	open := &fs.PathError{Op: "open", Path: "a.txt", Err: fs.ErrNotExist}
	err := fmt.Errorf("sync: %w", errors.Join(open, io.ErrUnexpectedEOF))
	for e := range deep.All(err) {
		fmt.Printf("%q\n", e.Error())
	}
	// Output:
	// "sync: open a.txt: file does not exist\nunexpected EOF"
	// "open a.txt: file does not exist\nunexpected EOF"
	// "open a.txt: file does not exist"
	// "file does not exist"
	// "unexpected EOF"
}

// errors.AsType returns the first match. AllAs returns all of them.
func ExampleAllAs() {
	err := errors.Join(
		&fs.PathError{Op: "open", Path: "a.txt", Err: fs.ErrNotExist},
		io.EOF,
		fmt.Errorf("retry: %w", &fs.PathError{Op: "stat", Path: "b.txt", Err: fs.ErrPermission}),
	)
	for e := range deep.AllAs[*fs.PathError](err) {
		fmt.Println(e.Op, e.Path)
	}
	first, _ := errors.AsType[*fs.PathError](err)
	fmt.Println("AsType:", first.Path)
	// Output:
	// open a.txt
	// stat b.txt
	// AsType: a.txt
}

// The text of an error does not show how it was built. Tree does.
func ExampleTree() {
	err := errors.Join(
		fmt.Errorf("load: %w", io.EOF),
		fmt.Errorf("load: %v", io.EOF), // only the text is kept
	)
	fmt.Print(deep.Tree(err))
	// Output:
	// *errors.joinError "load: EOF\nload: EOF"
	//     *fmt.wrapError "load: EOF"
	//         *errors.errorString "EOF"
	//     *errors.errorString "load: EOF"
}
