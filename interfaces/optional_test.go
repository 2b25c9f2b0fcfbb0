package interfaces

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"runtime/pprof"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// An optional interface is a method that a function can use but does not demand: it asks
// for it with a type assertion and has a slower way for values without it. [io.WriteString]
// takes a Writer, calls WriteString if the value has it, and converts the string to bytes
// if not. The signature does not show it, so the documentation of the function must. Both
// ways must have the same result; a value that gets it wrong in one of them is a bug that
// only some callers see.
//
//claim:ask What is an optional interface, and how does a function use one?
//claim:source https://pkg.go.dev/io#WriteString
func TestOptionalInterface(t *testing.T) {
	var plain optionalTally
	n, err := io.WriteString(&plain, "text")
	require.NoError(t, err)
	require.Equal(t, 4, n)
	require.Equal(t, optionalTally{write: 1}, plain)

	var full optionalFullTally
	n, err = io.WriteString(&full, "text")
	require.NoError(t, err)
	require.Equal(t, 4, n)
	require.Equal(t, optionalTally{writeString: 1}, full.optionalTally)
}

// io.Copy first looks for WriteTo on the source, then for ReadFrom on the destination; only
// if both are missing it reads into a buffer and writes from it. The source wins even if
// the destination could do it better. The buffer has 32 KiB, or less if the source is an
// [io.LimitedReader] with less to give. The buffer that is handed to [io.CopyBuffer] is not
// used when one of the two methods exists; an empty one that is not nil panics all the
// same.
//
//claim:ask In which order does io.Copy try WriteTo, ReadFrom and a buffer?
//claim:source https://pkg.go.dev/io#Copy
//claim:source https://pkg.go.dev/io#CopyBuffer
func TestOptionalCopyOrder(t *testing.T) {
	const size = 64 << 10
	text := strings.Repeat("x", size)

	var both optionalFullTally
	_, err := io.Copy(&both, strings.NewReader(text)) // has WriteTo
	require.NoError(t, err)
	require.Equal(t, optionalTally{writeString: 1}, both.optionalTally, "WriteTo of strings.Reader calls WriteString")

	var readFrom optionalFullTally
	_, err = io.Copy(&readFrom, optionalReaderOnly{strings.NewReader(text)})
	require.NoError(t, err)
	require.Equal(t, optionalTally{readFrom: 1}, readFrom.optionalTally)

	var buffered optionalTally
	_, err = io.Copy(&buffered, optionalReaderOnly{strings.NewReader(text)})
	require.NoError(t, err)
	require.Equal(t, optionalTally{write: 2}, buffered, "64 KiB through a buffer of 32 KiB")

	var largest int
	source := ReaderFunc(func(p []byte) (int, error) {
		largest = max(largest, len(p))
		return len(p), nil
	})
	_, err = io.Copy(optionalWriterOnly{io.Discard}, io.LimitReader(source, 100))
	require.NoError(t, err)
	require.Equal(t, 100, largest, "a buffer as small as the limit")
	_, err = io.Copy(optionalWriterOnly{io.Discard}, io.LimitReader(optionalReaderOnly{source}, 40<<10))
	require.NoError(t, err)
	require.Equal(t, 32<<10, largest)

	empty := []byte{}
	require.PanicsWithValue(t, "empty buffer in CopyBuffer", func() {
		_, _ = io.CopyBuffer(&optionalTally{}, strings.NewReader(text), empty)
	}, "although it would not be used")
	own := make([]byte, 16<<10)
	var quarters optionalTally
	_, err = io.CopyBuffer(&quarters, optionalReaderOnly{strings.NewReader(text)}, own)
	require.NoError(t, err)
	require.Equal(t, optionalTally{write: 4}, quarters)
	var once optionalTally
	_, err = io.CopyBuffer(&once, bytes.NewReader([]byte(text)), own)
	require.NoError(t, err)
	require.Equal(t, optionalTally{write: 1}, once, "the buffer is not used")
}

// A wrapper has only the methods it declares or embeds, so a wrapper around a Reader has no
// WriteTo even if the reader inside has. The program still works: io.Copy falls back to its
// buffer, with one 32 KiB allocation and one copy of all data, where the reader inside
// would have handed over its bytes with one Write. Nothing reports the loss; count calls or
// look at a profile.
//
//claim:ask What does it cost to wrap a bytes.Reader in a struct that embeds io.Reader before io.Copy?
//claim:expect writes/copy of=direct == 1
//claim:expect writes/copy of=hidden == 4
//claim:expect allocs/op of=direct == 0
//claim:expect B/op of=hidden > 256000
//claim:expect ns/op of=hidden > 10x of=direct
//claim:source https://pkg.go.dev/io#Copy
func BenchmarkOptionalHidden(b *testing.B) {
	data := make([]byte, 128<<10)
	reader := bytes.NewReader(data)
	for _, variant := range []struct {
		name   string
		source io.Reader
	}{
		{"direct", reader},
		{"hidden", &optionalReaderOnly{reader}},
	} {
		b.Run("of="+variant.name, func(b *testing.B) {
			b.ReportAllocs()
			sink := new(optionalTally)
			copies := 0
			for b.Loop() {
				for range 8 {
					reader.Reset(data)
					if n, err := io.Copy(sink, variant.source); n != int64(len(data)) || err != nil {
						b.Fatal(n, err)
					}
					copies++
				}
			}
			b.ReportMetric(float64(sink.write)/float64(copies), "writes/copy")
		})
	}
}

