package memory

import (
	"bytes"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A variable without an initial value has the zero value of its type: false, 0,
// the empty string, nil for pointers, slices, maps, channels, funcs and
// interfaces, and for arrays and structs the zero value of every part. All of
// these are zero bytes. So no variable in Go is ever uninitialised, and a program
// cannot read what was in the memory before.
//
//claim:ask What are the zero values of Go's types?
//claim:source https://go.dev/ref/spec#The_zero_value
func TestZeroValues(t *testing.T) {
	var (
		b   bool
		n   int
		f   float64
		s   string
		p   *int
		sl  []int
		m   map[string]int
		c   chan int
		fn  func()
		i   any
		a   [2]int
		rec struct {
			n int
			s string
			p *int
		}
	)
	assert.Equal(t, []any{false, 0, 0.0, ""}, []any{b, n, f, s})
	assert.True(t, p == nil && sl == nil && m == nil && c == nil && fn == nil && i == nil)
	assert.Equal(t, [2]int{0, 0}, a)
	assert.True(t, rec.n == 0 && rec.s == "" && rec.p == nil)
	for _, v := range []any{b, n, f, s, p, sl, m, c, a, rec, time.Time{}, sync.Mutex{}} {
		assert.True(t, reflect.ValueOf(v).IsZero(), "%T", v)
	}

	all := struct {
		b   bool
		f   float64
		s   string
		sl  []int
		m   map[string]int
		fn  func()
		i   any
		rec struct{ p *int }
	}{b, f, s, sl, m, fn, i, struct{ p *int }{p}}
	memory := unsafe.Slice((*byte)(unsafe.Pointer(&all.f)), unsafe.Sizeof(all)-unsafe.Offsetof(all.f))
	assert.Equal(t, len(memory), bytes.Count(memory, []byte{0}), "%x", memory)
}

// A type whose zero value is useful needs no constructor and no check whether
// it was called: sync.Mutex is unlocked, bytes.Buffer and strings.Builder are
// empty, a nil slice can be appended to, sync.Once has not run. A map is the
// exception, it must be made before it is written to, so a struct with a map does
// that at its first use, as [Tracker] does.
//
//claim:ask What does it mean that a type has a useful zero value?
//claim:source https://go.dev/doc/effective_go#data
func TestUsefulZero(t *testing.T) {
	var (
		mu   sync.Mutex
		buf  bytes.Buffer
		b    strings.Builder
		once sync.Once
		wg   sync.WaitGroup
		list []int
	)
	require.True(t, mu.TryLock())
	buf.WriteString("text")
	require.Equal(t, "text", buf.String())
	b.WriteString("text")
	require.Equal(t, "text", b.String())
	ran := false
	once.Do(func() { ran = true })
	require.True(t, ran)
	wg.Go(func() {})
	wg.Wait()
	list = append(list, 1)
	require.Equal(t, []int{1}, list)

	var tr Tracker
	require.Equal(t, 1, tr.Count("a"))
	require.Equal(t, 2, tr.Count("a"))
	require.Equal(t, "a\na\n", tr.Log())
}

// new(T) gives a pointer to a zero T, for any type. make works for slices, maps
// and channels only, which need more than zero bytes, and gives the value itself
// and no pointer. &T{…} is a pointer to a struct with fields set, and &T{} the same
// as new(T). Since Go 1.26 new takes an expression too: new(42) is a pointer to a
// variable with the value 42, handy for optional fields.
//
//claim:ask What is the difference between new, make and &T{}?
//claim:source https://go.dev/ref/spec#Allocation
//claim:source https://go.dev/doc/go1.26#language
func TestNewMake(t *testing.T) {
	require.Equal(t, &pair{}, new(pair))
	require.Nil(t, *new([]int), "a pointer to a nil slice")
	require.NotNil(t, make([]int, 0))
	require.Nil(t, *new(map[string]int))
	write := func(m map[string]int) { m["a"] = 1 }
	require.NotPanics(t, func() { write(make(map[string]int)) })
	require.Panics(t, func() { write(*new(map[string]int)) })
	require.Equal(t, 42, *new(42))
	n := 1
	p := new(n + 1)
	*p = 10
	require.Equal(t, 1, n, "the variable is a new one")
	require.Contains(t, typeErrorAt(t, "go1.25", "var p = new(42)"), "requires go1.26")
	require.NotEmpty(t, typeError(t, "var x = make(struct{})"))
	require.NotEmpty(t, typeError(t, "var x = make([3]int)"))
}

// nil is usable, within limits that are different for each kind. A nil slice is
// an empty slice. A nil map can be read, measured, ranged over and deleted from,
// but not written to. A nil channel blocks for ever, and closing it panics. A nil
// func panics when it is called, a nil pointer when it is followed, a nil
// interface when a method is called on it or a type is asserted. The length of an
// array is part of its type, so len and a range over the indexes work even on a
// nil pointer to an array.
//
//claim:ask Which operations work on nil, and which panic?
//claim:source https://go.dev/ref/spec#Run_time_panics
func TestNilOperations(t *testing.T) {
	const deref = "runtime error: invalid memory address or nil pointer dereference"
	var s []int
	require.Equal(t, 0, len(s)+cap(s))
	require.Empty(t, s[:0])
	require.NotPanics(t, func() {
		for range s {
		}
		copy(s, []int{1})
		clear(s)
	})
	require.PanicsWithError(t, "runtime error: index out of range [0] with length 0", func() { _ = s[0] })

	var m map[string]int
	require.Equal(t, 0, m["a"]+len(m))
	require.NotPanics(t, func() { delete(m, "a"); clear(m) })
	require.PanicsWithError(t, "assignment to entry in nil map", func() { m["a"] = 1 })

	var c chan int
	select {
	case <-c:
		t.Fatal("received from a nil channel")
	case c <- 1:
		t.Fatal("sent to a nil channel")
	default:
	}
	require.PanicsWithError(t, "close of nil channel", func() { close(c) })

	var f func()
	var p *pair
	var e error
	require.PanicsWithError(t, deref, func() { f() })
	require.PanicsWithError(t, deref, func() { p.x = 1 })
	require.PanicsWithError(t, deref, func() { _ = e.Error() })
	require.PanicsWithError(t, "interface conversion: error is nil, not *memory.zeroError", func() { _ = e.(*zeroError) })
	_, ok := e.(*zeroError)
	require.False(t, ok, "with a second result it does not panic")

	var a *[3]int
	count := len(a)
	for i := range a {
		count += i
	}
	require.Equal(t, 3+0+1+2, count)
	require.PanicsWithError(t, deref, func() { _ = a[0] })
	require.Equal(t, 0, len(c)+cap(c))
}

// A method with a pointer receiver can be called on a nil pointer: the receiver is
// an argument like others, and only following it panics. So nil can be an
// empty tree or list whose methods need no special case at the caller. A method
// with a value receiver panics before it starts, because the value has to be
// copied.
//
//claim:ask Can you call a method on a nil pointer?
//claim:source https://go.dev/ref/spec#Method_values
func TestNilReceiver(t *testing.T) {
	var tree *branch
	require.Equal(t, 0, tree.sum())
	tree = &branch{left: &branch{value: 1}, value: 2}
	require.Equal(t, 3, tree.sum())
	var c *tally
	require.Panics(t, func() { c.addToCopy() })
}

// An interface value is nil only if it has no type. A function that declares a
// pointer to its own error type and returns it as an error returns a non-nil
// error, also where the pointer is nil: the interface holds the type *T and a nil
// pointer. Declare the variable as error, and return a literal nil.
//
//claim:ask Why is err != nil true although the function returned a nil pointer?
//claim:source https://go.dev/doc/faq#nil_error
func TestTypedNil(t *testing.T) {
	require.True(t, failTyped() != nil)
	require.True(t, failPlain() == nil)
	require.Equal(t, "zero", failTyped().Error(), "a method that does not follow the pointer works")
}

// Memory is cleared before a program gets it, also when the allocator hands out a
// place that was used before. That is part of the cost of an allocation, and it
// is why no old secrets or garbage pointers show up in new values. Only memory
// that your own code reuses, such as s[:0] or a buffer from a sync.Pool, still has
// what was in it.
//
//claim:ask Can new memory contain old data?
//claim:source https://go.dev/ref/spec#The_zero_value
func TestMemoryIsCleared(t *testing.T) {
	const size, n = 1024, 200
	address := func(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }
	used, again := make(map[uintptr]bool), 0
	for turns := 0; again == 0; turns++ {
		require.Less(t, turns, 50, "no place was used twice, so nothing is shown")
		for range n {
			dirtySink = bytes.Repeat([]byte{0xff}, size)
			used[address(dirtySink)] = true
		}
		runtime.GC() // frees all but the last of them
		for range n {
			dirtySink = make([]byte, size)
			require.Equal(t, size, bytes.Count(dirtySink, []byte{0}))
			if used[address(dirtySink)] {
				again++
			}
		}
	}
	reused := bytes.Repeat([]byte{0xff}, size)[:0]
	require.Equal(t, byte(0xff), reused[:1][0])
}

var dirtySink []byte

// A local array is cleared in every call, all of it, also if the function uses
// only the first bytes: with 64 KiB the call takes more than 20 times as long as
// one that is given a buffer. Nothing is allocated, so a memory profile does not
// show it. Declare a buffer as large as you need, or reuse one, which then still
// has what the last use left in it.
//
//claim:ask Does var buf [65536]byte cost anything if it is on the stack?
//claim:expect ns/op of=local > 20x of=reused
//claim:expect allocs/op of=local == 0
//claim:expect allocs/op of=reused == 0
//claim:source https://go.dev/ref/spec#The_zero_value
func BenchmarkLocalBufferCleared(b *testing.B) {
	var buffer [65536]byte
	b.Run("of=local", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			useLocalBuffer()
		}
	})
	b.Run("of=reused", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			useBuffer(&buffer)
		}
	})
}

