package interfaces

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// TeeReader writes to a writer whatever is read through it, so one pass over the data
// serves two: hash it while it is uploaded. It has no buffer and sees only what is read;
// the rest of the source is never written. An error of the writer ends the reading.
// MultiWriter hands each Write to its writers in turn, in one goroutine: the first that
// fails ends the call, and the writers after it do not get these bytes.
//
//claim:ask What do io.TeeReader and io.MultiWriter do if one side fails or stops early?
//claim:source https://pkg.go.dev/io#TeeReader
//claim:source https://pkg.go.dev/io#MultiWriter
func TestIOComposeTee(t *testing.T) {
	var seen bytes.Buffer
	tee := io.TeeReader(strings.NewReader("1234567890"), &seen)
	_, err := io.ReadFull(tee, make([]byte, 4))
	require.NoError(t, err)
	require.Equal(t, "1234", seen.String(), "not the rest")

	full := errors.New("disk full")
	failing := WriterFunc(func([]byte) (int, error) { return 0, full })
	_, err = io.ReadAll(io.TeeReader(strings.NewReader("text"), failing))
	require.ErrorIs(t, err, full)

	var before, after bytes.Buffer
	_, err = io.MultiWriter(&before, failing, &after).Write([]byte("text"))
	require.ErrorIs(t, err, full)
	require.Equal(t, []string{"text", ""}, []string{before.String(), after.String()})
	_, err = io.MultiWriter(WriterFunc(func(p []byte) (int, error) { return len(p) - 1, nil })).Write([]byte("text"))
	require.ErrorIs(t, err, io.ErrShortWrite, "a writer that breaks the contract is found")
}

// A LimitReader ends with io.EOF after n bytes, the same as a source that is complete with
// n bytes. So the truncation is silent: a JSON document that is cut may fail to parse, a
// text does not. Ask for one byte more than you accept, and report an error if it comes; or
// use http.MaxBytesReader, which returns a *http.MaxBytesError. The field N of a
// LimitedReader is what remains.
//
//claim:ask How do I notice that io.LimitReader has cut the input?
//claim:source https://pkg.go.dev/io#LimitReader
//claim:source https://pkg.go.dev/net/http#MaxBytesReader
func TestIOComposeLimit(t *testing.T) {
	const limit = 4
	read := func(text string) (string, error) {
		data, err := io.ReadAll(io.LimitReader(strings.NewReader(text), limit))
		return string(data), err
	}
	exact, err := read("1234")
	require.NoError(t, err)
	cut, err := read("12345")
	require.NoError(t, err)
	require.Equal(t, exact, cut, "no difference")

	oneMore := &io.LimitedReader{R: strings.NewReader("12345"), N: limit + 1}
	_, err = io.ReadAll(oneMore)
	require.NoError(t, err)
	require.Zero(t, oneMore.N, "all used up: too long")

	body := http.MaxBytesReader(httptest.NewRecorder(), io.NopCloser(strings.NewReader("12345")), limit)
	_, err = io.ReadAll(body)
	var tooLarge *http.MaxBytesError
	require.ErrorAs(t, err, &tooLarge)
	require.EqualValues(t, limit, tooLarge.Limit)
}

// A SectionReader is a window on an io.ReaderAt, with an offset of its own. ReadAt gets the
// position as a parameter and changes no state, so any number of sections read one file at
// the same time without a lock. With Read and Seek on a shared file they would move each
// other's offset. SectionReader is a Reader, Seeker and ReaderAt again, and so suits APIs
// like zip.NewReader.
//
//claim:ask What is the difference between io.Reader and io.ReaderAt, and what is a SectionReader for?
//claim:source https://pkg.go.dev/io#ReaderAt
//claim:source https://pkg.go.dev/io#SectionReader
func TestIOComposeSection(t *testing.T) {
	source := strings.NewReader("aaaabbbbcccc")
	parts := make([]string, 3)
	var readers sync.WaitGroup
	for i := range parts {
		readers.Go(func() {
			text, _ := io.ReadAll(io.NewSectionReader(source, int64(i)*4, 4))
			parts[i] = string(text)
		})
	}
	readers.Wait()
	require.Equal(t, []string{"aaaa", "bbbb", "cccc"}, parts)
	rest, err := io.ReadAll(source)
	require.NoError(t, err)
	require.Len(t, rest, 12, "the offset of the source has not moved")

	section := io.NewSectionReader(source, 4, 4)
	_, err = section.Seek(-1, io.SeekEnd)
	require.NoError(t, err)
	last, err := io.ReadAll(section)
	require.NoError(t, err)
	require.Equal(t, "b", string(last))
}

