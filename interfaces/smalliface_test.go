package interfaces

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"os"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each method that an interface demands excludes the types without it, and each fake has to
// have it. Of the dozen types counted here all but two are an io.Reader, four an
// io.ReadWriter, two an io.ReadWriteCloser, one an io.ReadWriteSeeker, one a net.Conn. So a
// function that asks for one method can be called with nearly everything. Small does not
// mean one method at any price: methods that are only right together, such as the three of
// sort.Interface, belong in one interface.
//
//claim:ask Why are small interfaces preferred in Go?
//claim:source https://go.dev/doc/effective_go#interfaces
func TestSmallIfaceReach(t *testing.T) {
	all := []any{
		new(bytes.Buffer), new(bytes.Reader), new(strings.Reader), new(bufio.Reader), new(bufio.ReadWriter),
		new(os.File), new(net.TCPConn), new(gzip.Reader), new(io.LimitedReader), new(io.SectionReader),
		new(strings.Builder), crc32.NewIEEE(),
	}
	require.Equal(t, 12, len(all))
	require.Equal(t, 10, smallIfaceCount[io.Reader](all))
	require.Equal(t, 4, smallIfaceCount[io.ReadWriter](all))
	require.Equal(t, 2, smallIfaceCount[io.ReadWriteCloser](all))
	require.Equal(t, 1, smallIfaceCount[io.ReadWriteSeeker](all))
	require.Equal(t, 1, smallIfaceCount[net.Conn](all))
	require.Equal(t, 8, reflect.TypeFor[net.Conn]().NumMethod())
}

func smallIfaceCount[I any](all []any) (n int) {
	for _, v := range all {
		if _, ok := v.(I); ok {
			n++
		}
	}
	return n
}

// A larger interface embeds the small ones: io.ReadWriteCloser is Reader, Writer and Closer
// and no line more. The result is the union of the methods, the same as if they were
// listed, and the order is of no importance. A type with a part of them does not satisfy
// it, and the compiler names the method that is missing. A value of the large interface can
// be assigned to the small ones without an assertion, never the other way. Since Go 1.14
// two embedded interfaces may share a method if the signatures are identical.
//
//claim:ask How do I build a larger interface from small ones?
//claim:source https://go.dev/ref/spec#Embedded_interfaces
func TestSmallIfaceComposed(t *testing.T) {
	check := func(use string) []string {
		return consumerErrors(consumerSources{"main": `type R interface{ Read() }
			type W interface{ Write() }
			type C interface{ Close() }
			type RW interface{ R; W }
			type WC interface{ W; C }
			type all interface{ RW; WC }
			type listed interface{ Close(); Read(); Write() }
			` + use})
	}
	require.Empty(t, check(`var a all; var b listed = a; var c all = b; var r R = a; var w W = r.(all)`))
	errs := check(`type partly struct{}
		func (partly) Read() {}
		func (partly) Write() {}
		var _ all = partly{}`)
	require.Len(t, errs, 1)
	require.Contains(t, errs[0], "missing method Close")
	require.NotEmpty(t, check(`var r R; var a all = r`))
	require.NotEmpty(t, check(`type other interface{ Read() int }
		type conflict interface{ R; other }`))
	require.True(t, reflect.TypeFor[interface {
		io.Closer
		io.Writer
		io.Reader
	}]() == reflect.TypeFor[interface {
		io.ReadWriter
		io.Closer
	}](), "one and the same type")
}

// No: an interface literal in the parameter list, such as interface{ io.Reader; io.Seeker
// }, is a type like every other and needs no name. Callers pass whatever has both methods.
// Two such literals with the same methods are identical, so values go from one function to
// the next without a conversion. Give it a name when it appears twice or needs a comment.
//
//claim:ask A function needs two methods of a large type. Must I declare a named interface?
//claim:source https://go.dev/ref/spec#Type_identity
func TestSmallIfaceLiteral(t *testing.T) {
	size := func(r interface {
		io.Reader
		io.Seeker
	}) int64 {
		end, err := r.Seek(0, io.SeekEnd)
		require.NoError(t, err)
		_, err = r.Seek(0, io.SeekStart)
		require.NoError(t, err)
		return end
	}
	require.EqualValues(t, 4, size(strings.NewReader("text")))
	require.EqualValues(t, 5, size(bytes.NewReader([]byte("bytes"))))
	var f func(io.ReadSeeker) int64
	require.False(t, reflect.TypeOf(size).AssignableTo(reflect.TypeOf(f)), "identical methods, but ReadSeeker is a named type")
}

