package errors

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// An error is ignored on purpose by assigning it to the blank identifier, _ =
// f.Close(), with the reason in a comment. That is all right if the call cannot
// fail, if its failure changes nothing for anybody, or if a better error is
// already on the way: closing a file that was only read, removing a temporary
// file, rolling back after a failure. It is not all right because the failure
// is unlikely. For the compiler a bare call does the same, but a reader cannot
// tell whether you have decided or forgotten.
//
//claim:ask How do you ignore an error on purpose, and when is that all right?
//claim:source https://go.dev/wiki/CodeReviewComments#handle-errors
//claim:source https://go.dev/ref/spec#Blank_identifier
func TestIgnoreOnPurpose(t *testing.T) {
	dir := t.TempDir()
	// save writes beside the target and moves the file there, so that a failure leaves nothing.
	save := func(name, text string, failure error) error {
		temp, err := os.CreateTemp(dir, "*")
		if err != nil {
			return err
		}
		defer func() { _ = os.Remove(temp.Name()) }() // gone already if all went well
		_, err = temp.WriteString(text)
		if err = errors.Join(err, failure, temp.Close()); err != nil { // not this one: the data
			return err
		}
		return os.Rename(temp.Name(), filepath.Join(dir, name))
	}
	require.NoError(t, save("a", "text", nil))
	assert.ErrorIs(t, save("b", "text", io.ErrShortWrite), io.ErrShortWrite, "the better error")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
	assert.Equal(t, "a", entries[0].Name())
	assert.ErrorIs(t, os.Remove(filepath.Join(dir, "none")), fs.ErrNotExist, "what was ignored after success")
}

// Writers to memory never return an error: bytes.Buffer, strings.Builder and
// every hash.Hash promise in their documentation that it is always nil. They
// return one only to be an io.Writer. The promise ends with the static type:
// behind an io.Writer the error must be checked, because it may be a file the
// next time. crypto/rand.Read never returns an error since Go 1.24, it ends the
// program instead. A buffer that runs out of memory panics.
//
//claim:ask Which Write methods never return an error?
//claim:source https://pkg.go.dev/bytes#Buffer.Write
//claim:source https://pkg.go.dev/hash#Hash
//claim:source https://pkg.go.dev/crypto/rand#Read
func TestIgnoreNeverFails(t *testing.T) {
	var buffer bytes.Buffer
	var builder strings.Builder
	hash := crc32.NewIEEE()
	for _, w := range []io.Writer{&buffer, &builder, hash, io.Discard} {
		for range 100 {
			n, err := fmt.Fprintf(w, "%d bytes", 7)
			assert.Equal(t, 7, n)
			assert.NoError(t, err)
		}
	}
	assert.Equal(t, buffer.String(), builder.String())
	assert.Equal(t, crc32.ChecksumIEEE(buffer.Bytes()), hash.Sum32())

	key := make([]byte, 16)
	n, err := rand.Read(key)
	assert.Equal(t, 16, n)
	assert.NoError(t, err)
	assert.PanicsWithValue(t, bytes.ErrTooLarge, func() {
		buffer.Grow(math.MaxInt)
	})
}

// Nobody checks the error of fmt.Println because there is nobody to tell: a
// program that cannot write to its standard output could only write that
// somewhere else. In prog | head -1 the reader ends first. On Unix the next
// write to descriptor 1 or 2 then kills the program by SIGPIPE, which is what a
// shell expects. On any other descriptor the write returns EPIPE, and on
// descriptor 1 it does too if the program handles or ignores SIGPIPE. A program
// whose output is its product, such as a converter, should write through a
// bufio.Writer and check Flush: the disk may be full.
//
//claim:ask Why does nobody check the error of fmt.Println, and what happens in prog | head -1?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/os/signal#hdr-SIGPIPE
func TestIgnorePrintln(t *testing.T) {
	if proof.InChild(t) {
		if os.Getenv("IGNORE_SIGPIPE") != "" {
			signal.Ignore(syscall.SIGPIPE)
		}
		_, err := fmt.Println("line")
		fmt.Fprint(os.Stderr, err)
		os.Exit(7)
	}
	if runtime.GOOS != "linux" {
		t.Skip("SIGPIPE is a matter of Unix")
	}
	proof.OnceUnderRace(t)
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer writer.Close()
	require.NoError(t, reader.Close())
	_, err = fmt.Fprintln(writer, "line")
	assert.ErrorIs(t, err, syscall.EPIPE, "an ordinary descriptor")

	child := func(setting string) (message string, err error) {
		var stderr strings.Builder
		cmd := exec.Command(os.Args[0], "-test.run=^TestIgnorePrintln$")
		cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "GODEEP_CHILD="+t.Name(), setting)
		cmd.Stdout, cmd.Stderr = writer, &stderr
		err = cmd.Run()
		return stderr.String(), err
	}
	_, err = child("IGNORE_SIGPIPE=")
	assert.EqualError(t, err, "signal: broken pipe")
	message, err := child("IGNORE_SIGPIPE=1")
	assert.EqualError(t, err, "exit status 7", "it lives on")
	assert.Contains(t, message, "broken pipe")
}

