package reflection

import (
	"iter"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// firstValues and seqPairs collect what an iterator over reflect.Values yields.
func firstValues(seq iter.Seq[reflect.Value]) (out []any) {
	for v := range seq {
		out = append(out, v.Interface())
	}
	return out
}

func seqPairs(seq iter.Seq2[reflect.Value, reflect.Value]) (out [][2]any) {
	for k, v := range seq {
		out = append(out, [2]any{k.Interface(), v.Interface()})
	}
	return out
}

// Value.Seq and Value.Seq2 (since Go 1.23) range over a value whose type is not known,
// exactly as a for statement with one or two variables does: over integers, strings, arrays
// and pointers to arrays, slices, maps, channels and iterator functions. So code for all
// of them is one loop instead of a switch over kinds. Seq2 of an integer or a channel
// panics, as the loop with two variables does not compile.
//
//claim:ask How do you range over a value by reflection if you do not know whether it is a slice, a map, a number or an iterator?
//claim:source https://pkg.go.dev/reflect#Value.Seq
//claim:source https://go.dev/ref/spec#For_range
func TestIterateSeq(t *testing.T) {
	ch := make(chan string, 2)
	ch <- "a"
	ch <- "b"
	close(ch)
	for _, c := range []struct {
		value any
		one   []any
		two   [][2]any
	}{
		{3, []any{0, 1, 2}, nil},
		{int8(2), []any{int8(0), int8(1)}, nil},
		{"hé", []any{0, 1}, [][2]any{{0, 'h'}, {1, 'é'}}},
		{[]string{"x", "y"}, []any{0, 1}, [][2]any{{0, "x"}, {1, "y"}}},
		{[2]bool{true, false}, []any{0, 1}, [][2]any{{0, true}, {1, false}}},
		{&[1]int{7}, []any{0}, [][2]any{{0, 7}}},
		{map[string]int{"k": 1}, []any{"k"}, [][2]any{{"k", 1}}},
		{ch, []any{"a", "b"}, nil},
		{slices.Values([]int{4, 5}), []any{4, 5}, nil},
		{maps.All(map[int]string{1: "a"}), nil, [][2]any{{1, "a"}}},
	} {
		v := reflect.ValueOf(c.value)
		assert.Equal(t, c.one != nil, v.Type().CanSeq(), "%T", c.value)
		assert.Equal(t, c.two != nil, v.Type().CanSeq2(), "%T", c.value)
		if c.one != nil {
			assert.Equal(t, c.one, firstValues(v.Seq()), "%T", c.value)
		}
		if c.two != nil {
			assert.Equal(t, c.two, seqPairs(v.Seq2()), "%T", c.value)
		}
	}
	assert.PanicsWithValue(t, "reflect: int cannot produce iter.Seq2[Value, Value]", func() { reflect.ValueOf(3).Seq2() })
	assert.Panics(t, func() { reflect.ValueOf(2.5).Seq() })
	assert.False(t, reflect.TypeFor[struct{}]().CanSeq(), "a struct is no sequence: see Value.Fields")
}

// Seq over a slice yields indexes, like for i := range s. The elements come from Seq2. The
// element that Seq2 yields for a slice refers to the element itself and can be set, while
// the variable of a for statement is a copy. For a map the values are copies in
// both cases.
//
//claim:ask Does Value.Seq over a slice yield its elements, and can they be changed while ranging?
//claim:source https://pkg.go.dev/reflect#Value.Seq2
func TestIterateSetElements(t *testing.T) {
	s := []int{10, 20}
	assert.Equal(t, []any{0, 1}, firstValues(reflect.ValueOf(s).Seq()), "indexes")
	for i, v := range reflect.ValueOf(s).Seq2() {
		assert.True(t, v.CanSet())
		v.SetInt(v.Int() + i.Int())
	}
	assert.Equal(t, []int{10, 21}, s)
	for k, v := range reflect.ValueOf(map[string]int{"a": 1}).Seq2() {
		assert.False(t, k.CanSet())
		assert.False(t, v.CanSet())
	}
}

// A nil pointer to an array has a length, which is part of its type, and so the
// loop over its indexes runs; the elements are not there, and a loop that wants
// them panics. Value.Seq does the same since Go 1.27; until 1.26 it panicked
// for the indexes too.
//
//claim:ask Can you range over a nil pointer to an array?
//claim:source https://go.dev/ref/spec#For_range
//claim:source reflect/iter.go
func TestIterateNilArrayPointer(t *testing.T) {
	var p *[3]int
	n := 0
	for i := range p {
		n += i
	}
	assert.Equal(t, 3, n)
	assert.Equal(t, 3, len(p))
	assert.Panics(t, func() {
		for _, v := range p {
			n += v
		}
	})
	indexes := func() { firstValues(reflect.ValueOf(p).Seq()) }
	if proof.GoAtLeast("go1.27") {
		assert.NotPanics(t, indexes)
	} else {
		assert.Panics(t, indexes)
	}
}

type iterateService struct {
	Name    string `json:"name"`
	Timeout time.Duration
	secret  int
}

func (iterateService) Run(string, ...int) error { return nil }
func (*iterateService) Stop()                   {}

// Since Go 1.26 the parts of a type and of a value are iterators: Type.Fields,
// Type.Methods, Type.Ins and Type.Outs, and Value.Fields and Value.Methods,
// which yield each part together with its description. They replace loops such
// as for i := range t.NumField(). They yield the same in the same order, fields
// as declared and methods by name; unexported fields are among them and
// unexported methods are not.
//
//claim:ask How do you loop over the fields, methods and parameters of a type in current Go?
//claim:source https://pkg.go.dev/reflect#Type
//claim:source https://go.dev/doc/go1.26#reflect
func TestIterateFields(t *testing.T) {
	typ := reflect.TypeFor[iterateService]()
	var names []string
	for f := range typ.Fields() {
		names = append(names, f.Name+" "+f.Type.String())
	}
	assert.Equal(t, []string{"Name string", "Timeout time.Duration", "secret int"}, names)

	value := reflect.ValueOf(iterateService{"api", time.Second, 1})
	var readable []any
	for f, v := range value.Fields() {
		if f.IsExported() {
			readable = append(readable, v.Interface())
		}
	}
	assert.Equal(t, []any{"api", time.Second}, readable)

	var methods []string
	for m := range reflect.TypeFor[*iterateService]().Methods() {
		methods = append(methods, m.Name)
	}
	assert.Equal(t, []string{"Run", "Stop"}, methods)

	run, _ := typ.MethodByName("Run")
	var in []string
	for p := range run.Type.Ins() {
		in = append(in, p.String())
	}
	assert.Equal(t, []string{"reflection.iterateService", "string", "[]int"}, in, "the receiver comes first")
	assert.Equal(t, []reflect.Type{reflect.TypeFor[error]()}, slices.Collect(run.Type.Outs()))

	for m, f := range value.Methods() {
		require.Equal(t, "Run", m.Name)
		assert.True(t, f.Call([]reflect.Value{reflect.ValueOf("x")})[0].IsNil(), "bound to the value")
	}
	assert.Panics(t, func() { reflect.TypeFor[int]().Fields() })
}

// The iterators do, three times per loop whatever the number of fields: the
// iterator is a closure, made by a method that is called through the interface
// Type, and so the body of the loop and the variables it changes escape to a
// function that the compiler does not know. A loop over indexes allocates
// nothing, Type.Field(i) neither, up to 256 fields. Use the iterators where a
// type is looked at once, and keep what they found for the values, as
// encoding/json does.
//
//claim:ask Do the reflect iterators of Go 1.26 allocate, compared with a loop over indexes?
//claim:source reflect/type.go
//claim:expect allocs/op of=iterator == 3
//claim:expect allocs/op of=wide == 3
//claim:expect allocs/op of=index == 0
func BenchmarkIterateFieldAllocs(b *testing.B) {
	narrow, wide := reflect.TypeFor[iterateService](), reflect.TypeFor[struct{ A, B, C, D, E, F, G, H int }]()
	iterate := func(t reflect.Type) func(b *testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				for f := range t.Fields() {
					n += len(f.Name)
				}
			}
			iterateCount = n
		}
	}
	b.Run("of=iterator", iterate(narrow))
	b.Run("of=wide", iterate(wide))
	b.Run("of=index", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			for i := range narrow.NumField() {
				n += len(narrow.Field(i).Name)
			}
		}
		iterateCount = n
	})
}

