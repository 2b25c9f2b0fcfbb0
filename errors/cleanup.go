package errors

import (
	"errors"
	"io"
)

// Close closes c and adds its error, if there is one, to *err with [errors.Join]. It is
// made for defer in a function with a named error result:
//
//	func save(name string, data []byte) (err error) {
//		f, err := os.Create(name)
//		if err != nil {
//			return err
//		}
//		defer deep.Close(&err, f)
//		_, err = f.Write(data)
//		return err
//	}
//
// The error of the function comes first, that of Close second; errors.Is finds
// both. If there is only one of them, it is stored as it is. Close must not be
// called for a nil c, and calls from several goroutines with the same err need
// a lock.
func Close(err *error, c io.Closer) {
	closed := c.Close()
	switch {
	case closed == nil:
	case *err == nil:
		*err = closed
	default:
		*err = errors.Join(*err, closed)
	}
}

// A Cleanup collects what has to be undone if a constructor fails half-way. The zero
// Cleanup is ready to use, by one goroutine.
type Cleanup struct {
	undo []func() error
}

// Add registers f, to be called by [Cleanup.Run] before everything that was added
// earlier.
func (c *Cleanup) Add(f func() error) { c.undo = append(c.undo, f) }

// Keep forgets what was added: the constructor succeeded, and the caller owns the
// resources now.
func (c *Cleanup) Keep() { c.undo = nil }

// Run calls what was added, the last first, and adds the errors to *err as [Close] does.
// It calls every function, even if some fail. Call it with defer, right after the Cleanup
// was declared; after [Cleanup.Keep] it does nothing.
func (c *Cleanup) Run(err *error) {
	for len(c.undo) > 0 {
		last := len(c.undo) - 1
		f := c.undo[last]
		c.undo = c.undo[:last]
		Close(err, closeFunc(f))
	}
}

// closeFunc makes an io.Closer of a function.
type closeFunc func() error

func (f closeFunc) Close() error { return f() }