// Some errors are no failures: they say that the wish was fulfilled already, or
// that the end has come as planned. Removing what does not exist, creating a
// directory that exists, http.ErrServerClosed after a shutdown, net.ErrClosed
// from a listener that you closed, sql.ErrTxDone from a rollback after a
// commit, io.EOF. Test for exactly that one with errors.Is and return all
// others: if err != nil && !errors.Is(err, fs.ErrNotExist). os.MkdirAll and
// os.RemoveAll do it for you.
//
//claim:ask Which errors are no failures and should be filtered out?
//claim:source https://pkg.go.dev/net/http#ErrServerClosed
//claim:source https://pkg.go.dev/os#RemoveAll
func TestIgnoreExpected(t *testing.T) {
	dir := t.TempDir()
	remove := func(path string) error {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	file := filepath.Join(dir, "a")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	assert.NoError(t, remove(file))
	assert.NoError(t, remove(file), "gone is gone")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	assert.Error(t, remove(dir), "another failure: it is not empty")
	assert.ErrorIs(t, os.Mkdir(dir, 0o700), fs.ErrExist)
	assert.NoError(t, os.MkdirAll(dir, 0o700))
	assert.NoError(t, os.RemoveAll(filepath.Join(dir, "none")))

	var server http.Server
	require.NoError(t, server.Close())
	assert.Equal(t, http.ErrServerClosed, server.ListenAndServe())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	_, err = listener.Accept()
	assert.ErrorIs(t, err, net.ErrClosed)
}

// After a failed strconv.Atoi, n is not always 0. For a text that is no number
// it is 0, which cannot be told from the number 0, and for a number out of
// range it is the largest or smallest int: strconv returns the nearest value
// together with ErrRange. So a counter of a thousand digits becomes a huge
// number and not nothing. The documentation of each function says what comes
// with its error; where it says nothing, expect nothing. If bad input should
// mean a default, write the if.
//
//claim:ask n, _ := strconv.Atoi(s): what is n if s is no number?
//claim:source https://pkg.go.dev/strconv#ParseInt
func TestIgnoreAtoi(t *testing.T) {
	for text, want := range map[string]int{
		"7": 7, "": 0, "seven": 0, "7 ": 0, "7.5": 0,
		strings.Repeat("9", 1000): math.MaxInt, "-" + strings.Repeat("9", 1000): math.MinInt,
	} {
		n, _ := strconv.Atoi(text)
		assert.Equal(t, want, n, text)
	}
	small, err := strconv.ParseInt("300", 10, 8)
	assert.EqualValues(t, 127, small)
	assert.ErrorIs(t, err, strconv.ErrRange)
	infinite, err := strconv.ParseFloat("1e999", 64)
	assert.True(t, math.IsInf(infinite, 1))
	assert.ErrorIs(t, err, strconv.ErrRange)
	yes, _ := strconv.ParseBool("yes")
	assert.False(t, yes)
}

// go vet reports an unused result, for a list of functions whose result is
// their only effect: fmt.Errorf, errors.New, fmt.Sprintf and some more. It is
// the analyzer unusedresult, and it is not among the checks that go test runs.
// It does not know constructors of your own. The compiler is silent, because a
// call may stand alone as a statement. So a condition with a forgotten return
// passes every test that looks at good input only.
//
//claim:ask I wrote fmt.Errorf(...) and forgot the return. Who tells me?
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/unusedresult
//claim:source https://pkg.go.dev/cmd/go#hdr-Test_packages
func TestIgnoreUnusedResult(t *testing.T) {
	proof.OnceUnderRace(t)
	report, err := proof.Go(t, "vet", "./testdata/ignore/unused")
	assert.Error(t, err)
	assert.Contains(t, report, "main.go:11:3: result of fmt.Errorf call not used")
	assert.Contains(t, report, "main.go:14:3: result of errors.New call not used")
	assert.NotContains(t, report, "newError")
	report, err = proof.Go(t, "vet", "-atomic", "-bool", "-buildtags", "-directive", "-errorsas", "-ifaceassert",
		"-nilfunc", "-printf", "-stringintconv", "-tests", "./testdata/ignore/unused")
	assert.NoError(t, err, "what go test checks: %s", report)
	assert.Empty(t, shadowTypeErrors(t, `package p
		func newError(text string) error
		func check(n int) error { if n < 0 { newError("negative") }; return nil }`))
}

// Whether json.Marshal can fail depends on the type. Strings, integers,
// booleans, and structs, slices and maps of them always can be written, so the
// error is only possible after a change of the type: panic on it, as for any
// broken invariant. It is a real error for floats, where NaN and infinities
// have no form in JSON, for any and other interfaces, which may hold a channel
// or a function, for pointers, which may form a cycle, and for types with a
// method MarshalJSON. Then bad data reach it from outside.
//
//claim:ask May I ignore the error of json.Marshal?
//claim:source https://pkg.go.dev/encoding/json#Marshal
func TestIgnoreMarshal(t *testing.T) {
	type plain struct {
		Name  string
		Count int
		Tags  map[string][]bool
	}
	_, err := json.Marshal(plain{"\xff\x00", math.MinInt, map[string][]bool{"": nil}})
	assert.NoError(t, err, "also with bytes that are no UTF-8")

	type ring struct{ Next *ring }
	cycle := &ring{}
	cycle.Next = cycle
	for _, v := range []any{math.NaN(), math.Inf(1), make(chan int), func() {}, cycle, ignoreMarshaler{}} {
		_, err := json.Marshal(v)
		assert.Error(t, err, "%T", v)
	}
	_, err = json.Marshal(ignoreMarshaler{})
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "the error of the method, wrapped")
}

type ignoreMarshaler struct{}

func (ignoreMarshaler) MarshalJSON() ([]byte, error) { return nil, io.ErrUnexpectedEOF }