// Give the wrapper the optional methods, each passing on with the function that knows the
// fallback: WriteString by io.WriteString, ReadFrom by io.Copy on what is inside. Then the
// wrapper is right whether or not the value inside has the method, because the fallback is
// in the function. This works only for methods that have such a fallback. A Flush has none,
// so a wrapper with Flush promises something that it may not hold.
//
//claim:ask How do I write a counting io.Writer that does not take the fast path away from io.Copy?
//claim:source https://pkg.go.dev/io#ReaderFrom
func TestOptionalForwarded(t *testing.T) {
	for _, inner := range []io.Writer{new(optionalTally), new(optionalFullTally)} {
		counter := &CountWriter{W: inner}
		_, err := io.Copy(counter, optionalReaderOnly{strings.NewReader("12345")})
		require.NoError(t, err)
		_, err = io.WriteString(counter, "678")
		require.NoError(t, err)
		_, err = counter.Write([]byte("9"))
		require.NoError(t, err)
		require.EqualValues(t, 9, counter.N)
	}
	full := new(optionalFullTally)
	counter := &CountWriter{W: full}
	_, _ = io.Copy(counter, optionalReaderOnly{strings.NewReader("12345")})
	_, _ = io.WriteString(counter, "678")
	require.Equal(t, optionalTally{writeString: 1, readFrom: 1}, full.optionalTally)

	broken := errors.New("disk full")
	half := &CountWriter{W: WriterFunc(func(p []byte) (int, error) { return len(p) / 2, broken })}
	_, err := half.Write([]byte("1234"))
	require.ErrorIs(t, err, broken)
	_, err = half.WriteString("1234")
	require.ErrorIs(t, err, broken)
	_, err = half.ReadFrom(optionalReaderOnly{strings.NewReader("1234")})
	require.ErrorIs(t, err, broken)
	require.EqualValues(t, 6, half.N, "counted is what the writer took")
}

// optionalShout embeds a concrete type and means to change what is written.
type optionalShout struct{ *bytes.Buffer }

func (w optionalShout) Write(p []byte) (int, error) { return w.Buffer.Write(bytes.ToUpper(p)) }

// Embedding a concrete type promotes all its methods, and each is a way around the one you
// override. A struct with an embedded *bytes.Buffer and its own Write has the ReadFrom and
// WriteString of the buffer too: io.Copy and io.WriteString prefer them, and your Write is
// never called. Embed the interface with the methods you mean, such as io.Writer, or
// override every way in. Fprintf does call Write.
//
//claim:ask My writer embeds *bytes.Buffer and overrides Write, but io.Copy ignores my Write. Why?
//claim:source https://go.dev/ref/spec#Struct_types
func TestOptionalBypassesOverride(t *testing.T) {
	written := func(write func(io.Writer)) string {
		w := optionalShout{new(bytes.Buffer)}
		write(w)
		return w.String()
	}
	require.Equal(t, "A", written(func(w io.Writer) { _, _ = w.Write([]byte("a")) }))
	require.Equal(t, "A", written(func(w io.Writer) { fmt.Fprintf(w, "a") }))
	require.Equal(t, "a", written(func(w io.Writer) { _, _ = io.WriteString(w, "a") }), "not upper case")
	require.Equal(t, "a", written(func(w io.Writer) { _, _ = io.Copy(w, optionalReaderOnly{strings.NewReader("a")}) }))

	require.Equal(t, "A", written(func(w io.Writer) {
		_, _ = io.WriteString(optionalWriterOnly{w}, "a")
	}), "behind a wrapper with only Write")
}

// optionalFlushless is a response writer that only adds Unwrap to what it hides.
type optionalFlushless struct{ http.ResponseWriter }

