package reflection

import (
	"bytes"
	"errors"
	"math"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// DeepEqual follows pointers and compares what == cannot: slices element by element, maps
// key by key, structs field by field, and what interfaces hold. Types are compared first:
// int 1 and int64 1 are different, as are []byte and a named byte slice. Arguments of
// type any hide such a mistake from the compiler, which would not let you compare them
// with ==.
//
//claim:ask What does reflect.DeepEqual compare, and what does it say about int(1) and int64(1)?
//claim:source https://pkg.go.dev/reflect#DeepEqual
func TestDeepEqualRules(t *testing.T) {
	type point struct{ X, Y int }
	type list []byte
	one, uno := 1, 1
	assert.True(t, reflect.DeepEqual([]int{1, 2}, []int{1, 2}))
	assert.True(t, reflect.DeepEqual(map[string]*int{"a": &one}, map[string]*int{"a": &uno}), "pointers are followed")
	assert.True(t, reflect.DeepEqual([]any{1, "a", point{1, 2}}, []any{1, "a", point{1, 2}}))
	assert.True(t, reflect.DeepEqual([2][]int{{1}, nil}, [2][]int{{1}, nil}))
	assert.True(t, reflect.DeepEqual(nil, nil))

	assert.False(t, reflect.DeepEqual(int(1), int64(1)), "other types")
	assert.False(t, reflect.DeepEqual([]byte{1}, list{1}), "other types with one underlying type")
	assert.False(t, reflect.DeepEqual(point{1, 2}, &point{1, 2}))
	assert.False(t, reflect.DeepEqual(nil, (*int)(nil)), "any(nil) has no type")
	assert.False(t, reflect.DeepEqual(error(nil), []int(nil)))
}

// A nil slice and an empty one differ for DeepEqual, as do a nil map and an
// empty one: one of them is nil. Most programs treat them alike, and JSON, a
// database or append decide which of them you get. slices.Equal and maps.Equal
// compare only length and contents, so that they call them equal.
//
//claim:ask Is a nil slice equal to an empty slice for reflect.DeepEqual and for slices.Equal?
//claim:source https://pkg.go.dev/reflect#DeepEqual
//claim:source https://pkg.go.dev/slices#Equal
func TestDeepEqualNilSlice(t *testing.T) {
	var none []int
	assert.False(t, reflect.DeepEqual(none, []int{}))
	assert.True(t, slices.Equal(none, []int{}))
	assert.True(t, bytes.Equal(nil, []byte{}))
	assert.False(t, reflect.DeepEqual(map[string]int(nil), map[string]int{}))
	assert.True(t, reflect.DeepEqual(append(none, 1)[:0], make([]int, 0, 9)), "capacity does not count")
	assert.Equal(t, []Change{{"(root)", "nil", "[]int of length 0"}}, Diff(none, []int{}))
}

// NaN is not equal to itself, and DeepEqual follows ==. But it does not look
// behind two pointers, slices or maps that are the same: those are equal
// without a look at the contents. So a slice with a NaN is equal to itself and
// not to its copy, and a test that compares floats passes or fails depending on
// how the data was made.
//
//claim:ask Is a slice that contains NaN DeepEqual to itself, and to a copy of itself?
//claim:source https://pkg.go.dev/reflect#DeepEqual
func TestDeepEqualNaN(t *testing.T) {
	nan := math.NaN()
	values := []float64{1, nan}
	assert.False(t, reflect.DeepEqual(nan, nan))
	assert.True(t, reflect.DeepEqual(values, values), "the same memory")
	assert.False(t, reflect.DeepEqual(values, slices.Clone(values)))
	assert.False(t, slices.Equal(values, values), "slices.Equal has no such shortcut")
	assert.Nil(t, Diff(values, slices.Clone(values)), "Diff calls NaN equal to NaN")

	self := map[float64]int{nan: 1}
	assert.True(t, reflect.DeepEqual(self, self))
	assert.False(t, reflect.DeepEqual(self, map[float64]int{nan: 1}), "the key is found in no map")

	negativeZero := math.Copysign(0, -1)
	assert.True(t, reflect.DeepEqual(0.0, negativeZero), "and -0 is equal to 0, as for ==")
}

// Functions are equal for DeepEqual only if both are nil. A struct with one function in it
// is not equal to itself, unless it is reached through the same pointer. Compare such
// structs without the function, or compare what the function does.
//
//claim:ask Why is a struct with a func field not DeepEqual to itself?
//claim:source https://pkg.go.dev/reflect#DeepEqual
func TestDeepEqualFunc(t *testing.T) {
	type handler struct {
		Name string
		Do   func()
	}
	h := handler{"a", func() {}}
	assert.False(t, reflect.DeepEqual(h, h))
	assert.True(t, reflect.DeepEqual(&h, &h), "the same pointer: nobody looks at the function")
	assert.True(t, reflect.DeepEqual(handler{Name: "a"}, handler{Name: "a"}))
	assert.Equal(t, []Change{{"Do", "func()", "func()"}}, Diff(h, h))
}

// DeepEqual does not call methods. Two times that are the same moment differ if
// they have other locations, or if one of them has a reading of the monotonic
// clock, which a time from time.Now has and one that was stored or parsed has
// not. Their method Equal compares the moment. So compare times with Equal, or
// use a comparison that calls it, as Diff of this package does.
//
//claim:ask Why does reflect.DeepEqual say that two equal times are different?
//claim:source https://pkg.go.dev/time#Time.Equal
//claim:source https://pkg.go.dev/reflect#DeepEqual
func TestDeepEqualTime(t *testing.T) {
	here := time.Date(2026, 5, 1, 12, 0, 0, 0, time.FixedZone("here", 3600))
	there := here.UTC()
	assert.True(t, here.Equal(there))
	assert.False(t, reflect.DeepEqual(here, there), "other locations")
	assert.False(t, here == there, "so does ==")

	now := time.Now()
	assert.True(t, now.Equal(now.Round(0)))
	assert.False(t, reflect.DeepEqual(now, now.Round(0)), "one of them without the monotonic clock")

	type event struct {
		At    time.Time
		Where netip.Addr
	}
	assert.Nil(t, Diff(event{At: here}, event{At: there}))
	changes := Diff(event{At: here}, event{At: here.Add(time.Hour)})
	assert.Equal(t, "[At: 2026-05-01 12:00:00 +0100 here -> 2026-05-01 13:00:00 +0100 here]", assertText(changes))
}

// Two errors made by errors.New with one text are DeepEqual, because DeepEqual
// follows their pointers and compares the texts. They are different errors for
// == and errors.Is. So a test that compares errors with DeepEqual, or with a
// library function built on it, accepts the wrong error; compare errors with
// errors.Is.
//
//claim:ask Should a test compare errors with reflect.DeepEqual?
//claim:source https://pkg.go.dev/errors#Is
//claim:source https://pkg.go.dev/reflect#DeepEqual
func TestDeepEqualErrors(t *testing.T) {
	notFound, alsoNotFound := errors.New("not found"), errors.New("not found")
	assert.True(t, reflect.DeepEqual(notFound, alsoNotFound))
	assert.False(t, notFound == alsoNotFound)
	assert.False(t, errors.Is(alsoNotFound, notFound))
	assert.Equal(t, notFound, alsoNotFound, "assert.Equal is built on DeepEqual")
	assert.NotErrorIs(t, alsoNotFound, notFound)
}

// DeepEqual compares unexported fields too, also those of other packages. What
// a type keeps for itself, such as a cache, a counter or spare capacity, makes
// two values different that mean the same. It is no comparison to be used on
// types whose inside you do not know: prefer their method Equal, or compare the
// exported fields that matter.
//
//claim:ask Does reflect.DeepEqual compare unexported fields?
//claim:source https://pkg.go.dev/reflect#DeepEqual
//claim:source https://pkg.go.dev/bytes#Buffer
func TestDeepEqualUnexported(t *testing.T) {
	var fresh, used bytes.Buffer
	fresh.WriteString("ab")
	used.WriteString("xab")
	used.Next(1) // what is left is the same
	assert.Equal(t, fresh.String(), used.String())
	assert.False(t, reflect.DeepEqual(&fresh, &used))
	changes := Diff(&fresh, &used)
	assert.Equal(t, "buf[0]: 97 -> 120", changes[0].String(), "Diff shows what DeepEqual saw")
}

// DeepEqual ends for values that contain themselves: it remembers the pairs of pointers,
// slices and maps that it has begun to compare, and takes them as equal when it meets them
// again. An equal pair of rings of different length shows it: one node refers to
// itself, two others to each other, and they cannot be told apart by following pointers.
//
//claim:ask Does reflect.DeepEqual end for a cyclic structure?
//claim:source reflect/deepequal.go
func TestDeepEqualCycle(t *testing.T) {
	type node struct{ Next *node }
	one := &node{}
	one.Next = one
	two := &node{&node{}}
	two.Next.Next = two
	assert.True(t, reflect.DeepEqual(one, two))
	assert.Nil(t, Diff(one, two))
	chain := &node{&node{&node{}}}
	assert.False(t, reflect.DeepEqual(one, chain))
	assert.Equal(t, []Change{{"Next.Next.Next", "*reflection.node", "nil"}}, Diff(one, chain))
}

var (
	equalInts  = slices.Collect(func(yield func(int) bool) { countTo(512, yield) })
	equalInts2 = slices.Clone(equalInts)
)

func countTo(n int, yield func(int) bool) {
	for i := range n {
		if !yield(i) {
			return
		}
	}
}

// slices.Equal is a loop over elements of a known type. DeepEqual makes a Value
// of each pair of elements, looks at its kind and calls itself. That takes more
// than 8 times as long here, for the same answer. A []byte of the same size
// takes DeepEqual less than a fifth of that, because it calls bytes.Equal. Use the
// typed functions slices.Equal, maps.Equal and == in code that is called often,
// and DeepEqual where the type is not known.
//
//claim:ask How much slower than slices.Equal is reflect.DeepEqual, and is that so for []byte too?
//claim:source https://pkg.go.dev/slices#Equal
//claim:source reflect/deepequal.go
//claim:expect ns/op of=deepequal > 8x of=slices
//claim:expect ns/op of=deepequal > 5x of=bytes
func BenchmarkDeepEqualSlices(b *testing.B) {
	text, text2 := make([]byte, 512*8), make([]byte, 512*8)
	b.Run("of=slices", func(b *testing.B) {
		for b.Loop() {
			if !slices.Equal(equalInts, equalInts2) {
				b.Fatal("different")
			}
		}
	})
	b.Run("of=deepequal", func(b *testing.B) {
		for b.Loop() {
			if !reflect.DeepEqual(equalInts, equalInts2) {
				b.Fatal("different")
			}
		}
	})
	// As many bytes as the integers have, compared with DeepEqual.
	b.Run("of=bytes", func(b *testing.B) {
		for b.Loop() {
			if !reflect.DeepEqual(text, text2) {
				b.Fatal("different")
			}
		}
	})
}