// io.NopCloser adds a Close that does nothing, for functions that want a ReadCloser. If the
// reader has a Close of its own, that is hidden and not called. It keeps WriterTo:
// NopCloser returns one of two types, with and without that method, so io.Copy stays fast;
// other methods, such as Seek, are hidden. A struct literal of embedded interfaces does the
// opposite: struct{ io.Reader; io.Closer }{gz, file} reads from one and closes the other,
// and hides WriterTo.
//
//claim:ask What does io.NopCloser keep and what does it hide?
//claim:source https://pkg.go.dev/io#NopCloser
//claim:source io/io.go
func TestIOComposeNopCloser(t *testing.T) {
	closed := 0
	file := ioComposeFile{strings.NewReader("text"), &closed}
	nop := io.NopCloser(file)
	require.NoError(t, nop.Close())
	require.Zero(t, closed)
	_, ok := nop.(io.WriterTo)
	require.True(t, ok)
	_, ok = nop.(io.Seeker)
	require.False(t, ok)
	_, ok = io.NopCloser(optionalReaderOnly{file}).(io.WriterTo)
	require.False(t, ok)

	var joined io.ReadCloser = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, 2), file}
	text, err := io.ReadAll(joined)
	require.NoError(t, err)
	require.NoError(t, joined.Close())
	require.Equal(t, "te 1", fmt.Sprint(string(text), " ", closed))
	_, ok = joined.(io.WriterTo)
	require.False(t, ok)
}

type ioComposeFile struct {
	*strings.Reader
	closed *int
}

func (f ioComposeFile) Close() error { *f.closed++; return nil }

// io.Pipe connects a writer with a reader: the encoder writes to one end in a goroutine,
// the consumer reads from the other, and nothing is held in memory. The pipe has no buffer:
// a Write returns when its bytes are read or the reader is closed. The writer must end with
// CloseWithError(err), which gives the reader its error, or io.EOF for nil. The reader must
// be closed too, or an early return leaves the goroutine waiting. For small data a
// bytes.Buffer needs no goroutine.
//
//claim:ask An API wants an io.Reader but my encoder wants an io.Writer. How do I connect them?
//claim:source https://pkg.go.dev/io#Pipe
func TestIOComposePipe(t *testing.T) {
	encode := func(v any) *io.PipeReader {
		r, w := io.Pipe()
		go func() { w.CloseWithError(json.NewEncoder(w).Encode(v)) }()
		return r
	}
	r := encode([]int{1, 2})
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, "[1,2]\n", string(text))

	r = encode(func() {})
	_, err = io.ReadAll(r)
	var unsupported *json.UnsupportedTypeError
	require.ErrorAs(t, err, &unsupported, "the error of the writing side")

	r, w := io.Pipe()
	require.NoError(t, r.Close())
	_, err = w.Write([]byte("text"))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

