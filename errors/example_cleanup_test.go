package errors_test

import (
	"errors"
	"fmt"

	deep "github.com/go-deep-dive/godeep/errors"
)

type fullDisk struct{}

func (fullDisk) Write(p []byte) (int, error) { return len(p), nil }
func (fullDisk) Close() error                { return errors.New("close: no space left on device") }

func ExampleClose() {
	save := func() (err error) {
		var f fullDisk
		defer deep.Close(&err, f)
		_, err = fmt.Fprintln(f, "data")
		return err
	}
	fmt.Println(save())
	// Output: close: no space left on device
}

// A constructor that opens two parts, of which the second fails.
func ExampleCleanup() {
	open := func(name string) (func() error, error) {
		if name == "index" {
			return nil, errors.New("index: not found")
		}
		fmt.Println("open", name)
		return func() error { fmt.Println("close", name); return nil }, nil
	}
	build := func() (err error) {
		var undo deep.Cleanup
		defer undo.Run(&err)
		for _, name := range []string{"data", "index"} {
			closePart, err := open(name)
			if err != nil {
				return err
			}
			undo.Add(closePart)
		}
		undo.Keep()
		return nil
	}
	fmt.Println(build())
	// Output:
	// open data
	// close data
	// index: not found
}

func ExampleCleanup_Add() {
	var undo deep.Cleanup
	undo.Add(func() error { fmt.Println("added first"); return nil })
	undo.Add(func() error { fmt.Println("added last"); return nil })
	var err error
	undo.Run(&err)
	// Output:
	// added last
	// added first
}

func ExampleCleanup_Keep() {
	var undo deep.Cleanup
	undo.Add(func() error { return errors.New("never called") })
	undo.Keep()
	var err error
	undo.Run(&err)
	fmt.Println(err)
	// Output: <nil>
}

func ExampleCleanup_Run() {
	var undo deep.Cleanup
	undo.Add(func() error { return errors.New("closing failed") })
	err := errors.New("opening failed")
	undo.Run(&err)
	fmt.Println(err)
	// Output:
	// opening failed
	// closing failed
}