func (w optionalFlushless) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Instead of copying every method, a wrapper can show what it wraps with an Unwrap method,
// and whoever needs an optional method searches down the chain. [errors.As] works so, and
// [http.ResponseController] for Flush, Hijack and deadlines since Go 1.20. Find in this
// package does it for any interface. The method that is found acts below the wrapper: right
// for Flush, wrong for Write or ReadFrom if the wrapper counts, compresses or hashes. A
// plain assertion does not look through Unwrap, so old code with w.(http.Flusher) still
// fails.
//
//claim:ask What is the Unwrap pattern for optional interfaces, and where is it wrong?
//claim:source https://pkg.go.dev/net/http#ResponseController
//claim:source https://pkg.go.dev/net/http#NewResponseController
func TestOptionalUnwrap(t *testing.T) {
	recorder := httptest.NewRecorder()
	var w http.ResponseWriter = optionalFlushless{optionalFlushless{recorder}}
	_, ok := w.(http.Flusher)
	require.False(t, ok)
	flusher, ok := Find[http.Flusher](w)
	require.True(t, ok)
	flusher.Flush()
	require.True(t, recorder.Flushed)
	require.NoError(t, http.NewResponseController(w).Flush())

	_, ok = Find[http.Hijacker](w)
	require.False(t, ok, "nobody in the chain has it")
	_, ok = Find[http.Flusher](http.ResponseWriter(nil))
	require.False(t, ok)
	_, ok = Find[http.Flusher](http.ResponseWriter(optionalFlushless{}))
	require.False(t, ok, "wraps nil")
	outer, ok := Find[optionalFlushless](w)
	require.True(t, ok, "a concrete type can be looked for as well")
	require.Equal(t, w, outer)

	full := new(optionalFullTally)
	counter := &CountWriter{W: &CountWriter{W: full}}
	below, ok := Find[*optionalFullTally](io.Writer(counter))
	require.True(t, ok)
	_, _ = io.WriteString(below, "text")
	require.Zero(t, counter.N, "went past the counter")
}

// A method that exists says that the operation is known, not that it succeeds here. If only
// the value at run time decides, the method should return an error that wraps
// [errors.ErrUnsupported] (since Go 1.21), and the caller takes its other way when
// errors.Is finds it. So a wrapper may always have the method. ErrUnsupported is for
// wrapping, not for returning as it is. An assertion is the better test when the static
// type decides, because it costs no attempt.
//
//claim:ask What should an optional method return if the wrapped value cannot do it?
//claim:source https://pkg.go.dev/errors#ErrUnsupported
func TestOptionalUnsupported(t *testing.T) {
	bare := struct{ http.ResponseWriter }{httptest.NewRecorder()} // no Flush, no Unwrap
	err := http.NewResponseController(bare).Flush()
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.NotEqual(t, errors.ErrUnsupported, err)
	require.ErrorIs(t, http.ErrNotSupported, errors.ErrUnsupported)
}

// optionalPair keeps of a writer exactly those of two optional methods that it has.
func optionalPair(w io.Writer) io.Writer {
	s, hasString := w.(io.StringWriter)
	r, hasFrom := w.(io.ReaderFrom)
	only := optionalWriterOnly{w}
	switch {
	case hasString && hasFrom:
		return struct {
			io.Writer
			io.StringWriter
			io.ReaderFrom
		}{only, s, r}
	case hasString:
		return struct {
			io.Writer
			io.StringWriter
		}{only, s}
	case hasFrom:
		return struct {
			io.Writer
			io.ReaderFrom
		}{only, r}
	}
	return only
}

// Which methods a value has is fixed by its type, at compile time. A wrapper that has
// exactly the optional methods of what it wraps needs one type for each combination: two
// methods make four types, five make 32. reflect.StructOf does not help: the methods of a
// struct made at run time with embedded interfaces panic when they are called. So pass on
// methods that have a fallback, return ErrUnsupported or offer Unwrap, and keep the
// combinations for two or three methods that matter.
//
//claim:ask How can a wrapper have exactly the optional methods of the value it wraps?
//claim:source https://go.dev/ref/spec#Method_sets
//claim:source https://pkg.go.dev/reflect#StructOf
func TestOptionalCombinations(t *testing.T) {
	kinds := make(map[reflect.Type]bool)
	for _, inner := range []io.Writer{
		new(optionalTally),
		new(optionalFullTally),
		struct {
			io.Writer
			io.StringWriter
		}{},
		struct {
			io.Writer
			io.ReaderFrom
		}{},
	} {
		outer := optionalPair(inner)
		kinds[reflect.TypeOf(outer)] = true
		_, innerString := inner.(io.StringWriter)
		_, outerString := outer.(io.StringWriter)
		_, innerFrom := inner.(io.ReaderFrom)
		_, outerFrom := outer.(io.ReaderFrom)
		require.Equal(t, innerString, outerString)
		require.Equal(t, innerFrom, outerFrom)
	}
	require.Len(t, kinds, 4)

	atRunTime := reflect.New(reflect.StructOf([]reflect.StructField{
		{Name: "StringWriter", Type: reflect.TypeFor[io.StringWriter](), Anonymous: true},
		{Name: "ReaderFrom", Type: reflect.TypeFor[io.ReaderFrom](), Anonymous: true},
	})).Elem().Interface()
	promising, ok := atRunTime.(io.StringWriter)
	require.True(t, ok, "the type has the method")
	require.PanicsWithValue(t, "reflect: StructOf does not support methods of embedded interfaces", func() {
		_, _ = promising.WriteString("text")
	})
}

