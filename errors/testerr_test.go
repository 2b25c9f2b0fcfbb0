package errors

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// testerrRecorder is a test that may fail without failing this one.
type testerrRecorder struct{ failed bool }

func (r *testerrRecorder) Errorf(string, ...any) { r.failed = true }

// testerrFails reports whether an assertion fails.
func testerrFails(assertion func(t assert.TestingT)) bool {
	var r testerrRecorder
	assertion(&r)
	return r.failed
}

// testerrPort reads a port number, with two ways to fail.
func testerrPort(files fs.FS, name string) (int, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return 0, fmt.Errorf("port: %w", err)
	}
	port, err := strconv.ParseUint(string(text), 10, 16)
	if err != nil {
		return 0, fmt.Errorf("port of %s: %w", name, err)
	}
	return int(port), nil
}

// A test should compare what callers may depend on, and nothing more: the sentinel with
// errors.Is, the fields that are documented with errors.As, or the behaviour. Such a test
// survives better texts and another layer of wrapping, and it fails if the promise breaks,
// such as a %w that becomes a %v. A comparison with == forbids wrapping, and a text makes
// every improvement of it a broken test.
//
//claim:ask How do you test error paths: by text, sentinel, type or behaviour?
//claim:source https://pkg.go.dev/errors#Is
func TestTesterrCompare(t *testing.T) {
	_, old := testerrPort(fstest.MapFS{}, "a")
	newer := fmt.Errorf("start: %w", old) // another layer
	cut := fmt.Errorf("start: %v", old)   // the promise is broken
	for _, c := range []struct {
		name      string
		assertion func(t assert.TestingT, err error)
		fails     [3]bool
	}{
		{"sentinel", func(t assert.TestingT, err error) { assert.ErrorIs(t, err, fs.ErrNotExist) }, [3]bool{false, false, true}},
		{"type", func(t assert.TestingT, err error) { var e *fs.PathError; assert.ErrorAs(t, err, &e) }, [3]bool{false, false, true}},
		{"text", func(t assert.TestingT, err error) { assert.EqualError(t, err, old.Error()) }, [3]bool{false, true, true}},
		{"part of text", func(t assert.TestingT, err error) { assert.ErrorContains(t, err, "not exist") }, [3]bool{false, false, false}},
	} {
		for i, err := range []error{old, newer, cut} {
			assert.Equal(t, c.fails[i], testerrFails(func(t assert.TestingT) { c.assertion(t, err) }), "%s %d", c.name, i)
		}
	}
}

// A test with wantErr bool passes for every error, also for one that has
// nothing to do with the case: a missing file, a typing mistake in the input, a
// nil in the setup. Then the path that was to be tested never runs. Put the
// expected error in the table, want error, and test with errors.Is: nil stands
// for success, because errors.Is(nil, nil) is true and errors.Is(err, nil) is
// not. For a type, put a function that checks the error there.
//
//claim:ask What is wrong with wantErr bool in a table test?
//claim:source https://go.dev/wiki/TestComments
func TestTesterrBool(t *testing.T) {
	files := fstest.MapFS{"good": {Data: []byte("80")}, "big": {Data: []byte("70000")}}
	_, err := testerrPort(files, "bug") // meant was big
	wantErr := true
	assert.Equal(t, wantErr, err != nil, "passes, for the wrong reason")
	assert.True(t, testerrFails(func(t assert.TestingT) { assert.ErrorIs(t, err, strconv.ErrRange) }))

	for name, want := range map[string]error{"good": nil, "big": strconv.ErrRange, "missing": fs.ErrNotExist} {
		port, err := testerrPort(files, name)
		assert.True(t, errors.Is(err, want), name)
		assert.Equal(t, want == nil, port != 0, name)
	}
	assert.False(t, errors.Is(err, nil))
}

