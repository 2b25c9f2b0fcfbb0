package optimizing

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// It makes system calls rare: a line of 16 bytes is copied into the buffer, and only
// each 256th line leads to a write. That is more than 4 times as fast even for the
// null device, whose write does nothing; what remains there is the cost of entering
// the kernel. With a real disk or connection the calls cost more. Without a buffer
// each Fprintf, each record of an encoder and each log line is a system call of its
// own. The price: what is in the buffer is lost if the process dies, and is seen by
// nobody before Flush.
//
//claim:ask What does buffering bring for small writes?
//claim:expect ns/op of=file > 4x of=bufio
//claim:needs goos=linux
//claim:source https://pkg.go.dev/bufio#Writer
func BenchmarkBuffering(b *testing.B) {
	file, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(b, err)
	b.Cleanup(func() { file.Close() })
	line := []byte("a line of 16 b.\n")
	buffered := bufio.NewWriter(file)
	layoutRun(b, "of=file", func() { _ = bufferingWriteLines(file, line, 100) })
	layoutRun(b, "of=bufio", func() { _ = bufferingWriteLines(buffered, line, 100) })
}

// One for each full buffer: 1000 lines of 20 bytes are 1000 writes without a buffer,
// 5 with the 4096 bytes of bufio.NewWriter, and 1 with 64 KiB. So the first few KiB
// bring nearly everything, and a larger buffer pays only if one call is expensive, as
// for a network file system. A write that is larger than an empty buffer goes
// directly to the file, without a copy. A Flush after each line brings back the 1000
// writes: flush when nothing more is waiting, for example before blocking on input.
//
//claim:ask How large should the buffer of a bufio.Writer be?
//claim:source bufio/bufio.go
func TestBufferingSize(t *testing.T) {
	line := []byte("this line has 20 b.\n")
	require.Len(t, line, 20)
	writes := func(size int, flushEach bool) int {
		counter := &CallCounter{W: io.Discard}
		w := bufio.NewWriterSize(counter, size)
		for range 1000 {
			w.Write(line)
			if flushEach {
				w.Flush()
			}
		}
		w.Flush()
		return counter.Writes
	}
	direct := &CallCounter{W: io.Discard}
	require.NoError(t, bufferingWriteLines(direct, line, 1000))
	assert.Equal(t, 1000, direct.Writes)
	assert.Equal(t, 5, writes(4096, false))
	assert.Equal(t, 1, writes(64<<10, false))
	assert.Equal(t, 1000, writes(4096, true))
	assert.Equal(t, 4096, bufio.NewWriter(nil).Size())

	large := &CallCounter{W: io.Discard}
	w := bufio.NewWriter(large)
	w.Write(make([]byte, 1<<20))
	assert.Equal(t, 1, large.Writes, "passed on at once")
	assert.Zero(t, w.Buffered())
}

// Not always. A bufio.Reader or bufio.Writer that is wrapped again with the same or a
// smaller size is returned as it is. A bytes.Buffer, a strings.Reader or an
// http.ResponseWriter is memory or has a buffer already, so a second one only copies
// everything twice. And two Readers must not share one source: the first one has read
// ahead, and the rest of the input is in its buffer, so the second continues at the
// wrong place.
//
//claim:ask Does it hurt to wrap a reader in bufio.NewReader to be on the safe side?
//claim:source https://pkg.go.dev/bufio#NewReaderSize
func TestBufferingTwice(t *testing.T) {
	reader := bufio.NewReader(strings.NewReader("x"))
	assert.Same(t, reader, bufio.NewReader(reader))
	writer := bufio.NewWriterSize(io.Discard, 1<<16)
	assert.Same(t, writer, bufio.NewWriter(writer))
	assert.NotSame(t, writer, bufio.NewWriterSize(writer, 1<<17))

	source := strings.NewReader("first\nsecond\n")
	first, err := bufio.NewReader(source).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "first\n", first)
	_, err = bufio.NewReader(source).ReadString('\n')
	assert.ErrorIs(t, err, io.EOF, "the first reader has taken all")
}

// The first error is kept: after it all further Writes and the Flush return that same
// error and write nothing. So a loop of writes need not look at each error if the
// result of Flush is checked at the end, and it must be checked, because a write that
// fits into the buffer cannot fail. A deferred Flush whose error is thrown away hides
// a full disk. Close of the file does not flush the buffer.
//
//claim:ask Where do errors appear if I write through a bufio.Writer?
//claim:source https://pkg.go.dev/bufio#Writer
func TestBufferingError(t *testing.T) {
	full := errors.New("disk full")
	failing := &CallCounter{W: bufferingWriterFunc(func([]byte) (int, error) { return 0, full })}
	w := bufio.NewWriter(failing)
	_, err := w.WriteString("fits into the buffer")
	assert.NoError(t, err)
	assert.ErrorIs(t, w.Flush(), full)
	_, err = w.WriteString("more")
	assert.ErrorIs(t, err, full)
	assert.ErrorIs(t, w.Flush(), full)
	assert.Equal(t, 1, failing.Writes, "not tried again")
}