// optionalOpens is a file system that counts how it is asked.
type optionalOpens struct {
	fs.FS
	opens, reads int
}

func (f *optionalOpens) Open(name string) (fs.File, error) {
	f.opens++
	return f.FS.Open(name)
}

// optionalReads has ReadFile in addition.
type optionalReads struct{ *optionalOpens }

func (f optionalReads) ReadFile(name string) ([]byte, error) {
	f.reads++
	return fs.ReadFile(f.FS, name)
}

// The required interface fs.FS has one method, Open. Everything else is an optional
// interface with a function that knows the fallback: fs.ReadFile, fs.Stat, fs.ReadDir,
// fs.Glob and fs.Sub call the method of the file system if it has it, and otherwise open
// the file. So an implementer begins with one method, and callers use the functions and
// never the assertion. New abilities came as new interfaces, as ReadLinkFS in Go 1.25,
// without breaking any implementation.
//
//claim:ask How does io/fs get by with an interface of one method?
//claim:source https://pkg.go.dev/io/fs#FS
//claim:source https://pkg.go.dev/io/fs#ReadFile
func TestOptionalFS(t *testing.T) {
	files := fstest.MapFS{"a.txt": {Data: []byte("text")}}
	opens := &optionalOpens{FS: files}
	data, err := fs.ReadFile(opens, "a.txt")
	require.NoError(t, err)
	require.Equal(t, "text", string(data))
	require.Equal(t, []int{1, 0}, []int{opens.opens, opens.reads})

	both := optionalReads{&optionalOpens{FS: files}}
	_, err = fs.ReadFile(both, "a.txt")
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, []int{both.opens, both.reads})

	require.Equal(t, 1, reflect.TypeFor[fs.FS]().NumMethod())
	_, err = fs.Stat(opens, "a.txt")
	require.NoError(t, err)
	_, err = fs.Stat(opens, "missing")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// optionalOwnDone is a context that answers Done itself.
type optionalOwnDone struct {
	context.Context
	done chan struct{}
}

func (c optionalOwnDone) Done() <-chan struct{} { return c.done }

// optionalNoValue hides all values of its parent.
type optionalNoValue struct{ context.Context }

func (optionalNoValue) Value(any) any { return nil }

// optionalAfterFunc can call functions itself when it is done.
type optionalAfterFunc struct {
	optionalOwnDone
	calls *int
}

func (c optionalAfterFunc) AfterFunc(func()) (stop func() bool) {
	*c.calls++
	return func() bool { return true }
}

// A child context has to hear of the end of its parent. If the parent is one of the package
// context, or a struct that embeds one and keeps its Done, the child is stored in the
// parent and nothing runs. If the parent has a Done of its own, a goroutine waits for each
// child until parent or child ends. A method AfterFunc(func()) func() bool on the parent
// avoids the goroutine (since Go 1.21): another optional interface, which the package does
// not export. A Value that does not pass unknown keys on to the parent has the same cost as
// an own Done.
//
//claim:ask I implement context.Context with my own type. What does a child of it cost?
//claim:source context/context.go
//claim:source https://pkg.go.dev/context#AfterFunc
func TestOptionalContextAfterFunc(t *testing.T) {
	// waiting counts goroutines that wait for the parent of a child context.
	waiting := func() int {
		var dump bytes.Buffer
		_ = pprof.Lookup("goroutine").WriteTo(&dump, 2)
		return strings.Count(dump.String(), "created by context.(*cancelCtx).propagateCancel")
	}
	synctest.Test(t, func(t *testing.T) {
		parent, stop := context.WithCancel(t.Context())
		defer stop()
		type renamed struct{ context.Context }
		own := optionalOwnDone{parent, make(chan struct{})}
		calls := 0
		for _, kind := range []struct {
			name   string
			parent context.Context
			want   int
		}{
			{"package context", parent, 0},
			{"embeds one", renamed{parent}, 0},
			{"own Done", own, 1},
			{"Value does not pass on", optionalNoValue{parent}, 1},
			{"own Done and AfterFunc", optionalAfterFunc{own, &calls}, 0},
		} {
			before := waiting()
			_, cancel := context.WithCancel(kind.parent)
			synctest.Wait()
			require.Equal(t, kind.want, waiting()-before, kind.name)
			cancel()
			synctest.Wait()
			require.Equal(t, before, waiting(), kind.name)
		}
		require.Equal(t, 1, calls)
	})
}