// testing/iotest has readers that behave badly but within the contract:
// ErrReader fails at once, TimeoutReader at its second call, OneByteReader and
// HalfReader give less than was asked for, and DataErrReader returns the error
// together with the last data. A function that reads should give the same
// result for the last three, and return an error that wraps the one of the
// first two. iotest.TestReader checks a reader of your own.
//
//claim:ask How do you test what your code does when a reader fails or reads little?
//claim:source https://pkg.go.dev/testing/iotest
func TestTesterrReaders(t *testing.T) {
	count := func(r io.Reader) (int, error) {
		lines, n := bufio.NewScanner(r), 0
		for lines.Scan() {
			n++
		}
		return n, lines.Err()
	}
	text := func() io.Reader { return strings.NewReader("a\nb\nc") }
	for _, r := range []io.Reader{text(), iotest.OneByteReader(text()), iotest.HalfReader(text()), iotest.DataErrReader(text())} {
		n, err := count(r)
		assert.Equal(t, 3, n)
		assert.NoError(t, err)
	}
	_, err := count(iotest.ErrReader(io.ErrUnexpectedEOF))
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	n, err := count(iotest.TimeoutReader(iotest.OneByteReader(text())))
	assert.Equal(t, 1, n)
	assert.ErrorIs(t, err, iotest.ErrTimeout)
	assert.NoError(t, iotest.TestReader(text(), []byte("a\nb\nc")))
	assert.Error(t, iotest.TestReader(eofWrapping{text()}, []byte("a\nb\nc")))
}

// testerrStore is a store whose operations ask first whether they fail.
type testerrStore struct {
	step  func() error
	names map[string]bool
	open  int
}

func (s *testerrStore) begin() error {
	if err := s.step(); err != nil {
		return err
	}
	s.open++
	return nil
}

func (s *testerrStore) set(name string, value bool) error {
	if err := s.step(); err != nil {
		return err
	}
	s.names[name] = value
	return nil
}

func (s *testerrStore) end() error {
	s.open--
	return s.step()
}

// testerrRename has four steps that can fail; with careful false it drops an
// error and forgets to clean up.
func testerrRename(s *testerrStore, careful bool) (err error) {
	if err := s.begin(); err != nil {
		return err
	}
	if careful {
		defer Close(&err, closeFunc(s.end))
	}
	if err := s.set("new", true); err != nil {
		return err
	}
	if err := s.set("old", false); err != nil {
		if careful {
			delete(s.names, "new")
		}
		return err
	}
	if !careful {
		_ = s.end()
	}
	return nil
}

// To find dropped errors, let each step fail once and look whether the function
// returns an error. A fake whose n-th call fails, in a loop over all n, needs
// no list of the steps: [EachFault] is that loop. A step whose failure gives
// nil is an error that somebody swallowed. The loop also reaches the lines
// after the third and fourth call, which tests with one broken fake never do.
//
//claim:ask How do you test that a function drops no error of the five calls that it makes?
//claim:source https://pkg.go.dev/testing/iotest
func TestTesterrSwallowed(t *testing.T) {
	swallowed := func(careful bool) (numbers []int, steps int) {
		for n, err := range EachFault(func(step func() error) error {
			return testerrRename(&testerrStore{step: step, names: map[string]bool{"old": true}}, careful)
		}) {
			if n == 0 {
				assert.NoError(t, err, "nothing fails")
			} else if !errors.Is(err, ErrInjected) {
				numbers = append(numbers, n)
			}
			steps = n
		}
		return numbers, steps
	}
	numbers, steps := swallowed(false)
	assert.Equal(t, []int{4}, numbers, "the error of end")
	assert.Equal(t, 4, steps)
	numbers, steps = swallowed(true)
	assert.Empty(t, numbers)
	assert.Equal(t, 4, steps)
}