type bufferingWriterFunc func([]byte) (int, error)

func (f bufferingWriterFunc) Write(p []byte) (int, error) { return f(p) }

// A bufio.Scanner whose Bytes are used, if a line need not live longer than the loop:
// it allocates its buffer once, while ReadString allocates a string for each line, and
// io.ReadAll needs memory for the whole input and for all the smaller buffers that it
// has outgrown. The bytes of the Scanner are overwritten by the next Scan. Its limit
// is 64 KiB for a line, with the error in Err, which must be checked; Buffer sets
// another one.
//
//claim:ask What is the cheapest way to read a file line by line?
//claim:source https://pkg.go.dev/bufio#Scanner
func TestBufferingLines(t *testing.T) {
	for _, text := range []string{"", "\n", "a\nbc\n\n", strings.Repeat("line\n", 5000)} {
		lines, n := bufferingScan(strings.NewReader(text))
		assert.Equal(t, strings.Count(text, "\n"), lines)
		for _, f := range []func(io.Reader) (int, int){bufferingReadString, bufferingReadAll} {
			otherLines, otherN := f(strings.NewReader(text))
			assert.Equal(t, [2]int{lines, n}, [2]int{otherLines, otherN})
		}
	}
	scanner := bufio.NewScanner(strings.NewReader(strings.Repeat("x", 1<<17) + "\n"))
	assert.False(t, scanner.Scan())
	assert.ErrorIs(t, scanner.Err(), bufio.ErrTooLong)

	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	text := strings.Repeat("a line of the text, not a long one\n", 1000)
	allocs := func(f func(io.Reader) (int, int)) float64 {
		return testing.AllocsPerRun(5, func() { f(strings.NewReader(text)) })
	}
	assert.LessOrEqual(t, allocs(bufferingScan), 5.0)
	assert.GreaterOrEqual(t, allocs(bufferingReadString), 1000.0)
	scanned := proof.AllocatedBytes(func() { bufferingScan(strings.NewReader(text)) })
	assert.Less(t, scanned, uint64(16<<10))
	all := proof.AllocatedBytes(func() { bufferingReadAll(strings.NewReader(text)) })
	assert.GreaterOrEqual(t, all, uint64(2*len(text)))
}

// Each call of io.Copy allocates a buffer of 32 KiB, unless the source has WriteTo or
// the destination ReadFrom: files, connections, bytes.Buffer, bufio.Reader and others
// have one of them and need no buffer, or let the kernel copy. A wrapper that has only
// Read or Write hides these methods. In a proxy where many copies go through wrappers,
// io.CopyBuffer with a buffer from a pool saves the garbage. If WriteTo or ReadFrom
// exists, CopyBuffer does not touch the buffer.
//
//claim:ask Does io.Copy allocate a buffer, and when is io.CopyBuffer worth it?
//claim:source io/io.go
func TestBufferingCopy(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds memory of its own")
	}
	data := make([]byte, 100_000)
	buffer := make([]byte, 32<<10)
	copied := func(with []byte, hidden bool) (allocated uint64, reads int) {
		source := bytes.NewReader(data)
		counter := &CallCounter{R: source, W: io.Discard}
		allocated = proof.AllocatedBytes(func() {
			if hidden {
				_, _ = io.CopyBuffer(struct{ io.Writer }{counter}, counter, with)
			} else {
				_, _ = io.CopyBuffer(io.Discard, source, with)
			}
		})
		return allocated, counter.Reads
	}
	allocated, reads := copied(nil, true)
	assert.GreaterOrEqual(t, allocated, uint64(32<<10))
	assert.Equal(t, 5, reads, "four with data, one with io.EOF")
	allocated, _ = copied(buffer, true)
	assert.Less(t, allocated, uint64(8<<10))
	allocated, _ = copied(nil, false)
	assert.Less(t, allocated, uint64(8<<10), "bytes.Reader has WriteTo")
}

// No: fmt.Fprintf formats the whole text in a buffer of its own and passes it on in
// one Write. So one line is one system call however many verbs it has, and the line
// does not mix with those of other goroutines that write to the same file by one call
// each. But each Fprintf is a call of its own: ten for one line are ten writes, with
// other lines possible between them.
//
//claim:ask Does fmt.Fprintf to a file make a system call for each part of the format?
//claim:source fmt/print.go
func TestBufferingFprintf(t *testing.T) {
	var out bytes.Buffer
	counter := &CallCounter{W: &out}
	fmt.Fprintf(counter, "%s: %d of %d, %v\n", "name", 1, 2, []int{1, 2, 3})
	assert.Equal(t, 1, counter.Writes)
	assert.Equal(t, "name: 1 of 2, [1 2 3]\n", out.String())
	fmt.Fprint(counter, "a", "b", 3)
	fmt.Fprintln(counter, "c")
	assert.Equal(t, 3, counter.Writes)
}
