package errors

import (
	"bufio"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// iterateNumbers yields the numbers of r, one per line. A line that is no
// number is an error of that line, after which it goes on; an error of r ends
// it.
func iterateNumbers(r io.Reader) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			if !yield(strconv.Atoi(lines.Text())) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(0, err)
		}
	}
}

// An iterator reports errors by a pair, iter.Seq2[T, error]. The error stands
// where it occurred, and the loop variable err must be dealt with in the body.
// The older way is a method Err to ask after the loop, as bufio.Scanner has; it
// fits if only one error can come, at the end, and is easier to forget. An
// error that is known before the first value belongs beside the sequence:
// func() (iter.Seq[T], error). Collecting stops at the first error, see
// [CollectOK].
//
//claim:ask How does an iterator report errors?
//claim:source https://pkg.go.dev/iter
//claim:source https://pkg.go.dev/bufio#Scanner.Err
func TestIterateHow(t *testing.T) {
	values, err := CollectOK(iterateNumbers(strings.NewReader("1\n2\nx\n4\n")))
	assert.Equal(t, []int{1, 2}, values)
	assert.ErrorIs(t, err, strconv.ErrSyntax)
	values, err = CollectOK(iterateNumbers(strings.NewReader("1\n2\n")))
	assert.Equal(t, []int{1, 2}, values)
	assert.NoError(t, err)

	broken := io.MultiReader(strings.NewReader("1\n2\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	lines, texts := bufio.NewScanner(broken), 0
	for lines.Scan() {
		texts++
	}
	assert.Equal(t, 2, texts)
	assert.Equal(t, io.ErrUnexpectedEOF, lines.Err(), "only if somebody asks")
}

// A loop with one variable over an iter.Seq2[T, error] loses every error. The
// form with one variable compiles and drops the second value, which is the
// error: the loop goes on with the zero value that comes with it. The compiler
// cannot tell this from a loop over the keys of a map, and go vet does not
// report it. Write both variables in every such loop; it is also the reason to
// stop the sequence after an error.
//
//claim:ask Is there an error lost in: for v := range numbers(r) { sum += v }?
//claim:source https://go.dev/ref/spec#For_range
func TestIterateForgotten(t *testing.T) {
	seq := iterateNumbers(strings.NewReader("1\nx\n4\n"))
	var seen []int
	for v := range seq {
		seen = append(seen, v)
	}
	assert.Equal(t, []int{1, 0, 4}, seen, "a zero instead of an error")
	assert.Empty(t, shadowTypeErrors(t, `package p
		func numbers(yield func(int, error) bool) {}
		func f() (sum int) { for v := range numbers { sum += v }; return sum }`))
	assert.Equal(t, []string{"declared and not used: err"}, shadowTypeErrors(t, `package p
		func numbers(yield func(int, error) bool) {}
		func f() (sum int) { for v, err := range numbers { sum += v }; return sum }`))
}

// Whether an iterator goes on after an error must be said in its documentation,
// because both are in use. An error of one item, such as a bad line, may be
// followed by other items, and the caller chooses: break or continue. An error
// of the source, such as a broken connection, is the last pair. An iterator
// whose caller cannot know which of the two it was should end after any error.
// An endless loop is the price of the opposite mistake: a source that fails for
// ever, and an iterator that yields each failure.
//
//claim:ask May an iterator go on after it has yielded an error?
//claim:source https://pkg.go.dev/iter
func TestIterateGoOn(t *testing.T) {
	source := func() iter.Seq2[int, error] {
		return iterateNumbers(io.MultiReader(strings.NewReader("1\nx\n4\n"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	var good []int
	var bad []error
	for v, err := range source() {
		if err != nil {
			bad = append(bad, err)
			continue
		}
		good = append(good, v)
	}
	assert.Equal(t, []int{1, 4}, good)
	require.Len(t, bad, 2)
	assert.ErrorIs(t, bad[0], strconv.ErrSyntax, "an item")
	assert.Equal(t, io.ErrUnexpectedEOF, bad[1], "the source, and the end")
	good, err := CollectOK(source())
	assert.Equal(t, []int{1}, good)
	assert.ErrorIs(t, err, strconv.ErrSyntax)
}

// An iterator that yields once more after the loop was left panics. yield
// returns false as soon as the loop is left, and an iterator that calls it once
// more, for example to report the error of a clean-up, breaks the contract: the
// code of the loop panics with a runtime.Error. So test each result of yield,
// including that of the pair with the error, and return. This is checked since
// range over functions exists, Go 1.23.
//
//claim:ask The caller breaks out of the loop at the first error, and the iterator yields again. What happens?
//claim:source https://go.dev/ref/spec#For_range
func TestIterateAfterBreak(t *testing.T) {
	careless := func(yield func(int, error) bool) {
		yield(0, io.EOF)
		yield(1, nil)
	}
	assert.PanicsWithError(t, "runtime error: range function continued iteration after function for loop body returned false", func() {
		for _, err := range careless {
			if err != nil {
				break
			}
		}
	})
	_, err := CollectOK(iterateNumbers(strings.NewReader("x\n1\n")))
	assert.ErrorIs(t, err, strconv.ErrSyntax)
}

// iterateSource counts how often it is closed, and fails to.
type iterateSource struct {
	io.Reader
	closed int
}

func (s *iterateSource) Close() error {
	s.closed++
	return errCleanupDisk
}

// The error of a Close inside of an iterator has nowhere to go if the loop was
// left early, since yield may not be called any more. After a complete loop it
// can be the last pair. So an iterator that opens something should only read,
// where the error of Close says nothing; close with defer, which also runs if
// the body panics. If the error of Close matters, let the caller own the
// resource: open, defer Close, and iterate over it.
//
//claim:ask An iterator opens a file and closes it at the end. What happens to the error of Close?
//claim:source https://pkg.go.dev/iter#hdr-Single_Use_Iterators
func TestIterateClose(t *testing.T) {
	lines := func(s *iterateSource) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			finished := false
			defer func() {
				if err := s.Close(); err != nil && finished {
					yield(0, err)
				}
			}()
			for v, err := range iterateNumbers(s) {
				if !yield(v, err) {
					return
				}
			}
			finished = true
		}
	}
	whole := &iterateSource{Reader: strings.NewReader("1\n2\n")}
	values, err := CollectOK(lines(whole))
	assert.Equal(t, []int{1, 2}, values)
	assert.Equal(t, errCleanupDisk, err)
	assert.Equal(t, 1, whole.closed)

	part := &iterateSource{Reader: strings.NewReader("1\n2\n")}
	for _, err := range lines(part) {
		assert.NoError(t, err)
		break
	}
	assert.Equal(t, 1, part.closed, "closed, and its error is lost")

	panicked := &iterateSource{Reader: strings.NewReader("1\n2\n")}
	assert.PanicsWithValue(t, "body", func() {
		for range lines(panicked) {
			panic("body")
		}
	})
	assert.Equal(t, 1, panicked.closed)
}

// The error of csv.Writer.Flush is kept until you ask for it with the method Error. Writers
// with a buffer, and loops with a method Next, keep the first error and do nothing more:
// bufio.Writer returns it again from each call, bufio.Scanner and sql.Rows have Err. That
// saves an if per call and costs two things: work goes on for nothing after the error, and
// whoever does not ask at the end never hears of it.
//
//claim:ask csv.Writer.Flush returns nothing. Where does its error go, and who else does it like that?
//claim:source https://pkg.go.dev/encoding/csv#Writer.Error
//claim:source https://pkg.go.dev/bufio#Writer
func TestIterateSticky(t *testing.T) {
	table := csv.NewWriter(iterateFull{})
	assert.NoError(t, table.Write([]string{"a", "b"}), "in the buffer")
	table.Flush()
	assert.Equal(t, errCleanupDisk, table.Error())
	assert.Equal(t, errCleanupDisk, table.Error(), "it stays")

	buffer := bufio.NewWriterSize(iterateFull{}, 16)
	failed := 0
	for range 100 {
		if _, err := buffer.WriteString("12345678"); err != nil {
			failed++
		}
	}
	assert.Equal(t, 98, failed, "98 calls for nothing")
	assert.Equal(t, errCleanupDisk, buffer.Flush())
	buffer.Reset(io.Discard)
	assert.NoError(t, buffer.Flush(), "only Reset forgets it")
}

// Their errors are asked for after the loop.
var _ = []interface{ Err() error }{(*bufio.Scanner)(nil), (*sql.Rows)(nil)}

type iterateFull struct{}

func (iterateFull) Write([]byte) (int, error) { return 0, errCleanupDisk }

// The function of fs.WalkDir gets the error of the walk and decides what
// happens: return it to stop, return nil to go on, return fs.SkipDir or
// fs.SkipAll to leave something out. These two are signals and no failures, so
// WalkDir returns nil for them. It compares with ==: a signal that was wrapped
// on the way is an ordinary error and stops the walk. If err is not nil, the
// entry may be nil, and a callback that does not look at err first panics on
// it.
//
//claim:ask Why does the function of fs.WalkDir get an error and return one?
//claim:source https://pkg.go.dev/io/fs#WalkDirFunc
//claim:source io/fs/walk.go
func TestIterateWalk(t *testing.T) {
	tree := fstest.MapFS{"a/1": {}, "b/2": {}, "c/3": {}}
	walk := func(root string, skip error) (seen []string, err error) {
		err = fs.WalkDir(tree, root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return fmt.Errorf("walk: %w", err)
			}
			if path == "b" {
				return skip
			}
			if !d.IsDir() {
				seen = append(seen, path)
			}
			return nil
		})
		return seen, err
	}
	seen, err := walk(".", fs.SkipDir)
	assert.Equal(t, []string{"a/1", "c/3"}, seen)
	assert.NoError(t, err)
	seen, err = walk(".", fs.SkipAll)
	assert.Equal(t, []string{"a/1"}, seen)
	assert.NoError(t, err)
	seen, err = walk(".", fmt.Errorf("b: %w", fs.SkipDir))
	assert.Equal(t, []string{"a/1"}, seen)
	assert.ErrorIs(t, err, fs.SkipDir, "a failure of the walk")

	_, err = walk("missing", nil)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.Panics(t, func() {
		_ = fs.WalkDir(tree, "missing", func(_ string, d fs.DirEntry, _ error) error {
			_ = d.Name() // nil
			return nil
		})
	})
}

// An adapter such as map or filter passes errors on untouched and calls its
// function only on values without one. An iterator over pairs can be composed
// as one over values. What does not work is slices.Collect: it takes an
// iter.Seq of values only, so a sequence with errors does not fit, and an
// adapter that makes it fit must keep the error somewhere.
//
//claim:ask How do I write map or filter over an iterator that may fail?
//claim:source https://pkg.go.dev/iter#hdr-Naming_Conventions
func TestIterateAdapter(t *testing.T) {
	calls := 0
	square := func(seq iter.Seq2[int, error]) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for v, err := range seq {
				if err == nil {
					calls++
					v *= v
				}
				if !yield(v, err) {
					return
				}
			}
		}
	}
	values, err := CollectOK(square(iterateNumbers(strings.NewReader("2\n3\nx\n"))))
	assert.Equal(t, []int{4, 9}, values)
	assert.ErrorIs(t, err, strconv.ErrSyntax)
	assert.Equal(t, 2, calls)

	var kept error
	onlyValues := func(yield func(int) bool) {
		for v, err := range iterateNumbers(strings.NewReader("2\nx\n3\n")) {
			if err != nil {
				kept = err
				return
			}
			if !yield(v) {
				return
			}
		}
	}
	assert.Equal(t, []int{2}, slices.Collect(onlyValues))
	assert.ErrorIs(t, kept, strconv.ErrSyntax)
}

func TestCollectOK(t *testing.T) {
	values, err := CollectOK(func(func(string, error) bool) {})
	assert.Nil(t, values)
	assert.NoError(t, err)
	asked := 0
	_, err = CollectOK(func(yield func(string, error) bool) {
		for asked = 1; yield("v", errors.New("e")); asked++ {
		}
	})
	assert.EqualError(t, err, "e")
	assert.Equal(t, 1, asked)
}
