package reflection

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type copyAddress struct {
	Street string
	Lines  []string
}

type copyCustomer struct {
	Name    string
	Home    *copyAddress
	Labels  map[string][]int
	History [2][]string
	Extra   any
	Since   time.Time
	secret  int
}

func newCopyCustomer() copyCustomer {
	return copyCustomer{
		Name:    "Ada",
		Home:    &copyAddress{"Main Street", []string{"a", "b"}},
		Labels:  map[string][]int{"x": {1, 2}, "nil": nil},
		History: [2][]string{{"h"}, nil},
		Extra:   []any{1, map[string]any{"k": []byte("v")}},
		Since:   time.Date(2026, 2, 3, 4, 5, 6, 0, time.FixedZone("here", 3600)),
		secret:  7,
	}
}

// An assignment copies a struct, but not what its pointers, slices, maps and interfaces
// refer to: original and copy change together. A deep copy has to follow all of them, and
// reflection can do that for every type with one function: it replaces each pointer, slice
// and map by a new one with copied contents. Unexported fields are the limit, see
// DeepCopyUnexported, and functions and channels cannot be copied by anybody.
//
//claim:ask How do you write a deep copy of any value, and what is left shared by b := a?
//claim:source https://go.dev/ref/spec#Assignment_statements
//claim:source https://pkg.go.dev/reflect#New
func TestDeepCopySharesNothing(t *testing.T) {
	original := newCopyCustomer()
	assigned := original
	copied, err := DeepCopy(original)
	require.NoError(t, err)
	require.Equal(t, original, copied)

	original.Home.Lines[0] = "changed"
	original.Labels["x"][0] = -1
	original.Labels["new"] = nil
	original.History[0][0] = "changed"
	original.Extra.([]any)[1].(map[string]any)["k"].([]byte)[0] = 'X'
	assert.Equal(t, newCopyCustomer(), copied, "the deep copy did not change")
	assert.Equal(t, original, assigned, "the assigned copy changed in every one of these places")
	assert.Equal(t, 7, copied.secret, "an unexported number is copied by assignment")
}

// A deep copy without memory never ends for a value that contains itself, and doubles what
// two parts share. So it keeps a map from what it has copied (address, length and type)
// to the copy. It must add the entry before it copies the contents: that is where the cycle
// comes back. The type belongs to the key because a struct and its first field have one
// address.
//
//claim:ask How does a deep copy handle cycles and shared pointers?
//claim:source https://pkg.go.dev/reflect#Value.UnsafePointer
func TestDeepCopyCycle(t *testing.T) {
	type node struct {
		Next, Other *node
		First       int
		Self        any
	}
	ring := &node{}
	ring.Next = &node{Next: ring, Other: ring}
	ring.Self = ring
	copied, err := DeepCopy(ring)
	require.NoError(t, err)
	assert.Same(t, copied, copied.Next.Next)
	assert.Same(t, copied, copied.Next.Other)
	assert.Same(t, copied, copied.Self)
	assert.NotSame(t, ring, copied)

	list := []any{nil, "x"}
	list[0] = list
	copiedList, err := DeepCopy(list)
	require.NoError(t, err)
	copiedList[1] = "y"
	assert.Equal(t, "y", copiedList[0].([]any)[1], "the slice contains itself again")
	assert.Equal(t, "x", list[1])

	table := map[string]any{}
	table["self"] = table
	copiedTable, err := DeepCopy(table)
	require.NoError(t, err)
	copiedTable["new"] = true
	assert.Contains(t, copiedTable["self"], "new")
	assert.NotContains(t, table, "new")

	// The field at offset 0 has the address of its struct, but another type.
	type outer struct{ Inner node }
	type both struct {
		Whole *outer
		Part  *node
	}
	whole := &outer{}
	pair, err := DeepCopy(both{whole, &whole.Inner})
	require.NoError(t, err)
	assert.NotNil(t, pair.Part)
}

