package memory

import (
	"bufio"
	"bytes"
	"cmp"
	"container/list"
	"encoding/json"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
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

	kinds := make(map[reflect.Kind]bool)
	for _, v := range reflect.VisibleFields(reflect.TypeFor[everyKind]()) {
		kinds[v.Type.Kind()] = true
		zero := reflect.New(v.Type).Elem()
		assert.True(t, zero.IsZero(), v.Name)
		memory := unsafe.Slice((*byte)(zero.Addr().UnsafePointer()), v.Type.Size())
		assert.Equal(t, len(memory), bytes.Count(memory, []byte{0}), v.Name)
	}
	assert.Len(t, kinds, int(reflect.UnsafePointer), "every kind that a value can have")

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

// everyKind has a field of each kind.
type everyKind struct {
	Bool          bool
	Int           int
	Int8          int8
	Int16         int16
	Int32         int32
	Int64         int64
	Uint          uint
	Uint8         uint8
	Uint16        uint16
	Uint32        uint32
	Uint64        uint64
	Uintptr       uintptr
	Float32       float32
	Float64       float64
	Complex64     complex64
	Complex128    complex128
	Array         [2]int
	Chan          chan int
	Func          func()
	Interface     any
	Map           map[string]int
	Pointer       *int
	Slice         []int
	String        string
	Struct        struct{ n int }
	UnsafePointer unsafe.Pointer
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
// func panics when it is called, also by a range loop, but not when it is deferred;
// a nil pointer panics when it is followed, a nil interface when a method is called
// on it or a type is asserted without the second result. The length of an array is part of its
// type, so len and a range over the indexes work even on a nil pointer to an array.
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
	deferred := false
	require.PanicsWithError(t, deref, func() { defer f(); deferred = true })
	require.True(t, deferred, "the defer statement itself does not panic")
	var sequence func(func(int) bool)
	require.PanicsWithError(t, deref, func() {
		for range sequence {
		}
	})
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
// copied; taking such a method as a func value panics too. Called through an
// interface, the message names the method.
//
//claim:ask Can you call a method on a nil pointer?
//claim:source https://go.dev/ref/spec#Method_values
func TestNilReceiver(t *testing.T) {
	var tree *branch
	require.Equal(t, 0, tree.sum())
	tree = &branch{left: &branch{value: 1}, value: 2}
	require.Equal(t, 3, tree.sum())
	var c *tally
	const deref = "runtime error: invalid memory address or nil pointer dereference"
	require.PanicsWithError(t, deref, func() { c.addToCopy() })
	require.PanicsWithError(t, deref, func() { _ = c.addToCopy })
	require.NotPanics(t, func() { _ = c.add })

	nilAdder = c
	require.PanicsWithError(t, "value method github.com/go-deep-dive/godeep/memory.tally.addToCopy called using nil *tally pointer", func() { nilAdder.addToCopy() })
}

var nilAdder interface{ addToCopy() }

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
// is why nothing old shows up in new values. The spare capacity that append leaves
// behind the elements is cleared as well. Only memory that your own code reuses, such as s[:0] or a buffer from a sync.Pool, still has
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
	grown := append([]byte(nil), bytes.Repeat([]byte{0xff}, size+1)...)
	require.Greater(t, cap(grown), len(grown))
	spare := grown[len(grown):cap(grown)]
	require.Equal(t, len(spare), bytes.Count(spare, []byte{0}))

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

// nil by itself has no type, so nil == nil and x := nil do not compile; it takes
// the type of what it is compared with or assigned to. A nil pointer and a nil map
// cannot be compared either, their types differ; in interfaces they can, and are
// unequal. nil is no keyword: it is a name from the universe block, and a program
// may declare another one, which is legal and a bad idea.
//
//claim:ask Does nil == nil compile?
//claim:source https://go.dev/ref/spec#Predeclared_identifiers
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestUntypedNil(t *testing.T) {
	for code, want := range map[string]string{
		"var x = nil == nil": "operator == not defined on",
		"var x = nil":        "use of untyped nil",
		"func f(p *int, m map[int]int) bool { return p == m }": "mismatched types",
		"func f(n int) bool { return n == nil }":               "mismatched types int and untyped nil",
		"func f() int { nil := 1; return nil }":                "",
	} {
		got := typeError(t, code)
		if want == "" {
			assert.Empty(t, got, code)
		} else {
			assert.Contains(t, got, want, code)
		}
	}
	var p *int
	var m map[int]int
	require.True(t, p == nil && m == nil)
	pointer, number := any(p), any((*int64)(nil))
	require.False(t, pointer == number, "two nil pointers of two types")
	require.True(t, pointer == any(p))
}

// A plain field cannot tell "not set" from "set to zero": both are 0. A pointer
// field can, nil is not set; so can a second bool field, or a value that no real
// one has. A default filled in with cmp.Or (Go 1.22), which returns its first
// argument that is not zero, has the same problem: a 0 that was meant is replaced.
// time.Time has IsZero, which is true for the zero Time, January 1 of year 1, and
// not for the start of Unix time. The option omitzero of encoding/json (Go 1.24)
// leaves out a zero Time, omitempty does not.
//
//claim:ask How do you tell an unset field from one that is set to zero?
//claim:source https://pkg.go.dev/time#Time.IsZero
func TestUnsetField(t *testing.T) {
	type options struct{ retries *int }
	require.Nil(t, options{}.retries)
	require.Zero(t, *options{retries: new(0)}.retries)
	require.Equal(t, 3, cmp.Or(0, 3), "was it not set, or set to 0?")
	require.Equal(t, 0, *cmp.Or(new(0), new(3)))

	require.True(t, time.Time{}.IsZero())
	require.Equal(t, "0001-01-01T00:00:00Z", time.Time{}.Format(time.RFC3339))
	require.False(t, time.Unix(0, 0).IsZero())

	text, err := json.Marshal(struct {
		Zero  time.Time `json:"zero,omitzero"`
		Empty time.Time `json:"empty,omitempty"`
	}{})
	require.NoError(t, err)
	require.Equal(t, `{"empty":"0001-01-01T00:00:00Z"}`, string(text))
}

// Compare with the zero value: x == (T{}), in parentheses, because without them
// the brace would open the block of the if. It does not compile if T has a field
// that cannot be compared, such as a slice; reflect.Value.IsZero works then. Use
// the type's own IsZero where there is one: a zero time.Time in another location
// is IsZero and not equal to time.Time{}. Zero is not the same as empty: a
// slice of length 0 that is not nil is no zero value. Negative zero equals 0, and
// reflect calls it zero too since Go 1.22, although its bits are not all zero.
//
//claim:ask How do you check whether a struct has its zero value?
//claim:source https://go.dev/ref/spec#Composite_literals
//claim:source https://go.dev/doc/go1.22#reflect
//claim:source https://pkg.go.dev/reflect#Value.IsZero
func TestCompareWithZero(t *testing.T) {
	require.True(t, pair{} == (pair{}))
	require.False(t, pair{x: 1} == (pair{}))
	parse := func(condition string) error {
		_, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc f(x T) bool { if "+condition+" { return true }; return false }", 0)
		return err
	}
	require.NoError(t, parse("x == (T{})"))
	require.ErrorContains(t, parse("x == T{}"), "expected ';', found '{'")

	require.Contains(t, typeError(t, "type T struct{ list []int }\nvar x = T{} == T{}"), "cannot be compared")
	type options struct{ list []int }
	require.True(t, reflect.ValueOf(options{}).IsZero())
	require.False(t, reflect.ValueOf(options{[]int{}}).IsZero(), "empty, and not zero")

	local := time.Time{}.Local()
	require.True(t, local.IsZero())
	require.False(t, local == time.Time{})

	negative := math.Copysign(0, -1)
	require.True(t, negative == 0)
	require.True(t, reflect.ValueOf(negative).IsZero())
	require.NotZero(t, math.Float64bits(negative))
}

// A type needs a constructor if its methods rely on something that is not zero.
// The zero time.Timer, rand.Rand, bufio.Reader and reflect.Value are of this kind:
// they compile, because anybody can make the zero value of an exported type, and
// their methods panic. Nothing in the language marks such a type; its documentation
// has to say it. A type can also prepare itself at its first use, as list.List does.
//
//claim:ask Which types cannot be used as their zero value?
//claim:source https://go.dev/doc/effective_go#composite_literals
//claim:source time/sleep.go
//claim:source container/list/list.go
func TestUnusableZero(t *testing.T) {
	const deref = "runtime error: invalid memory address or nil pointer dereference"
	require.PanicsWithValue(t, "time: Reset called on uninitialized Timer", func() { new(time.Timer).Reset(1) })
	require.PanicsWithValue(t, "time: Stop called on uninitialized Timer", func() { new(time.Timer).Stop() })
	require.PanicsWithError(t, deref, func() { new(rand.Rand).IntN(3) })
	require.Panics(t, func() { _, _ = new(bufio.Reader).ReadByte() })
	require.Panics(t, func() { reflect.Value{}.Type() })

	var l list.List
	l.PushBack(1)
	require.Equal(t, 1, l.Len())
}