func TestLocalBufferCleared(t *testing.T) {
	var buffer [65536]byte
	require.Equal(t, 1, useLocalBuffer())
	require.Equal(t, 1, useLocalBuffer(), "what the last call wrote is gone")
	require.Equal(t, 1, useBuffer(&buffer))
	require.Equal(t, 2, useBuffer(&buffer), "what the last call wrote is still there")
}

// clear (Go 1.21) sets every element of a slice to zero and empties a map; the
// length of the slice stays. The compiler turns it into one call that clears
// memory, and does the same for a range loop that assigns zero to every element.
// It does not for a loop that counts up to len(s) by hand: for 16 KiB that takes
// more than 5 times as long.
//
//claim:ask Is clear(s) faster than a loop that sets every element to zero?
//claim:expect ns/op of=count > 5x of=clear
//claim:expect ns/op of=count > 5x of=range
//claim:source https://go.dev/ref/spec#Clear
//claim:source cmd/compile/internal/walk/range.go
func BenchmarkClearLoop(b *testing.B) {
	s := make([]byte, 16<<10)
	for _, v := range clearWays {
		b.Run("of="+v.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.clear(s)
			}
		})
	}
}

var clearWays = []struct {
	name  string
	clear func([]byte)
}{{"clear", clearBuiltin}, {"range", clearByRange}, {"count", clearByCount}}

