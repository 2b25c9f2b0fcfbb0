package errors

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// eofWrapping is a reader that breaks the contract: it adds context to io.EOF.
type eofWrapping struct{ r io.Reader }

func (w eofWrapping) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil {
		err = fmt.Errorf("stream 7: %w", err)
	}
	return n, err
}

// A Read method returns io.EOF itself and never wraps it, because its callers
// compare with ==: io.Copy, io.ReadAll, bufio and the decoders all do. A reader
// that returns a wrapped EOF makes them report a failure at every normal end.
// So err == io.EOF is right on the result of Read. A function that is not a
// Read method may wrap: there errors.Is(err, io.EOF) is right, and it is never
// wrong. If an end in the middle is an error of yours, return
// io.ErrUnexpectedEOF instead.
//
//claim:ask Why can an error be compared with == to io.EOF in one place and not in another?
//claim:source https://pkg.go.dev/io#EOF
//claim:source io/io.go
func TestEOFBare(t *testing.T) {
	good, err := io.ReadAll(strings.NewReader("text"))
	assert.NoError(t, err)
	bad, err := io.ReadAll(eofWrapping{strings.NewReader("text")})
	assert.Equal(t, good, bad)
	assert.EqualError(t, err, "stream 7: EOF", "a failure, at the normal end")
	assert.False(t, err == io.EOF)
	assert.ErrorIs(t, err, io.EOF)

	_, err = io.Copy(io.Discard, eofWrapping{strings.NewReader("text")})
	assert.Error(t, err)
	lines := bufio.NewScanner(eofWrapping{strings.NewReader("text\n")})
	for lines.Scan() {
	}
	assert.Error(t, lines.Err())
	assert.Error(t, json.NewDecoder(eofWrapping{strings.NewReader("")}).Decode(new(any)))
	assert.Equal(t, io.EOF, json.NewDecoder(strings.NewReader("")).Decode(new(any)))
}

// io.EOF says that the input ended where it may end, io.ErrUnexpectedEOF that
// it ended inside of something. io.ReadFull and io.ReadAtLeast return EOF if
// they got no byte at all and ErrUnexpectedEOF if they got some. A json.Decoder
// does the same for a value, and io.CopyN returns EOF for a short source,
// however much it has copied. The two are different values, and errors.Is does
// not take one for the other: a loop that ends at EOF must still report
// ErrUnexpectedEOF.
//
//claim:ask When do you get io.EOF and when io.ErrUnexpectedEOF?
//claim:source https://pkg.go.dev/io#ReadFull
func TestEOFUnexpected(t *testing.T) {
	buffer := make([]byte, 4)
	for input, want := range map[string]error{"": io.EOF, "ab": io.ErrUnexpectedEOF, "abcd": nil} {
		n, err := io.ReadFull(strings.NewReader(input), buffer)
		assert.Equal(t, want, err, input)
		assert.Equal(t, len(input), n)
	}
	_, err := io.ReadAtLeast(strings.NewReader("ab"), buffer, 3)
	assert.Equal(t, io.ErrUnexpectedEOF, err)
	_, err = io.ReadFull(strings.NewReader(""), nil)
	assert.NoError(t, err, "nothing was asked")
	n, err := io.CopyN(io.Discard, strings.NewReader("ab"), 4)
	assert.EqualValues(t, 2, n)
	assert.Equal(t, io.EOF, err)
	err = json.NewDecoder(strings.NewReader(`{"a":`)).Decode(new(any))
	assert.Equal(t, io.ErrUnexpectedEOF, err)
	assert.NotErrorIs(t, err, io.EOF)
}

// A Read may return data together with io.EOF, or the data first and 0, EOF in
// the next call; both are allowed. So use the n bytes before you look at err. A
// loop that tests err first loses the last block of some readers and works with
// others. testing/iotest has DataErrReader to test for that. The same holds for
// bufio.Reader.ReadString: the last line without a line feed comes with EOF.
//
//claim:ask In a read loop, do I look at n or at err first?
//claim:source https://pkg.go.dev/io#Reader
func TestEOFWithData(t *testing.T) {
	read := func(r io.Reader, dataFirst bool) (text string) {
		buffer := make([]byte, 8)
		for {
			n, err := r.Read(buffer)
			if dataFirst {
				text += string(buffer[:n])
			}
			if err != nil {
				return text
			}
			if !dataFirst {
				text += string(buffer[:n])
			}
		}
	}
	for _, dataFirst := range []bool{true, false} {
		assert.Equal(t, "abcdefghij", read(strings.NewReader("abcdefghij"), dataFirst), "works by luck")
	}
	assert.Equal(t, "abcdefghij", read(iotest.DataErrReader(strings.NewReader("abcdefghij")), true))
	assert.Equal(t, "abcdefgh", read(iotest.DataErrReader(strings.NewReader("abcdefghij")), false), "the end is lost")

	lines := bufio.NewReader(strings.NewReader("a\nb"))
	line, err := lines.ReadString('\n')
	assert.Equal(t, "a\n", line)
	assert.NoError(t, err)
	line, err = lines.ReadString('\n')
	assert.Equal(t, "b", line, "a line and EOF")
	assert.Equal(t, io.EOF, err)
}