// A test of an error path should check that nothing was left behind: what was
// opened is closed, the data are as before or as promised, other results are
// zero, and a second call works. Most bugs in error paths are of this kind,
// since the error itself comes for free with return err. Check these invariants
// in the loop that makes each step fail, not in one test for one failure.
//
//claim:ask What should a test of an error path check besides the error?
//claim:source https://go.dev/wiki/TestComments
func TestTesterrState(t *testing.T) {
	broken := func(careful bool) (leaks, halves int) {
		var s *testerrStore
		for n := range EachFault(func(step func() error) error {
			s = &testerrStore{step: step, names: map[string]bool{"old": true}}
			return testerrRename(s, careful)
		}) {
			if s.open != 0 {
				leaks++
			}
			if n > 0 && n < 4 && s.names["new"] { // step 4 is the end, after the work
				halves++
			}
		}
		return leaks, halves
	}
	leaks, halves := broken(false)
	assert.Equal(t, 2, leaks, "steps 2 and 3 return without end")
	assert.Equal(t, 1, halves, "step 3 leaves both names")
	leaks, halves = broken(true)
	assert.Zero(t, leaks)
	assert.Zero(t, halves)
}

// assert.Nil looks into the interface with reflection and accepts a nil pointer
// in it, so it passes for a typed nil, which every caller takes for an error.
// assert.NoError compares with nil as callers do, and fails. The other pair
// differs too: NotNil fails for a typed nil, Error passes. For errors always
// use Error and NoError.
//
//claim:ask assert.Nil(t, err) or assert.NoError(t, err): is there a difference?
//claim:source https://pkg.go.dev/github.com/stretchr/testify/assert#Nil
func TestTesterrTypedNil(t *testing.T) {
	var err error = (*fs.PathError)(nil)
	assert.True(t, err != nil, "what callers see") //lint:ignore SA4023 this is what the test shows
	assert.False(t, testerrFails(func(t assert.TestingT) { assert.Nil(t, err) }), "passes")
	assert.True(t, testerrFails(func(t assert.TestingT) { assert.NoError(t, err) }))
	assert.True(t, testerrFails(func(t assert.TestingT) { assert.NotNil(t, err) }))
	assert.False(t, testerrFails(func(t assert.TestingT) { assert.Error(t, err) }))
}

// The arguments of such a call are swapped. The error comes first and the
// target second, in errors.Is as in assert.ErrorIs, while assert.Equal has the
// expected value first. Swapped, the test asks whether the tree of the sentinel
// contains the returned error. That holds as long as the function returns the
// bare sentinel, and it fails with the first %w. The compiler cannot help,
// since both have the type error.
//
//claim:ask assert.ErrorIs(t, ErrNotFound, err) passed for years and fails since I wrap the error. Why?
//claim:source https://pkg.go.dev/errors#Is
func TestTesterrSwapped(t *testing.T) {
	swapped := func(err error) bool {
		return testerrFails(func(t assert.TestingT) { assert.ErrorIs(t, errSentinelNotFound, err) })
	}
	assert.False(t, swapped(errSentinelNotFound))
	assert.True(t, swapped(fmt.Errorf("user 7: %w", errSentinelNotFound)))
	assert.ErrorIs(t, fmt.Errorf("user 7: %w", errSentinelNotFound), errSentinelNotFound)
}

