package errors

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cleanupFile accepts writes and fails when it is closed, as a file on a full
// or remote disk does: the data is only then written.
type cleanupFile struct {
	strings.Builder
	closed   int
	closeErr error
}

func (f *cleanupFile) Close() error { f.closed++; return f.closeErr }

var (
	errCleanupDisk  = errors.New("disk full")
	errCleanupWrite = errors.New("write failed")
)

// The error of Close, and that is where many systems report a failed write:
// network file systems and everything that buffers find out when they flush. A
// deferred call throws its result away, so that the function returns nil and
// the data is lost. Give the error result a name and set it in the deferred
// function.
//
//claim:ask Which errors get lost with defer f.Close(), and how do you return them?
//claim:source https://go.dev/ref/spec#Defer_statements
//claim:source https://pkg.go.dev/os#File.Close
func TestCloseLost(t *testing.T) {
	lost := func(f *cleanupFile) error {
		defer f.Close()
		_, err := io.WriteString(f, "data")
		return err
	}
	kept := func(f *cleanupFile) (err error) {
		defer Close(&err, f)
		_, err = io.WriteString(f, "data")
		return err
	}
	assert.NoError(t, lost(&cleanupFile{closeErr: errCleanupDisk}), "success is reported, the data is lost")
	assert.Equal(t, errCleanupDisk, kept(&cleanupFile{closeErr: errCleanupDisk}))
	assert.NoError(t, kept(&cleanupFile{}))
}

// Both. The first error is the reason, that of Close often a consequence of it,
// but not always. errors.Join keeps the two and errors.Is finds either. If only
// one happened, it is returned as it is: a caller who compares with == or
// prints the text sees no difference.
//
//claim:ask The write fails, and then Close fails too. Which error do you return?
//claim:source https://pkg.go.dev/errors#Join
func TestCloseJoin(t *testing.T) {
	save := func(f io.WriteCloser, write error) (err error) {
		defer Close(&err, f)
		return write
	}
	err := save(&cleanupFile{closeErr: errCleanupDisk}, errCleanupWrite)
	assert.ErrorIs(t, err, errCleanupWrite)
	assert.ErrorIs(t, err, errCleanupDisk)
	assert.EqualError(t, err, "write failed\ndisk full")
	assert.True(t, save(&cleanupFile{}, errCleanupWrite) == errCleanupWrite, "one error is not joined")
}

// The deferred call must change the result itself. With an unnamed result, or a
// variable declared again with := inside a block, it changes a variable that
// nobody returns: return has copied the value into the result before the
// deferred calls run.
//
//claim:ask My deferred function sets err when Close fails, but the caller gets nil. Why?
//claim:source https://go.dev/ref/spec#Return_statements
func TestCloseUnnamedResult(t *testing.T) {
	unnamed := func(f io.Closer) error {
		var err error
		defer func() { Close(&err, f) }()
		return err
	}
	shadowed := func(f io.Closer) (result error) {
		if err := errors.New("handled"); err != nil {
			err := error(nil)
			defer Close(&err, f) // that of the block
		}
		return nil
	}
	file := &cleanupFile{closeErr: errCleanupDisk}
	assert.NoError(t, unnamed(file))
	assert.NoError(t, shadowed(file))
	assert.Equal(t, 2, file.closed, "it was called both times")
}

// The error of closing a file that was only read says nothing about the data:
// all of it was read already. Dropping it is all right, and _ = f.Close() or a
// comment shows that it was meant. For everything that was written to, it is
// not. If the end of the data carries a checksum, as with gzip, the last Read
// reports that it is wrong, and Close of the reader returns nil.
//
//claim:ask When may the error of Close be ignored?
//claim:source https://pkg.go.dev/io#Closer
func TestCloseReadOnly(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a")
	require.NoError(t, os.WriteFile(name, []byte("all of it"), 0o600))
	read := func() (string, error) {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		defer func() { _ = f.Close() }() // read only
		data, err := io.ReadAll(f)
		return string(data), err
	}
	text, err := read()
	assert.NoError(t, err)
	assert.Equal(t, "all of it", text)

	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err = w.Write([]byte("data"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	packed.Bytes()[packed.Len()-8]++ // the first byte of the checksum
	r, err := gzip.NewReader(&packed)
	require.NoError(t, err)
	_, err = io.ReadAll(r)
	assert.Equal(t, gzip.ErrChecksum, err)
	assert.NoError(t, r.Close())
}

// io.Closer leaves the second Close undefined. An os.File returns an error that is
// os.ErrClosed; other types may do anything. So one place owns a resource and closes it.
// The usual pattern, a deferred Close for all returns and one that is checked at the
// end, ignores the second error on purpose.
//
//claim:ask May Close be called twice?
//claim:source https://pkg.go.dev/io#Closer
//claim:source https://pkg.go.dev/os#File.Close
func TestCloseTwice(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "a"))
	require.NoError(t, err)
	assert.NoError(t, f.Close())
	assert.ErrorIs(t, f.Close(), os.ErrClosed)
	assert.ErrorIs(t, f.Close(), fs.ErrClosed, "the same value")

	var missing *os.File
	assert.ErrorIs(t, missing.Close(), os.ErrInvalid, "a nil *os.File is an error and no panic")
}

type cleanupFailingWriter struct{}