// Not by the rules of the language: reflection reads unexported fields and does not set
// them. A deep copy that starts with an assignment has their values already, and that is
// complete as long as they hold only numbers, strings and the like. A slice or a pointer in
// an unexported field stays shared, which is a trap: two copied big.Int values
// write to the same digits. DeepCopy reports it instead of hiding it, and takes a
// function for such types. Types of other packages know themselves how to be copied:
// look for a method Clone or Set.
//
//claim:ask Can a deep copy made by reflection copy unexported fields?
//claim:source https://pkg.go.dev/reflect#Value.CanSet
//claim:source https://pkg.go.dev/math/big#Int
func TestDeepCopyUnexported(t *testing.T) {
	type account struct {
		Name    string
		Balance *big.Int
	}
	accounts := []account{{"a", big.NewInt(10)}, {"b", nil}}

	_, err := DeepCopy(accounts)
	assert.EqualError(t, err, "reflection.DeepCopy: [0].Balance.abs: an unexported field shares memory "+
		"with the original; want a function for big.Int made by CopyWith")

	shared := *accounts[0].Balance // by assignment
	shared.Sub(&shared, big.NewInt(1))
	assert.Equal(t, "9", accounts[0].Balance.String(), "the digits are shared")

	copied, err := DeepCopy(accounts, CopyWith(func(x *big.Int) *big.Int {
		if x == nil {
			return nil
		}
		return new(big.Int).Set(x)
	}))
	require.NoError(t, err)
	copied[0].Balance.Add(copied[0].Balance, big.NewInt(5))
	assert.Equal(t, "9", accounts[0].Balance.String())
	assert.Equal(t, "14", copied[0].Balance.String())
	assert.Nil(t, copied[1].Balance)
}

// Exported fields of an embedded struct can be set even if the embedded type is
// unexported: they are promoted and so part of the exported fields of the outer
// struct. Those of an embedded pointer to an unexported struct cannot, because
// the pointer would have to be set.
//
//claim:ask Can reflection set the fields of an embedded struct whose type is unexported?
//claim:source https://go.dev/ref/spec#Struct_types
//claim:source reflect/value.go
func TestDeepCopyEmbedded(t *testing.T) {
	type embedded struct{ List []int }
	type byValue struct{ embedded }
	type byPointer struct{ *embedded }

	value := byValue{embedded{[]int{1}}}
	copied, err := DeepCopy(value)
	require.NoError(t, err)
	copied.List[0] = 2
	assert.Equal(t, 1, value.List[0])

	_, err = DeepCopy(byPointer{&embedded{[]int{1}}})
	assert.ErrorContains(t, err, "embedded: an unexported field shares memory")
	_, err = DeepCopy(byPointer{})
	assert.NoError(t, err, "nil shares nothing")
	assert.Panics(t, func() {
		reflect.ValueOf(&byPointer{}).Elem().Field(0).Set(reflect.ValueOf(&embedded{}))
	})
}

// A pointer to a field or to an element of another copied value gets a copy of
// its own: after the copy it points beside the struct, not into it. To find
// such pointers one would have to know the extent of everything that is copied
// before the first pointer is replaced. A round trip through JSON loses this
// relation as well. Use an index instead of a pointer into a slice if the data is
// to be copied or stored.
//
//claim:ask What happens to a pointer into the middle of a struct or slice when the whole is deep-copied?
//claim:source https://pkg.go.dev/reflect#Value.UnsafePointer
func TestDeepCopyInteriorPointer(t *testing.T) {
	type ranking struct {
		Scores []int
		Best   *int
	}
	r := ranking{Scores: []int{3, 9}}
	r.Best = &r.Scores[1]
	copied, err := DeepCopy(r)
	require.NoError(t, err)
	copied.Scores[1] = 10
	assert.Equal(t, 9, *copied.Best, "it points to a copy of the 9")

	text, err := json.Marshal(r)
	require.NoError(t, err)
	var decoded ranking
	require.NoError(t, json.Unmarshal(text, &decoded))
	decoded.Scores[1] = 10
	assert.Equal(t, 9, *decoded.Best)
	assert.Same(t, r.Best, &r.Scores[1])
}

// A copied lock is a lock in the same state: if it was held, the copy is held,
// and nobody will ever release it. Reflection copies it without a word; go vet
// finds copies of locks only where the source shows an assignment. So a deep
// copy is made of data, and a lock is kept outside of what is copied, as a
// field beside it.
//
//claim:ask What happens to a mutex inside a deep-copied struct?
//claim:source https://pkg.go.dev/sync#Mutex
func TestDeepCopyLockedMutex(t *testing.T) {
	type guarded struct {
		Mu   sync.Mutex
		Data []int
	}
	g := &guarded{Data: []int{1}}
	g.Mu.Lock()
	copied, err := DeepCopy(g)
	require.NoError(t, err)
	g.Mu.Unlock()
	assert.True(t, g.Mu.TryLock())
	assert.False(t, copied.Mu.TryLock(), "held for ever")
}