// Read may return n bytes together with io.EOF or another error, and n may be less than was
// asked for without an error. So use the n bytes first, then look at the error; and never
// take a short read for the end. A loop that breaks on err before it uses p[:n] loses the
// last bytes, but only with sources that return both at once, so tests with a
// strings.Reader pass: iotest.DataErrReader and iotest.OneByteReader make such sources. Use
// io.ReadFull to fill a buffer; it returns io.ErrUnexpectedEOF if only a part came.
//
//claim:ask What may io.Reader.Read return, and which bug is common in read loops?
//claim:source https://pkg.go.dev/io#Reader
//claim:source https://pkg.go.dev/testing/iotest#DataErrReader
func TestIOComposeReadContract(t *testing.T) {
	loop := func(r io.Reader, useFirst bool) (all string) {
		p := make([]byte, 4)
		for {
			n, err := r.Read(p)
			if useFirst {
				all += string(p[:n])
			}
			if err != nil {
				return all
			}
			if !useFirst {
				all += string(p[:n])
			}
		}
	}
	require.Equal(t, "123456", loop(strings.NewReader("123456"), false), "looks right")
	require.Equal(t, "1234", loop(iotest.DataErrReader(strings.NewReader("123456")), false), "the last bytes are lost")
	require.Equal(t, "123456", loop(iotest.DataErrReader(strings.NewReader("123456")), true))

	p := make([]byte, 4)
	n, err := iotest.OneByteReader(strings.NewReader("123456")).Read(p)
	require.Equal(t, "1 <nil>", fmt.Sprint(n, " ", err))
	n, err = io.ReadFull(iotest.OneByteReader(strings.NewReader("123456")), p)
	require.Equal(t, "4 <nil>", fmt.Sprint(n, " ", err))
	_, err = io.ReadFull(strings.NewReader("12"), p)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = io.ReadFull(strings.NewReader(""), p)
	require.Equal(t, io.EOF, err, "nothing came")
}

// Each layer that buffers or frames writes its last bytes when it is closed or flushed:
// close the outer one first, then the one below. A gzip.Writer does not close its writer,
// and a bufio.Writer has no Close at all. An error of these calls is an error of the data,
// so check it. Without the Close of gzip the file is cut and the reader reports an
// unexpected EOF.
//
//claim:ask In which order do I close a chain of writers such as gzip over bufio over a file?
//claim:source https://pkg.go.dev/compress/gzip#Writer.Close
func TestIOComposeCloseOrder(t *testing.T) {
	write := func(finish func(gz *gzip.Writer, buffer *bufio.Writer)) []byte {
		var file bytes.Buffer
		buffer := bufio.NewWriter(&file)
		gz, err := gzip.NewWriterLevel(buffer, gzip.NoCompression)
		require.NoError(t, err)
		_, err = io.WriteString(gz, "text")
		require.NoError(t, err)
		finish(gz, buffer)
		return file.Bytes()
	}
	read := func(file []byte) (string, error) {
		gz, err := gzip.NewReader(bytes.NewReader(file))
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(gz)
		return string(text), err
	}
	text, err := read(write(func(gz *gzip.Writer, buffer *bufio.Writer) { _, _ = gz.Close(), buffer.Flush() }))
	require.NoError(t, err)
	require.Equal(t, "text", text)
	_, err = read(write(func(gz *gzip.Writer, buffer *bufio.Writer) { _, _ = buffer.Flush(), gz.Close() }))
	require.Error(t, err, "inner first: the end stays in the buffer")
	_, err = read(write(func(gz *gzip.Writer, buffer *bufio.Writer) { _, _ = gz.Flush(), buffer.Flush() }))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "flushed, not closed")
	_, ok := any(&bufio.Writer{}).(io.Closer)
	require.False(t, ok)
}

// Two embedded types that have a method of the same name at the same depth cancel each
// other out: the outer type has no such method, and no error is reported until somebody
// uses it. bufio.ReadWriter embeds a *Reader and a *Writer; both have Size, Buffered and
// Reset, so it has none of them, but it has Flush, Peek, ReadFrom and WriteTo. Select one:
// rw.Reader.Buffered().
//
//claim:ask bufio.ReadWriter embeds a Reader and a Writer. Why can I not call Buffered or Reset on it?
//claim:source https://go.dev/ref/spec#Selectors
//claim:source https://pkg.go.dev/bufio#ReadWriter
func TestIOComposeAmbiguous(t *testing.T) {
	both := reflect.TypeFor[bufio.ReadWriter]()
	for name, want := range map[string]bool{
		"Read": true, "Write": true, "Flush": true, "Peek": true, "ReadFrom": true, "WriteTo": true,
		"Size": false, "Buffered": false, "Reset": false,
	} {
		_, ok := both.MethodByName(name)
		require.Equal(t, want, ok, name)
	}
	for _, part := range []reflect.Type{reflect.TypeFor[*bufio.Reader](), reflect.TypeFor[*bufio.Writer]()} {
		_, ok := part.MethodByName("Buffered")
		require.True(t, ok)
	}
}