// eofIdle returns no data and no error.
type eofIdle struct{ reads int }

func (r *eofIdle) Read([]byte) (int, error) {
	r.reads++
	return 0, nil
}

// A bufio.Scanner turns io.EOF into the end of its loop: Scan returns false and
// Err returns nil. For every other error Scan returns false as well, so a loop
// without a look at Err afterwards takes a broken connection, or a line of 64
// KiB or more (bufio.ErrTooLong), for the end of the input. A reader that
// returns 0 bytes and no error again and again ends with io.ErrNoProgress after
// 100 reads.
//
//claim:ask How do you see an error while scanning, and why is it never io.EOF?
//claim:source https://pkg.go.dev/bufio#Scanner.Err
//claim:source https://pkg.go.dev/io#ErrNoProgress
func TestEOFScanner(t *testing.T) {
	scan := func(r io.Reader) (lines int, err error) {
		s := bufio.NewScanner(r)
		for s.Scan() {
			lines++
		}
		return lines, s.Err()
	}
	lines, err := scan(strings.NewReader("a\nb"))
	assert.Equal(t, 2, lines)
	assert.NoError(t, err)
	lines, err = scan(io.MultiReader(strings.NewReader("a\nb\n"), iotest.ErrReader(io.ErrClosedPipe)))
	assert.Equal(t, 2, lines, "looks like the end")
	assert.Equal(t, io.ErrClosedPipe, err)
	_, err = scan(strings.NewReader(strings.Repeat("x", bufio.MaxScanTokenSize)))
	assert.Equal(t, bufio.ErrTooLong, err)

	idle := &eofIdle{}
	_, err = bufio.NewReader(idle).ReadByte()
	assert.Equal(t, io.ErrNoProgress, err)
	assert.Equal(t, 100, idle.reads)
	_, err = scan(&eofIdle{})
	assert.Equal(t, io.ErrNoProgress, err)
}

// The end of a file is not a failure of the operation, so *os.File returns
// io.EOF bare, and wraps other errors, such as os.ErrClosed, in *fs.PathError.
// It is a signal, not an error with a cause: nothing needs the path there. A
// function that reads a whole message should not let EOF through, because a
// caller in a loop would take a truncated message for a clean end: translate
// it.
//
//claim:ask Which errors of os.File.Read are wrapped, and should my function pass io.EOF on?
//claim:source https://pkg.go.dev/os#File.Read
func TestEOFFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "two")
	require.NoError(t, os.WriteFile(name, []byte("ab"), 0o600))
	file, err := os.Open(name)
	require.NoError(t, err)
	_, err = io.ReadFull(file, make([]byte, 2))
	assert.NoError(t, err)
	_, err = file.Read(make([]byte, 2))
	assert.True(t, err == io.EOF)
	require.NoError(t, file.Close())
	_, err = file.Read(make([]byte, 2))
	assert.False(t, err == os.ErrClosed, "wrapped in *fs.PathError")
	assert.ErrorIs(t, err, os.ErrClosed)

	message := func(r io.Reader) error { // 2 bytes of length, then the body
		if _, err := io.ReadFull(r, make([]byte, 2)); err != nil {
			return err
		}
		_, err := io.ReadFull(r, make([]byte, 4))
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	assert.Equal(t, io.EOF, message(strings.NewReader("")), "clean end between two messages")
	assert.Equal(t, io.ErrUnexpectedEOF, message(strings.NewReader("04")))
	assert.NoError(t, message(strings.NewReader("04body")))
}

// A connection that the other side has closed returns io.EOF bare from Read,
// and other errors, such as net.ErrClosed, inside of a *net.OpError. The other
// reading methods are less strict: ReadFrom of a *net.UnixConn returned EOF
// wrapped in *net.OpError up to Go 1.26, and returns it bare since Go 1.27.
// Code that used errors.Is there has not noticed. So == io.EOF is for Read,
// where the contract says so.
//
//claim:ask Does a network connection return io.EOF bare?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/io#EOF
//claim:source https://pkg.go.dev/net#UnixConn.ReadFrom
func TestEOFSocket(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("uses a Unix socket")
	}
	server, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	require.NoError(t, err)
	defer server.Close()
	client, err := net.Dial("unix", server.Addr().String())
	require.NoError(t, err)
	conn, err := server.Accept()
	require.NoError(t, err)
	require.NoError(t, conn.Close())

	_, err = client.Read(make([]byte, 1))
	assert.True(t, err == io.EOF)
	_, _, err = client.(*net.UnixConn).ReadFrom(make([]byte, 1))
	assert.ErrorIs(t, err, io.EOF)
	assert.Equal(t, proof.GoAtLeast("go1.27"), err == io.EOF)
	require.NoError(t, client.Close())
	_, err = client.Read(make([]byte, 1))
	assert.ErrorIs(t, err, net.ErrClosed)
	_, ok := errors.AsType[*net.OpError](err)
	assert.True(t, ok)
}