func TestDeepCopyKinds(t *testing.T) {
	f, ch := func() {}, make(chan int)
	type pointers *int
	number := 3
	type all struct {
		F      func()
		C      chan int
		P      pointers
		E      []int
		M      map[float64]*int
		K      map[any]string
		A      [0]*int
		I      any
		N      *int
		Atomic atomic.Int64
		Empty  *struct{}
	}
	in := &all{F: f, C: ch, P: &number, E: make([]int, 1, 8), M: map[float64]*int{math.NaN(): &number},
		K: map[any]string{[2]any{1, "a"}: "x", &number: "p"}, N: &number, Empty: new(struct{})}
	in.Atomic.Store(5)
	out, err := DeepCopy(in)
	require.NoError(t, err)
	assert.Equal(t, ch, out.C)
	assert.Equal(t, reflect.ValueOf(f).Pointer(), reflect.ValueOf(out.F).Pointer())
	assert.NotSame(t, (*int)(in.P), (*int)(out.P))
	assert.Equal(t, 3, *out.P)
	assert.Equal(t, 1, cap(out.E), "no spare capacity")
	assert.Len(t, out.M, 1)
	for _, v := range out.M {
		assert.Same(t, out.N, v, "shared before, shared after")
	}
	assert.Contains(t, out.K, any(out.N), "pointers in keys are copied as well")
	assert.Nil(t, out.I)
	assert.EqualValues(t, 5, out.Atomic.Load())

	none, err := DeepCopy[any](nil)
	assert.NoError(t, err)
	assert.Nil(t, none)
	var nilSlice []int
	none2, err := DeepCopy(nilSlice)
	assert.NoError(t, err)
	assert.Nil(t, none2)

	_, err = DeepCopy(map[string]unsafe.Pointer{"a": unsafe.Pointer(&number)})
	assert.EqualError(t, err, `reflection.DeepCopy: ["a"]: what an unsafe.Pointer points to cannot be copied`)
	var box atomic.Pointer[int]
	box.Store(&number)
	_, err = DeepCopy(&box)
	assert.ErrorContains(t, err, "v: an unexported field shares memory")
}

func TestCopyWith(t *testing.T) {
	upper := CopyWith(func(s string) string { return s + "!" })
	type named struct {
		A string
		B []string
		C map[string]any
		d string
	}
	out, err := DeepCopy(named{"a", []string{"b"}, map[string]any{"k": "v"}, "d"}, upper)
	require.NoError(t, err)
	assert.Equal(t, named{"a!", []string{"b!"}, map[string]any{"k!": "v!"}, "d"}, out)

	// To share a type on purpose, return it as it is.
	type config struct{ Zone *time.Location }
	c := config{time.UTC}
	copied, err := DeepCopy(c, CopyWith(func(l *time.Location) *time.Location { return l }))
	require.NoError(t, err)
	assert.Same(t, time.UTC, copied.Zone)

	assert.PanicsWithValue(t,
		"reflection.CopyWith: fmt.Stringer is an interface type, want the type of the values in it",
		func() { CopyWith(func(s fmt.Stringer) fmt.Stringer { return s }) })
}

type copyOrder struct {
	ID    int
	Notes []string
	Lines []copyLine
	Tags  map[string]string
}

type copyLine struct {
	SKU    string
	Amount *int
}

func newCopyOrder() copyOrder {
	o := copyOrder{ID: 1, Notes: []string{"a", "b", "c"}, Tags: map[string]string{"a": "1", "b": "2"}}
	for i := range 16 {
		o.Lines = append(o.Lines, copyLine{fmt.Sprint("sku", i), &i})
	}
	return o
}

// clone is the copy that one writes by hand.
func (o copyOrder) clone() copyOrder {
	o.Notes = slices.Clone(o.Notes)
	o.Lines = slices.Clone(o.Lines)
	for i, l := range o.Lines {
		if l.Amount != nil {
			o.Lines[i].Amount = new(*l.Amount)
		}
	}
	tags := make(map[string]string, len(o.Tags))
	for k, v := range o.Tags {
		tags[k] = v
	}
	o.Tags = tags
	return o
}

func copyByJSON(o copyOrder) (copied copyOrder, err error) {
	text, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(text, &copied)
	}
	return copied, err
}