// With a parameter of type any the compiler checks nothing: the caller reads in the
// documentation which types work, and a wrong one fails at run time, with a default of a
// type switch or a failed assertion. An interface with one method, or a type parameter with
// a constraint, moves that to the compiler. any is right where every type is welcome, as in
// fmt.Println, or where the type is known only at run time, as in decoders.
//
//claim:ask What is wrong with a parameter of type any?
//claim:source https://go.dev/doc/faq#Overloading
func TestSmallIfaceAny(t *testing.T) {
	length := func(v any) (int, error) {
		switch v := v.(type) {
		case string:
			return len(v), nil
		case interface{ Len() int }:
			return v.Len(), nil
		}
		return 0, fmt.Errorf("length of %T", v)
	}
	n, err := length(bytes.NewBufferString("text"))
	require.NoError(t, err)
	require.Equal(t, 4, n)
	_, err = length([]byte("text"))
	require.EqualError(t, err, "length of []uint8", "compiled, and fails here")

	require.NotEmpty(t, consumerErrors(consumerSources{"main": `func length(v interface{ Len() int }) int { return v.Len() }
		var n = length([]byte("text"))`}), "does not compile")
	require.NotEmpty(t, consumerErrors(consumerSources{"main": `func length[T ~string | ~[]byte](v T) int { return len(v) }
		var n = length(7)`}))
}

// A marker says something about a type by a method that does nothing: runtime.Error has
// RuntimeError(), os.Signal has Signal(). A marker without a method marks nothing, because
// every type satisfies an empty interface. A marker with an exported method can be claimed
// by any type, one with an unexported method only in its package. If the fact is about a
// value, use a method with a result, such as Timeout() bool.
//
//claim:ask What is a marker interface in Go, and does an empty interface work as one?
//claim:source https://pkg.go.dev/runtime#Error
//claim:source https://pkg.go.dev/os#Signal
func TestSmallIfaceMarker(t *testing.T) {
	type emptyMarker interface{}
	_, ok := any(7).(emptyMarker)
	require.True(t, ok, "everything is marked")

	fault := func() (fault any) {
		defer func() { fault = recover() }()
		var p *int
		return *p
	}()
	_, ok = fault.(runtime.Error)
	require.True(t, ok)
	_, ok = any(errors.New("mine")).(runtime.Error)
	require.False(t, ok)
	_, ok = any(smallIfaceClaimed{}).(runtime.Error)
	require.True(t, ok, "the method is exported, so anybody can claim it")
	require.Implements(t, (*os.Signal)(nil), syscall.SIGTERM)
}

type smallIfaceClaimed struct{ error }

func (smallIfaceClaimed) RuntimeError() {}

// A type deserves an interface when that describes an ability that several types have, when
// it hides a choice between implementations, when it marks the border to something slow or
// external, or when it breaks an import cycle. An interface with all the methods of one
// struct describes that struct and not an ability: no second type has exactly those
// methods, as one for all of http.Client shows. That is called pollution, like a name such
// as ClientImpl for the only type behind it. An ability has one or two methods and a name
// like http.RoundTripper.
//
//claim:ask When does a type deserve an interface, and what is interface pollution?
//claim:source https://go.dev/doc/effective_go#interface-names
func TestSmallIfaceHeader(t *testing.T) {
	whole := reflect.TypeFor[*http.Client]()
	ability := reflect.TypeFor[http.RoundTripper]()
	require.Equal(t, 1, ability.NumMethod())
	require.Greater(t, whole.NumMethod(), 5, "an interface with all of them would fit this type only")
	require.False(t, whole.Implements(ability))
	require.True(t, reflect.TypeFor[*http.Transport]().Implements(ability))
	require.True(t, reflect.TypeOf(http.NewFileTransport(http.Dir("."))).Implements(ability), "another type by design")

	smaller := 0
	for i := range reflect.TypeFor[net.Conn]().NumMethod() {
		for _, other := range []reflect.Type{reflect.TypeFor[*os.File](), reflect.TypeFor[*bytes.Buffer]()} {
			if _, ok := other.MethodByName(reflect.TypeFor[net.Conn]().Method(i).Name); ok {
				smaller++
			}
		}
	}
	require.Positive(t, smaller, "single methods are shared, the whole set is not")
}
