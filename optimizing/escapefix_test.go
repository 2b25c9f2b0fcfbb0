package optimizing

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// First where, then why, then the smallest change. A profile of allocated
// objects names the function that allocates most: here one function makes
// more than 90% of them. The compiler's report, -gcflags=-m, names the line
// in it and the value that escapes. Then let the value not leave the
// function: return a copy, which is more than 3 times as fast here and
// allocates nothing. What runs rarely may allocate; a change that nobody
// measures makes code worse for nothing.
//
//claim:ask How do I find an allocation in a hot path and get rid of it?
//claim:expect allocs/op of=before == 1
//claim:expect allocs/op of=after == 0
//claim:expect ns/op of=before > 3x of=after
//claim:profile alloc_objects of=before optimizing\.escapeResultBefore >= 90%
//claim:source https://go.dev/doc/gc-guide#Identifying_costs
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func BenchmarkEscapeFix(b *testing.B) {
	b.Run("of=before", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			escapeResultBefore(1)
		}
	})
	b.Run("of=after", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			escapeResultAfter(1)
		}
	})
}

func TestEscapeFix(t *testing.T) {
	assert.Equal(t, escapeResultAfter(1), *escapeResultBefore(1))
	proof.WantAllocs(t, 1, func() { escapeResultBefore(1) })
}

// Let the caller bring the buffer: a function that takes a slice, appends to
// it and returns it, as strconv.AppendInt does, allocates nothing. The caller
// can give it an array of its own, buf[:0], that stays on the stack because
// the function does not keep the slice; if the array is too small, append
// moves to the heap by itself. Returning a new slice costs an allocation per
// call. Such a function is by convention named Append and takes the buffer
// first.
//
//claim:ask How can a function return bytes without allocating them?
//claim:source https://pkg.go.dev/strconv#AppendInt
func TestEscapeAppend(t *testing.T) {
	cache := map[string]int{"12/345": 6}
	assert.Equal(t, "12/345", string(escapeKeyBefore(12, 345)))
	assert.Equal(t, 6, escapeUseKey(cache, 12, 345))
	proof.WantAllocs(t, 1, func() { escapeKeyBefore(12, 345) })
	proof.WantAllocs(t, 0, func() { escapeUseKey(cache, 12, 345) })

	var small [4]byte
	assert.Equal(t, "12/345", string(escapeKeyAfter(small[:0], 12, 345)))
	proof.WantAllocs(t, 1, func() { escapeKeyAfter(small[:0], 12, 345) })
}

// A local array that is handed to an interface method escapes, so keep it in
// the struct that the method belongs to: the decoder allocates it once, as a
// part of itself, and every call after that is free. The decoder can then not
// be used by several goroutines at once, which it mostly cannot anyway.
//
//claim:ask My method reads into a small local array, and each call allocates. What is the fix?
//claim:source encoding/gob/decode.go
func TestEscapeScratch(t *testing.T) {
	source := bytes.NewReader(bytes.Repeat([]byte{1, 2, 3, 4}, 1000))
	before := func() byte { b, _ := escapeScratchBefore(source); return b }
	decoder := new(escapeScratch)
	after := func() byte { b, _ := decoder.after(source); return b }
	assert.Equal(t, byte(10), before())
	assert.Equal(t, byte(10), after())
	proof.WantAllocs(t, 1, func() { before() })
	proof.WantAllocs(t, 0, func() { after() })
}

// The expression s.add makes a closure that holds s, one allocation each time
// it is evaluated, if the function that gets it may keep it. Pass the object
// instead, as an interface with that method: a pointer fits into the
// interface value without an allocation. Or evaluate s.add once and keep the
// func value. If the called function is inlined or provably keeps nothing,
// s.add is free.
//
//claim:ask Why does passing x.Method as a callback allocate, and what is the fix?
//claim:source https://go.dev/ref/spec#Method_values
func TestEscapeCallback(t *testing.T) {
	s := new(escapeSum)
	escapeCallbackBefore(s, 5)
	escapeCallbackAfter(s, 5)
	assert.Equal(t, int64(20), s.total)
	proof.WantAllocs(t, 1, func() { escapeCallbackBefore(s, 5) })
	proof.WantAllocs(t, 0, func() { escapeCallbackAfter(s, 5) })
	kept := s.add
	proof.WantAllocs(t, 0, func() { escapeVisitFunc(5, kept) })
}

// A parameter ...any boxes every argument and needs a slice for them: four
// allocations for three large integers here, if the function keeps them. With
// the type in the signature, ...int64, the arguments stay on the stack of the
// caller. That is why fast log packages have methods such as Int(key, value)
// besides Any(key, value).
//
//claim:ask What does a parameter of type ...any cost the caller?
//claim:source https://go.dev/ref/spec#Passing_arguments_to_..._parameters
//claim:source log/slog/attr.go
func TestEscapeVariadic(t *testing.T) {
	assert.Equal(t, int64(1002), escapeThreeBefore(1000))
	assert.Equal(t, int64(1002), escapeThreeAfter(1000))
	proof.WantAllocs(t, 4, func() { escapeThreeBefore(1000) })
	proof.WantAllocs(t, 0, func() { escapeThreeAfter(1000) })
	assert.Equal(t, "1000", fmt.Sprint(escapeLooked[0]))
}