// To make a call fail, use a failure that does not depend on who runs the test.
// root may read a file of mode 0, and containers often run as root. A path
// below a file that is no directory fails for everybody on every system, a
// directory that does not exist fails with fs.ErrNotExist, and on Linux each
// write to /dev/full fails with ENOSPC, as on a full disk. Better still, let
// the function take an fs.FS, an io.Writer or an interface of yours, and fail
// there.
//
//claim:ask My test makes a file unreadable with chmod and passes here, but not in CI. How do I make os calls fail?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/testing/fstest#MapFS
func TestTesterrRealFault(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte("80"), 0o600))
	_, err := os.Create(filepath.Join(file, "below"))
	assert.Error(t, err)
	_, err = os.Create(filepath.Join(dir, "missing", "a"))
	assert.ErrorIs(t, err, fs.ErrNotExist)
	_, err = testerrPort(os.DirFS(dir), "file")
	assert.NoError(t, err)
	_, err = testerrPort(fstest.MapFS{"file": {Mode: fs.ModeDir}}, "file")
	assert.Error(t, err, "a directory")

	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("has no /dev/full: ", err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer full.Close()
	_, err = full.WriteString("x")
	assert.ErrorIs(t, err, syscall.ENOSPC)

	require.NoError(t, os.Chmod(file, 0))
	_, err = os.ReadFile(file)
	if os.Geteuid() != 0 {
		assert.ErrorIs(t, err, fs.ErrPermission)
	} else if err != nil {
		t.Skip("a root without the rights of root: ", err)
	}
}

// A timeout costs no time in a bubble of testing/synctest, since Go 1.25. The
// clock of a bubble stands still while any goroutine works, and jumps to the
// next timer when all of them wait. So a timeout of an hour comes at once,
// exactly after an hour, and never too early on a slow machine. It works for
// contexts, timers and deadlines of net.Pipe. It does not work for real
// connections and files, because waiting for the system does not count as
// waiting in the bubble.
//
//claim:ask How do you test the timeout path of a function without waiting for it?
//claim:source https://pkg.go.dev/testing/synctest
func TestTesterrTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		select {
		case <-ctx.Done():
		case <-make(chan int):
		}
		assert.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
		assert.Equal(t, time.Hour, time.Since(start))

		client, server := net.Pipe()
		defer client.Close()
		defer server.Close()
		require.NoError(t, client.SetReadDeadline(time.Now().Add(time.Minute)))
		_, err := client.Read(make([]byte, 1))
		assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
		assert.Equal(t, time.Hour+time.Minute, time.Since(start))
	})
}

// A test may compare the text of an error if the text is the product: what a
// command prints, what a form shows, the body of a response. Test it once,
// there, and complete, as it is easy to read in a review. Texts of other
// packages do not belong in it, because they change with a release of Go:
// encoding/json has another text for the input nul since Go 1.27. Read the
// fields of the error and make a text of your own; the fields are part of the
// API.
//
//claim:ask When may a test compare the text of an error?
//claim:source https://go.dev/wiki/TestComments
//claim:source https://pkg.go.dev/encoding/json#UnmarshalTypeError
func TestTesterrText(t *testing.T) {
	message := func(err error) string {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return fmt.Sprintf("The field %q must be a number, not a %s.", e.Field, e.Value)
		}
		return "The request is not valid."
	}
	var order struct {
		Item struct{ Count int }
	}
	err := json.Unmarshal([]byte(`{"Item": {"Count": "two"}}`), &order)
	require.Error(t, err)
	assert.Equal(t, `The field "Item.Count" must be a number, not a string.`, message(err))
	assert.Equal(t, "The request is not valid.", message(io.EOF))

	foreign := "invalid character ' ' in literal null (expecting 'l')"
	if proof.GoAtLeast("go1.27") {
		foreign = "unexpected end of JSON input"
	}
	assert.EqualError(t, json.Unmarshal([]byte("nul"), &order), foreign)
}

func TestEachFault(t *testing.T) {
	var numbers []int
	for n, err := range EachFault(func(func() error) error { return io.EOF }) {
		numbers = append(numbers, n)
		assert.Equal(t, io.EOF, err)
	}
	assert.Equal(t, []int{0}, numbers, "no step at all")

	runs := 0
	for n, err := range EachFault(func(step func() error) error {
		runs++
		return errors.Join(step(), step(), step()) // goes on after a fault
	}) {
		assert.Equal(t, n != 0, errors.Is(err, ErrInjected))
	}
	assert.Equal(t, 5, runs)
	for range EachFault(func(step func() error) error { runs++; return step() }) {
		break
	}
	assert.Equal(t, 6, runs)
}