func (cleanupFailingWriter) Write([]byte) (int, error) { return 0, errCleanupDisk }

// A bufio.Writer keeps the bytes until its buffer is full, so that a short
// write cannot fail: it fails at Flush. The error stays: every later Write and
// Flush returns it. Check Flush, and call it before Close of what is below: a
// deferred Flush after a deferred Close runs first, because the last deferred
// call runs first.
//
//claim:ask Why does fmt.Fprintln to a bufio.Writer return no error although the disk is full?
//claim:source https://pkg.go.dev/bufio#Writer
func TestCleanupFlush(t *testing.T) {
	w := bufio.NewWriter(cleanupFailingWriter{})
	_, err := w.WriteString("data")
	assert.NoError(t, err, "it is only in the buffer")
	assert.Equal(t, errCleanupDisk, w.Flush())
	_, err = w.WriteString("more")
	assert.Equal(t, errCleanupDisk, err, "the error stays")

	var order []string
	write := func() (err error) {
		defer Close(&err, closeFunc(func() error { order = append(order, "close"); return nil }))
		defer Close(&err, closeFunc(func() error { order = append(order, "flush"); return errCleanupDisk }))
		return nil
	}
	assert.Equal(t, errCleanupDisk, write())
	assert.Equal(t, []string{"flush", "close"}, order)
}

type cleanupTx struct{ done bool }

var errCleanupTxDone = errors.New("transaction has already been committed or rolled back")

func (tx *cleanupTx) Commit() error {
	if tx.done {
		return errCleanupTxDone
	}
	tx.done = true
	return nil
}

func (tx *cleanupTx) Rollback() error {
	if tx.done {
		return errCleanupTxDone
	}
	tx.done = true
	return nil
}

// A deferred Rollback covers every return and every panic between Begin and
// Commit. After a Commit it does nothing and returns an error that says so,
// which is ignored: database/sql promises sql.ErrTxDone. What must be returned
// is the error of Commit. A function that returns before Commit rolls back even
// if it forgot to think of it.
//
//claim:ask Why defer tx.Rollback() although the transaction is committed?
//claim:source https://pkg.go.dev/database/sql#Tx.Rollback
func TestCleanupRollback(t *testing.T) {
	transfer := func(tx *cleanupTx, step error) error {
		defer func() { _ = tx.Rollback() }() // after Commit: errCleanupTxDone
		if step != nil {
			return step
		}
		return tx.Commit()
	}
	committed, failed := &cleanupTx{}, &cleanupTx{}
	assert.NoError(t, transfer(committed, nil))
	assert.Equal(t, errCleanupTxDone, committed.Rollback())
	assert.Equal(t, errCleanupWrite, transfer(failed, errCleanupWrite))
	assert.True(t, failed.done, "rolled back")
}

// What was opened before the failure must be closed, in reverse order, and what
// the caller gets must stay open. Closing by hand in each if err != nil block
// forgets one of them sooner or later. So register each step with one deferred
// clean-up that runs only if the constructor fails, and switch it off at the
// end.
//
//claim:ask A constructor opens three resources and the third fails. How do you close the first two?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestCleanupConstructor(t *testing.T) {
	var log []string
	open := func(name string, err error) (io.Closer, error) {
		if err != nil {
			return nil, err
		}
		log = append(log, "open "+name)
		return closeFunc(func() error { log = append(log, "close "+name); return nil }), nil
	}
	build := func(last error) (parts []io.Closer, err error) {
		var c Cleanup
		defer c.Run(&err)
		for i, name := range []string{"a", "b", "c"} {
			var failure error
			if i == 2 {
				failure = last
			}
			part, err := open(name, failure)
			if err != nil {
				return nil, err
			}
			c.Add(part.Close)
			parts = append(parts, part)
		}
		c.Keep()
		return parts, nil
	}
	parts, err := build(errCleanupDisk)
	assert.Nil(t, parts)
	assert.Equal(t, errCleanupDisk, err)
	assert.Equal(t, []string{"open a", "open b", "close b", "close a"}, log)

	log = nil
	parts, err = build(nil)
	assert.NoError(t, err)
	assert.Len(t, parts, 3)
	assert.Equal(t, []string{"open a", "open b", "open c"}, log, "they stay open")
}

// Every function is called, and all errors are kept, even when an earlier one
// failed. Stopping at the first error would leave the rest open: one that does
// not close must not keep others from being closed. A panic in a clean-up ends
// the rest of that loop, but deferred calls go on.
//
//claim:ask One of several clean-ups fails. Do you go on with the others?
//claim:source https://pkg.go.dev/errors#Join
func TestCleanupAll(t *testing.T) {
	calls := 0
	run := func() (err error) {
		var c Cleanup
		defer c.Run(&err)
		for range 3 {
			c.Add(func() error { calls++; return errCleanupDisk })
		}
		c.Add(func() error { calls++; return nil })
		return errCleanupWrite
	}
	err := run()
	assert.Equal(t, 4, calls)
	assert.ErrorIs(t, err, errCleanupWrite)
	assert.Equal(t, 3, strings.Count(err.Error(), "disk full"))

	var c Cleanup
	c.Add(func() error { calls++; panic("bad") })
	var none error
	assert.Panics(t, func() { c.Run(&none) })
	assert.NotPanics(t, func() { c.Run(&none) }, "it is not called again")
}