// A copy by reflection takes more than 3 times as long as one written by hand, and
// a round trip through JSON longer still. Reflection pays for every field and
// element with a Value and a switch on its kind, and for the memory of what it
// has seen; JSON writes a text and parses it. JSON also loses unexported
// fields, types inside of interfaces, and shared pointers. With less data in
// pointers and more in plain slices, which are copied as a whole, reflection
// comes closer to the hand-written copy.
//
//claim:ask What does a deep copy by reflection cost, compared with a hand-written one and with a round trip through JSON?
//claim:source https://pkg.go.dev/encoding/json#Marshal
//claim:expect ns/op of=reflect > 3x of=hand
//claim:expect ns/op of=json > 1x of=reflect
//claim:expect allocs/op of=hand < 25
func BenchmarkDeepCopyCost(b *testing.B) {
	order := newCopyOrder()
	b.Run("of=hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = order.clone()
		}
	})
	b.Run("of=reflect", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := DeepCopy(order); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("of=json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := copyByJSON(order); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestDeepCopyOrders(t *testing.T) {
	order := newCopyOrder()
	byReflect, err := DeepCopy(order)
	require.NoError(t, err)
	byJSON, err := copyByJSON(order)
	require.NoError(t, err)
	assert.Equal(t, order, order.clone())
	assert.Equal(t, order, byReflect)
	assert.Equal(t, order, byJSON)
}

// copyTree is a value of every kind that DeepCopy and Diff know, for the fuzz test.
type copyTree struct {
	Number  int64
	Text    string
	Flag    bool
	List    []copyTree
	ByName  map[string]*copyTree
	Next    *copyTree
	Any     any
	Pair    [2]*copyTree
	private uint8
}

// growCopyTree makes a value from bytes: the same bytes, the same value. It keeps what
// it made, to build cycles and shared parts.
func growCopyTree(data []byte) *copyTree {
	var made []*copyTree
	next := func() byte {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return b
	}
	var grow func(depth int) *copyTree
	grow = func(depth int) *copyTree {
		t := &copyTree{Number: int64(next()), Text: string(rune('a' + next()%4)), private: next() % 3}
		made = append(made, t)
		if depth == 0 || len(data) == 0 {
			return t
		}
		pick := func() *copyTree {
			if b := next(); b%3 > 0 {
				return made[int(b)%len(made)]
			}
			return grow(depth - 1)
		}
		switch next() % 9 {
		case 0:
			t.List = []copyTree{}
		case 1:
			for range next() % 4 {
				t.List = append(t.List, *grow(depth - 1))
			}
		case 2:
			t.ByName = map[string]*copyTree{}
			for i := range next() % 4 {
				t.ByName[string(rune('k'+i))] = pick()
			}
		case 3:
			t.Next = pick()
		case 4:
			t.Any = pick()
		case 5:
			t.Any = []any{pick(), int(next()), string(rune(next())), nil}
		case 6:
			t.Pair = [2]*copyTree{pick(), pick()}
		case 7:
			t.Any = map[any]any{next(): pick(), "t": *grow(depth - 1)}
		case 8:
			t.Flag = true
			t.Any = int64(next())
		}
		return t
	}
	root := grow(6)
	root.Next = grow(4)
	return root
}

// The properties of the two functions together: a copy has no difference and shares
// nothing, and Diff finds differences exactly where DeepEqual does.
func FuzzDeepCopyDiff(f *testing.F) {
	f.Add([]byte{}, []byte{1})
	f.Add([]byte{1, 2, 0, 3, 1, 0, 0, 0, 4, 9}, []byte{1, 2, 0, 3, 1, 0, 0, 0, 4, 8})
	f.Add([]byte("\x01\x01\x01\x02\x03\x03\x01\x01\x05\x01\x07"), []byte("\x01\x01\x01\x06\x03\x03"))
	f.Add([]byte("\x01\x01\x00\x02\x03\x01\x00\x02\x03\x05\x02\x06\x07"), []byte("\x01\x01\x01\x07\x03\x03\x03"))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		if len(one)+len(two) > 200 {
			return // two graphs of n nodes have n*n pairs to compare
		}
		a, again, b := growCopyTree(one), growCopyTree(one), growCopyTree(two)
		copied, err := DeepCopy(a)
		if err != nil {
			t.Fatal(err)
		}
		if changes := Diff(a, copied); changes != nil {
			t.Fatalf("the copy differs: %v", changes)
		}
		if !reflect.DeepEqual(a, copied) {
			t.Fatal("DeepEqual calls the copy different")
		}
		if equal := reflect.DeepEqual(a, b); equal != (Diff(a, b) == nil) {
			t.Fatalf("DeepEqual says %v, Diff says %v", equal, Diff(a, b))
		}
		if x, y := Diff(a, b), Diff(b, a); len(x) != len(y) {
			t.Fatalf("%d changes there, %d back: %v, %v", len(x), len(y), x, y)
		}
		// One change in the copy is one difference, and the original stays as it was.
		copied.Next.Number++
		copied.Next.Text += "!"
		copied.List = append(copied.List, copyTree{})
		if !reflect.DeepEqual(a, again) {
			t.Fatal("the original changed with its copy")
		}
		// A part that is reached on several ways is reported on the first of them.
		found := fmt.Sprint(Diff(a, copied))
		for _, want := range []string{"Number: ", "Text: ", "List"} {
			if !strings.Contains(found, want) {
				t.Fatalf("%s is missing in %s", want, found)
			}
		}
	})
}