// iterateCount keeps the loops of BenchmarkIterateFieldAllocs from being removed.
var iterateCount int

// A function is an iterator for reflection by its form, not by its name: any
// func(yield func(K, V) bool). Value.Seq calls it with a function made by
// reflect.MakeFunc, so that break in the loop becomes a false from yield. Every
// step then is a reflected call, which allocates, and the loop takes more than
// 10 times as long as the direct one.
//
//claim:ask Can reflection range over an iterator function, and what does that cost?
//claim:source reflect/iter.go
//claim:expect ns/op of=reflect > 10x of=direct
func BenchmarkIterateFunc(b *testing.B) {
	count := func(yield func(int) bool) { countTo(100, yield) }
	b.Run("of=direct", func(b *testing.B) {
		for b.Loop() {
			sum := 0
			for i := range count {
				sum += i
			}
			iterateCount += sum
		}
	})
	b.Run("of=reflect", func(b *testing.B) {
		v := reflect.ValueOf(count)
		for b.Loop() {
			sum := 0
			for i := range v.Seq() {
				sum += int(i.Int())
			}
			iterateCount += sum
		}
	})
}

func TestIterateFuncBreak(t *testing.T) {
	stopped := false
	naturals := func(yield func(int) bool) {
		for i := 0; ; i++ {
			if !yield(i) {
				stopped = true
				return
			}
		}
	}
	for v := range reflect.ValueOf(naturals).Seq() {
		if v.Int() == 3 {
			break
		}
	}
	assert.True(t, stopped)
}
