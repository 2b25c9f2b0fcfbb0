package optimizing

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A bufferingTrapReader counts the calls of Read: for a file or a connection each is a
// system call.
type bufferingTrapReader struct {
	r     io.Reader
	calls int
}

func (r *bufferingTrapReader) Read(p []byte) (int, error) {
	r.calls++
	return r.r.Read(p)
}

// Because it reads byte by byte: fmt.Fscan must not take more than it needs from a
// reader to which it cannot give anything back, so for a file or os.Stdin each byte of
// input is a call of Read. With bufio.NewReader around it, which has UnreadRune, 7000
// bytes take a few calls in place of 7000. Make the bufio.Reader once and not for each
// Fscan, or what it has read ahead is lost.
//
//claim:ask Why is reading a million numbers with fmt.Fscan from os.Stdin so slow?
//claim:source https://pkg.go.dev/fmt#Fscan
//claim:source fmt/scan.go
func TestBufferingTrapFscan(t *testing.T) {
	text := strings.Repeat("123456 ", 1000)
	sum := func(r io.Reader) (sum int) {
		for range 1000 {
			var n int
			_, err := fmt.Fscan(r, &n)
			require.NoError(t, err)
			sum += n
		}
		return sum
	}
	direct := &bufferingTrapReader{r: strings.NewReader(text)}
	assert.Equal(t, 123_456_000, sum(direct))
	assert.GreaterOrEqual(t, direct.calls, len(text)-1)

	source := &bufferingTrapReader{r: strings.NewReader(text)}
	assert.Equal(t, 123_456_000, sum(bufio.NewReader(source)))
	assert.LessOrEqual(t, source.calls, 3)
}

// The rest of the input is gone. A bufio.Reader takes as much as its buffer holds, and
// what it does not return stays in that buffer: a second bufio.Reader on the same
// connection starts behind it. It works in a test in which each message comes in a
// packet of its own, and fails under load. Keep one bufio.Reader for the life of the
// connection, and give it, not the connection, to whoever reads on.
//
//claim:ask I make a bufio.NewReader(conn) for each request of a connection. What happens?
//claim:source https://pkg.go.dev/bufio#NewReader
func TestBufferingTrapLost(t *testing.T) {
	const text = "first\nsecond\n"
	conn := strings.NewReader(text)
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "first\n", line)
	_, err = bufio.NewReader(conn).ReadString('\n')
	assert.Equal(t, io.EOF, err, "the second line was in the buffer of the first reader")

	kept := bufio.NewReader(strings.NewReader(text))
	for _, want := range []string{"first\n", "second\n"} {
		line, err = kept.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, want, line)
	}
}

// The line that was kept changes: Scanner.Bytes, ReadSlice and Peek return a part of
// the buffer, and the next read moves other bytes there. That is why they allocate
// nothing. Use such bytes before the next call, or copy what you keep, with
// bytes.Clone, string(line) or Scanner.Text. As long as everything fits into the buffer
// nothing moves, so a test with a short file finds no fault.
//
//claim:ask I collect the results of scanner.Bytes() in a slice. What is wrong?
//claim:source https://pkg.go.dev/bufio#Scanner.Bytes
//claim:source https://pkg.go.dev/bytes#Clone
func TestBufferingTrapBytes(t *testing.T) {
	lines := func(n int, keep func([]byte) []byte) (kept [][]byte) {
		var text bytes.Buffer
		for i := range n {
			fmt.Fprintf(&text, "line %05d\n", i)
		}
		scanner := bufio.NewScanner(&text)
		for scanner.Scan() {
			kept = append(kept, keep(scanner.Bytes()))
		}
		require.NoError(t, scanner.Err())
		require.Len(t, kept, n)
		return kept
	}
	same := func(line []byte) []byte { return line }
	assert.Equal(t, "line 00000", string(lines(3, same)[0]), "a short file")
	assert.NotEqual(t, "line 00000", string(lines(5000, same)[0]), "a long file")
	assert.Equal(t, "line 00000", string(lines(5000, bytes.Clone)[0]))
}

// Reset. A new bufio.Reader allocates its buffer, 4096 bytes unless told otherwise, and
// a Writer as well. For many short-lived connections or files, keep them in a sync.Pool
// and call Reset with the next source: no allocation. Reset drops what is in the buffer
// and the error that a Writer remembers, so flush before. Call Reset(nil) before
// putting it back, or the pool keeps the connection reachable.
//
//claim:ask How do you reuse a bufio.Reader or bufio.Writer?
//claim:source https://pkg.go.dev/bufio#Reader.Reset
//claim:source https://pkg.go.dev/bufio#Writer.Reset
func TestBufferingTrapReset(t *testing.T) {
	source := strings.NewReader("")
	reader, writer := bufio.NewReader(nil), bufio.NewWriter(nil)
	proof.WantAllocs(t, 0, func() {
		source.Reset("x")
		reader.Reset(source)
		if c, _ := reader.ReadByte(); c != 'x' {
			t.Error("got", c)
		}
		writer.Reset(io.Discard)
		_ = writer.WriteByte('x')
		_ = writer.Flush()
	})
	allocated := proof.AllocatedBytes(func() { bufferingTrapSink = bufio.NewReader(source) })
	assert.GreaterOrEqual(t, allocated, uint64(4096))
}

var bufferingTrapSink *bufio.Reader

// Nothing, and no error: what is still in the buffer is not written. Closing the file
// does not help, since the file does not know the buffer, and a Flush after Close is
// too late and returns an error. So call Flush at the end of the successful path and
// check what it returns, which is also the first error of all writes before. Then close
// the file, and check that error too. A deferred Flush whose error nobody reads makes a
// truncated file look complete.
//
//claim:ask What happens if I forget Flush on a bufio.Writer?
//claim:source https://pkg.go.dev/bufio#Writer
func TestBufferingTrapFlush(t *testing.T) {
	write := func(flush bool) string {
		name := filepath.Join(t.TempDir(), "file")
		file, err := os.Create(name)
		require.NoError(t, err)
		w := bufio.NewWriter(file)
		fmt.Fprint(w, strings.Repeat("x", 4096))
		fmt.Fprint(w, "the end")
		if flush {
			require.NoError(t, w.Flush())
		}
		require.NoError(t, file.Close())
		if !flush {
			assert.ErrorIs(t, w.Flush(), os.ErrClosed)
		}
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		return string(content)
	}
	assert.Len(t, write(false), 4096)
	assert.Len(t, write(true), 4096+len("the end"))
}