func TestClearLoop(t *testing.T) {
	for _, v := range clearWays {
		s := []byte("some text")
		v.clear(s)
		require.Equal(t, make([]byte, 9), s, v.name)
	}
}

// The zero value of a type parameter is var zero T; there is no literal for it,
// because T could be any type. Comparing with it needs the constraint comparable.
// nil fits only if every type in the constraint can be nil.
//
//claim:ask How do you return the zero value of a type parameter?
//claim:source https://go.dev/ref/spec#The_zero_value
func TestZeroOfTypeParameter(t *testing.T) {
	require.Equal(t, 0, Zero[int]())
	require.Equal(t, pair{}, Zero[pair]())
	require.Nil(t, Zero[[]int]())
	require.Contains(t, typeError(t, "func f[T any]() T { return nil }"), "cannot use nil as T value")
	require.Empty(t, typeError(t, "func f[T ~[]int | ~map[int]int]() T { return nil }"))
}

// A plain field cannot tell "not set" from "set to zero": both are 0. A pointer
// field can, nil is not set; so can a second bool field, or a value that no real
// one has. time.Time has IsZero, which is true for the zero Time, January 1 of
// year 1, and not for the start of Unix time.
//
//claim:ask How do you tell an unset field from one that is set to zero?
//claim:source https://pkg.go.dev/time#Time.IsZero
func TestUnsetField(t *testing.T) {
	type options struct{ retries *int }
	require.Nil(t, options{}.retries)
	require.Zero(t, *options{retries: new(0)}.retries)

	require.True(t, time.Time{}.IsZero())
	require.Equal(t, "0001-01-01T00:00:00Z", time.Time{}.Format(time.RFC3339))
	require.False(t, time.Unix(0, 0).IsZero())
}
