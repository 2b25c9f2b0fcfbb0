package memory

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os/exec"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// typeError returns the first error that the type checker finds in a file with
// these declarations, or "".
func typeError(t *testing.T, declarations string) string {
	t.Helper()
	return typeErrorAt(t, "go1.26", declarations)
}

// typeErrorAt is typeError for the language of a given release.
func typeErrorAt(t *testing.T, release, declarations string) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x.go", "package x\n\n"+declarations, 0)
	require.NoError(t, err)
	conf := types.Config{Importer: importer.Default(), GoVersion: release}
	if _, err := conf.Check("x", fset, []*ast.File{file}, nil); err != nil {
		return err.(types.Error).Msg
	}
	return ""
}

// Assigning to a pointer parameter changes the function's own copy of the
// pointer, so the caller still has the old one. Assigning to what it points to
// reaches the caller, because both copies point to the same variable. To give
// the caller another pointer, return it, or take the address of the caller's
// variable (**T). Nothing is passed by reference in Go, not even a map: it is a
// pointer inside and is copied like one.
//
//claim:ask A function assigns to its pointer parameter: does the caller see it?
//claim:source https://go.dev/doc/faq#pass_by_value
func TestPointerParameter(t *testing.T) {
	a, b := &ledger{name: "a"}, &ledger{name: "b"}
	p := a
	before, after := pointAt(p, b)
	require.Equal(t, []string{"a", "b"}, []string{before, after})
	require.Same(t, a, p, "the function moved its copy")
	replace(p, ledger{name: "new"})
	require.Equal(t, "new", a.name, "the function wrote through its copy")
	require.Same(t, b, pointedAt(p, b))
	require.Same(t, a, p, "a result is nothing until it is assigned")
	pointAtFor(&p, b)
	require.Same(t, b, p)

	m, c := map[string]int{}, make(chan int, 1)
	func(m map[string]int, c chan int) {
		m["x"] = 1
		c <- 1
		m, c = nil, nil
		_, _ = m, c
	}(m, c)
	require.Equal(t, map[string]int{"x": 1}, m, "the entry is seen, the assignment is not")
	require.Len(t, c, 1)
}

// A slice, a map, a channel, a function and an interface that holds a pointer:
// what is copied is a pointer or a few words with one inside, so the function
// works on the caller's elements, entries, queue and captured variables. It cannot
// give the caller another slice, map, channel or function, and so it cannot make a
// map for a caller whose map is nil. A pointer to a map or a channel is needed
// for that only, and returning the new one is simpler.
//
//claim:ask Which arguments can a function change although they are not pointers?
//claim:source https://go.dev/doc/faq#references
//claim:source https://go.dev/ref/spec#Representation_of_values
func TestArgumentShares(t *testing.T) {
	type args struct {
		s []int
		m map[string]int
		c chan int
		f func()
		i any
	}
	calls := 0
	given := args{[]int{1}, map[string]int{}, make(chan int, 1), func() { calls++ }, &pair{}}
	func(s []int, m map[string]int, c chan int, f func(), i any) {
		s[0], m["x"], i.(*pair).x = 2, 2, 2
		c <- 2
		f()
		s, m, c, f, i = nil, nil, nil, nil, nil
		_, _, _, _, _ = s, m, c, f, i
	}(given.s, given.m, given.c, given.f, given.i)
	require.Equal(t, []int{2}, given.s)
	require.Equal(t, map[string]int{"x": 2}, given.m)
	require.Equal(t, 2, <-given.c)
	require.Equal(t, 1, calls)
	require.Equal(t, &pair{x: 2}, given.i)
	require.NotNil(t, given.f)

	var none map[string]int
	func(m map[string]int) {
		if m == nil {
			m = map[string]int{}
		}
		m["x"] = 1
	}(none)
	require.Nil(t, none)
	func(m *map[string]int) {
		*m = map[string]int{}
		(*m)["x"] = 1
	}(&none)
	require.Equal(t, map[string]int{"x": 1}, none)
}

// A pointer to a pointer lets a function change which variable a pointer of the
// caller leads to. That is how a decoder makes a struct for a nil *T, as
// encoding/json does, and how a list is changed without a special case for its
// first element: the pointer that leads to an element is in a variable or in the
// element before, and **T stands for both. Where one result is enough, returning
// the new pointer is simpler, as append does. There is no method on a **T: the
// receiver's type is T or *T.
//
//claim:ask When do you need a pointer to a pointer?
//claim:source https://go.dev/ref/spec#Pointer_types
//claim:source https://go.dev/ref/spec#Method_declarations
//claim:source https://pkg.go.dev/encoding/json#Unmarshal
func TestPointerToPointer(t *testing.T) {
	c := &ledger{name: "c"}
	b := &ledger{name: "b", next: c}
	list := &ledger{name: "a", next: b}

	removeNamed(&list, "b")
	require.Same(t, c, list.next, "changed in the element before")
	removeNamed(&list, "a")
	require.Same(t, c, list, "changed in the variable")
	removeNamed(&list, "missing")
	require.Same(t, c, list)
	removeNamed(&list, "c")
	require.Nil(t, list)

	var decoded *struct{ N int }
	require.NoError(t, json.Unmarshal([]byte(`{"N": 1}`), &decoded))
	require.Equal(t, 1, decoded.N)
	require.Error(t, json.Unmarshal([]byte(`{"N": 1}`), (*struct{ N int })(nil)), "nothing to change")

	require.Contains(t, typeError(t, "type T struct{}\nfunc (t **T) m() {}"), "invalid receiver type")
	require.Contains(t, typeError(t, "type T struct{}\nfunc (t *T) m() {}\nfunc f(p **T) { p.m() }"), "p.m undefined")
}

// A value is copied wherever it gets a second place: as an argument, as the
// receiver of a value method (see ReceiverCopy), when it is sent through a channel,
// stored in an interface, an array, a slice, a map or a literal, and as the second
// variable of a range loop. Changing the original afterwards does not reach any of
// these. A closure is the exception: it refers to the variable itself. And a slice
// expression of an array is no copy either, it is a view.
//
//claim:ask Where does Go copy a value without an assignment in sight?
//claim:source https://go.dev/ref/spec#Representation_of_values
//claim:source https://go.dev/doc/faq#pass_by_value
func TestImplicitCopies(t *testing.T) {
	type version struct{ n int }
	v := version{1}
	argument := func(v version) func() version { return func() version { return v } }(v)
	sent := make(chan version, 1)
	sent <- v
	var boxed any = v
	list := append([]version(nil), v)
	table := map[string]version{"v": v}
	literal := struct{ v version }{v}
	array := [1]version{v}
	view := array[:]
	closure := func() version { return v }
	for _, element := range array {
		element.n = 5
		_ = element
	}
	require.Equal(t, version{1}, array[0])

	v.n, array[0].n = 2, 3
	for where, got := range map[string]version{
		"argument": argument(), "channel": <-sent, "interface": boxed.(version), "slice": list[0], "map": table["v"], "literal": literal.v,
	} {
		require.Equal(t, version{1}, got, where)
	}
	require.Equal(t, version{2}, closure(), "a closure has the variable")
	require.Equal(t, version{3}, view[0], "a slice of an array has its elements")
}

// Copying a struct copies its fields one by one. Afterwards the numbers, the
// strings and the elements of array fields are independent; the elements of
// slices, the entries of maps, the queue of a channel and what pointers point to
// are shared. Assigning a new slice, map or pointer to a field of one struct does
// not reach the other, and neither does the longer length after an append. Such a
// copy is called shallow.
//
//claim:ask I copy a struct by assignment: what do the two structs share?
//claim:source https://go.dev/ref/spec#Assignment_statements
func TestStructCopy(t *testing.T) {
	original := ledger{name: "a", totals: [2]int{1, 2}, entries: []int{1, 2}, tags: map[string]int{"x": 1}, queue: make(chan int, 1), next: &ledger{name: "next"}}
	c := original
	c.name, c.totals[0] = "b", 100
	assert.Equal(t, "a", original.name)
	assert.Equal(t, 1, original.totals[0])

	c.entries[0], c.tags["x"], c.next.name = 100, 100, "changed"
	assert.Equal(t, 100, original.entries[0])
	assert.Equal(t, 100, original.tags["x"])
	assert.Equal(t, "changed", original.next.name)

	c.queue <- 7
	assert.Equal(t, 7, <-original.queue)

	c.entries = append(c.entries, 3)
	assert.Len(t, original.entries, 2)
	c.next, c.tags = nil, map[string]int{}
	assert.NotNil(t, original.next)
	assert.Len(t, original.tags, 1)
}

// There is no deep copy in the language or the standard library. Write a method:
// start with an assignment, so that plain fields and those added later are
// right, then replace every field that shares, with slices.Clone, maps.Clone or
// the Clone of the field's type. Elements that share need the same again. Two
// pointers to one variable become pointers to two, unless the method keeps a
// map of what it has copied. Encoding and decoding is no replacement: it loses the
// fields that are not exported, and with gob the difference between nil and
// empty.
//
//claim:ask How do you make a deep copy of a struct?
//claim:source https://pkg.go.dev/maps#Clone
func TestDeepCopy(t *testing.T) {
	p := &Profile{Name: "a", Emails: []string{"a@example.com"}, Logins: map[string]int{"x": 1}, Parent: &Profile{Emails: []string{"p"}}}
	c := p.Clone()
	require.Equal(t, p, c)
	c.Emails[0], c.Logins["x"], c.Parent.Emails[0] = "changed", 100, "changed"
	require.Equal(t, &Profile{Name: "a", Emails: []string{"a@example.com"}, Logins: map[string]int{"x": 1}, Parent: &Profile{Emails: []string{"p"}}}, p)
	require.Nil(t, (*Profile)(nil).Clone())
	require.Nil(t, new(Profile).Clone().Emails, "nil stays nil")

	shared := &Profile{}
	both := []*Profile{{Parent: shared}, {Parent: shared}}
	require.NotSame(t, both[0].Clone().Parent, both[1].Clone().Parent)

	type record struct {
		List  []int
		plain int
	}
	from := record{List: []int{}, plain: 1}
	var byJSON, byGob record
	text, err := json.Marshal(from)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &byJSON))
	var stream bytes.Buffer
	require.NoError(t, gob.NewEncoder(&stream).Encode(from))
	require.NoError(t, gob.NewDecoder(&stream).Decode(&byGob))
	require.Equal(t, record{List: []int{}}, byJSON)
	require.Equal(t, record{List: nil}, byGob)

	a, b := &Profile{Name: "a"}, &Profile{Name: "b"}
	a.Parent, b.Parent = b, a
	twin := cloneGraph(a, map[*Profile]*Profile{})
	require.NotSame(t, a, twin)
	require.NotSame(t, b, twin.Parent)
	require.Same(t, twin, twin.Parent.Parent, "the cycle is kept")

	// A field that can share and that Clone forgets is found here.
	for f := range reflect.TypeFor[Profile]().Fields() {
		if f.Type.Kind() != reflect.String {
			require.Contains(t, []string{"Emails", "Logins", "Parent"}, f.Name)
		}
	}
}

// cloneGraph is [Profile.Clone] for parents that may be shared or form a cycle.
// done has the clones made so far.
func cloneGraph(p *Profile, done map[*Profile]*Profile) *Profile {
	if p == nil || done[p] != nil {
		return done[p]
	}
	c := *p
	done[p] = &c // before the parents, which may lead here again
	c.Emails, c.Logins = slices.Clone(p.Emails), maps.Clone(p.Logins)
	c.Parent = cloneGraph(p.Parent, done)
	return &c
}

// A slice or a map that a constructor keeps, or a getter returns, is the same
// one the caller has, so either side can change what the other relies on. Clone it
// on the way in and on the way out if the type promises anything about it, and
// say in the doc comment who owns it otherwise. A clone of elements costs an allocation.
// Returning an iterator, such as slices.Values, lets callers read the elements and
// copies no more than one at a time, and s[:len(s):len(s)] protects from append
// only. None of them protects what the elements point to.
//
//claim:ask Should a constructor or a getter copy the slice?
//claim:source https://pkg.go.dev/slices#Clone
//claim:source https://pkg.go.dev/slices#Values
func TestDefensiveCopy(t *testing.T) {
	type roster struct{ names []string }
	names := []string{"a", "b"}
	kept, own := roster{names}, roster{slices.Clone(names)}
	names[0] = "changed"
	require.Equal(t, []string{"changed", "b"}, kept.names)
	require.Equal(t, []string{"a", "b"}, own.names)

	got := slices.Clone(own.names)
	got[0] = "changed"
	for name := range slices.Values(own.names) {
		name += "changed"
		_ = name
	}
	spare := roster{slices.Grow(own.names, 1)}
	for _, getter := range []func() []string{
		func() []string { return spare.names[:1] },
		func() []string { return spare.names[:1:1] },
	} {
		require.Equal(t, []string{"a", "b"}, spare.names)
		_ = append(getter(), "appended")
		if cap(getter()) == 1 {
			require.Equal(t, []string{"a", "b"}, spare.names)
			getter()[0] = "changed"
			require.Equal(t, []string{"changed", "b"}, spare.names, "clipping does not protect the elements")
		} else {
			require.Equal(t, []string{"a", "appended"}, spare.names)
			spare.names[1] = "b"
		}
	}
	require.Equal(t, []string{"a", "b"}, own.names)

	pointers := []*pair{{x: 1}}
	slices.Clone(pointers)[0].x = 2
	require.Equal(t, int64(2), pointers[0].x)

	proof.WantAllocs(t, 1, func() { clonedNamesSink = slices.Clone(own.names) })
}

var clonedNamesSink []string

// A method with a value receiver works on a copy of the value, so what it
// assigns to a field is lost with the call; one with a pointer receiver changes the
// variable it was called on. Calling the value method through a pointer copies too.
// What a field points to is not copied: a value method can change the elements of
// a slice field and the entries of a map field. Rules of thumb: a pointer if any
// method changes the value, if it contains something that must not be copied, such
// as a mutex, or if it is large; else a value. Do not mix both on one type.
//
//claim:ask Why does my method not change the struct?
//claim:source https://go.dev/doc/faq#methods_on_values_or_pointers
func TestReceiverCopy(t *testing.T) {
	var c tally
	c.addToCopy()
	require.Zero(t, c.n)
	c.add()
	require.Equal(t, 1, c.n)
	p := &c
	p.addToCopy() // (*p).addToCopy()
	require.Equal(t, 1, c.n)

	l := ledger{name: "a", entries: []int{1}, tags: map[string]int{}}
	l.rename("b")
	require.Equal(t, ledger{name: "a", entries: []int{2}, tags: map[string]int{"b": 2}}, l)
}

func (l ledger) rename(to string) {
	l.name = to
	l.entries[0], l.tags[l.name] = 2, 2
}

// Calling a pointer method on something that has an address takes the address for
// you, and calling a value method on a pointer follows it. A variable has an
// address, and so has an element of a slice, even if the slice is the result of a
// call, and a field of what a pointer leads to. The result of a call, an element of
// a map and a literal without an ampersand have none, so a pointer method cannot be
// called on them. A value method called on a nil pointer panics. An interface gets
// no such help: only *T implements it if a method has a pointer receiver.
//
//claim:ask When can I call a pointer method on a value?
//claim:source https://go.dev/ref/spec#Calls
//claim:source https://go.dev/ref/spec#Method_sets
func TestAutomaticAddress(t *testing.T) {
	const declared = "type T struct{ n int }\nfunc (t *T) Add() { t.n++ }\nfunc (t T) Get() int { return t.n }\nfunc makeT() T { return T{} }\n"
	for code, want := range map[string]string{
		"func f() { var v T; v.Add() }":                              "",
		"func f() { s := []T{{}}; s[0].Add() }":                      "",
		"func f() { p := &T{}; p.Get(); (&T{}).Add() }":              "",
		"func f() { p := &struct{ t T }{}; p.t.Add() }":              "",
		"func s() []T { return nil }\nfunc f() { s()[0].Add() }":     "",
		"func a() [1]T { return [1]T{} }\nfunc f() { a()[0].Add() }": "cannot call pointer method Add on T",
		"func f() { makeT().Add() }":                                 "cannot call pointer method Add on T",
		"func f() { m := map[int]T{}; m[0].Add() }":                  "cannot call pointer method Add on T",
		"func f() { T{}.Add() }":                                     "cannot call pointer method Add on T",
		"func f() { makeT().Get(); T{}.Get() }":                      "",
		"type A interface{ Add() }\nvar _ A = &T{}":                  "",
		"type A interface{ Add() }\nvar _ A = T{}":                   "method Add has pointer receiver",
		"type G interface{ Get() int }\nvar _, _ G = T{}, &T{}":      "",
	} {
		got := typeError(t, declared+code)
		if want == "" {
			assert.Empty(t, got, code)
		} else {
			assert.Contains(t, got, want, code)
		}
	}

	var none *tally
	assert.Equal(t, "runtime error: invalid memory address or nil pointer dereference", panicText(func() { none.addToCopy() }))
	for _, boxed := range []interface{ addToCopy() }{none} { // out of a slice, so that it is not called directly
		assert.Contains(t, panicText(func() { boxed.addToCopy() }), "called using nil *tally pointer")
	}
}

// A copied mutex is another mutex: locking it keeps nobody out of the original.
// It starts with the state of the original, so the copy of a locked one stays
// locked for ever. The same goes for a WaitGroup, a Once and the types of
// sync/atomic. go vet finds such copies, for example in value receivers and in
// range loops, by the methods Lock and Unlock of a field's type. It does not find
// the copy of a strings.Builder, which panics instead (see BuilderCopied), nor one
// that is made by reflection or by generic code.
//
//claim:ask What goes wrong if a struct with a sync.Mutex is copied, and what finds it?
//claim:source https://pkg.go.dev/cmd/vet
//claim:source https://pkg.go.dev/sync#Mutex
func TestCopiedMutex(t *testing.T) {
	out := vetCopylocks(t)
	assert.Contains(t, out, "add passes lock by value: ")
	assert.Contains(t, out, "range var a copies lock: ")
	assert.Contains(t, out, "counted passes lock by value: ")
	assert.NotContains(t, out, "strings.Builder")
}

// vetCopylocksOnce runs go vet once for all tests that read its report.
var vetCopylocksOnce = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "vet", "-copylocks", "./testdata/value/copylock").CombinedOutput()
	return string(out), err
})

func vetCopylocks(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	out, err := vetCopylocksOnce()
	require.Error(t, err, "go vet must complain")
	return out
}

// copyAnyway copies what must not be copied, in a way that go vet does not see.
func copyAnyway[T any](p *T) T { return *p }

func TestCopiedMutexState(t *testing.T) {
	var original sync.Mutex
	free := copyAnyway(&original)
	free.Lock()
	assert.True(t, original.TryLock(), "the copy keeps nobody out")

	locked := copyAnyway(&original)
	original.Unlock()
	assert.False(t, locked.TryLock(), "nobody will ever unlock it")

	reflected := new(sync.Mutex)
	reflect.ValueOf(reflected).Elem().Set(reflect.ValueOf(&free).Elem())
	assert.False(t, reflected.TryLock())
}

// The language cannot forbid a copy, but go vet reports it for every type that
// contains a field with the methods Lock and Unlock on a pointer receiver. So the
// usual mark is a struct{} type with these two methods, which do nothing, as a
// first field named _: it takes no memory there. It is a report of a tool, not
// of the compiler. Types that must be sure store their own address at first use and
// panic when it has changed: sync.Cond and strings.Builder do.
//
//claim:ask How do you forbid copying a struct?
//claim:source sync/cond.go
//claim:source cmd/vendor/golang.org/x/tools/go/analysis/passes/copylock/copylock.go
func TestNoCopy(t *testing.T) {
	type noCopy struct{}
	type handle struct {
		_  noCopy
		fd int
	}
	assert.Equal(t, unsafe.Sizeof(0), unsafe.Sizeof(handle{}))
	_ = handle{}.fd

	used, unused := sync.NewCond(new(sync.Mutex)), sync.NewCond(new(sync.Mutex))
	used.Signal()
	moved, fresh := copyAnyway(used), copyAnyway(unused)
	assert.Equal(t, "sync.Cond is copied", panicText(moved.Signal))
	assert.Empty(t, panicText(fresh.Signal), "before its first use it may be copied")

	assert.Contains(t, vetCopylocks(t), "descriptor passes lock by value: ")
}

// A time.Time is a small struct that is used like a number: pass it and store it
// by value. Its methods return a new time, so a call such as t.Add(d) whose result is
// not used does nothing. A copy takes no allocation and shares only the pointer to
// the location. The methods with a pointer receiver are those that decode into a
// time. A *time.Time says "maybe none"; for that there is also the zero value with
// IsZero, and the JSON option omitzero (Go 1.24), where omitempty has no effect. To
// compare two times see TimeEquality.
//
//claim:ask Should I use time.Time or *time.Time, and why does t.Add(d) not change t?
//claim:source time/time.go
//claim:source https://go.dev/doc/go1.24#encodingjsonpkgencodingjson
func TestTimeValue(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	moved := start
	_ = moved.Add(time.Hour)
	require.Equal(t, start, moved, "the result was dropped")
	moved = moved.Add(time.Hour)
	require.Equal(t, time.Hour, moved.Sub(start))
	require.Equal(t, 3, start.Hour(), "the original of the copy")
	require.Same(t, start.Location(), moved.Location())
	words := 2*unsafe.Sizeof(int64(0)) + unsafe.Sizeof(uintptr(0))
	require.Equal(t, words, unsafe.Sizeof(start), "two numbers and a pointer")

	var pointerOnly []string
	for m := range reflect.TypeFor[*time.Time]().Methods() {
		if _, ok := reflect.TypeFor[time.Time]().MethodByName(m.Name); !ok {
			pointerOnly = append(pointerOnly, m.Name)
		}
	}
	require.Equal(t, []string{"GobDecode", "UnmarshalBinary", "UnmarshalJSON", "UnmarshalText"}, pointerOnly)

	text, err := json.Marshal(struct {
		Empty   time.Time  `json:",omitempty"`
		Zero    time.Time  `json:",omitzero"`
		Pointer *time.Time `json:",omitempty"`
	}{})
	require.NoError(t, err)
	require.Equal(t, `{"Empty":"0001-01-01T00:00:00Z"}`, string(text))
	require.True(t, time.Time{}.IsZero())

	proof.WantAllocs(t, 0, func() { timeSink = timeSink.Add(time.Hour) })
}

var timeSink time.Time

// A struct converts to another struct type if both have the same fields: the same
// names and types in the same order, whatever their tags are (Go 1.8). The result is
// a copy, and a conversion of pointers gives another view of one variable. A field
// more, another order or another name is a compile error, which is useful where
// one type must follow the other. A slice of the one does not convert to a slice of
// the other. Between a struct type without a name and one with, assignment
// needs no conversion, but then the tags must agree too.
//
//claim:ask Can I convert one struct type to another with the same fields?
//claim:source https://go.dev/ref/spec#Conversions
//claim:source https://go.dev/ref/spec#Assignability
//claim:source https://go.dev/doc/go1.8#language
func TestStructConversion(t *testing.T) {
	type stored struct{ X, Y int64 }
	type sent struct {
		X int64 `json:"x"`
		Y int64 `json:"y"`
	}
	from := stored{1, 2}
	to := sent(from)
	to.X = 3
	require.Equal(t, stored{1, 2}, from)
	text, err := json.Marshal(to)
	require.NoError(t, err)
	require.Equal(t, `{"x":3,"y":2}`, string(text))
	view := (*sent)(&from)
	view.X = 4
	require.Equal(t, stored{4, 2}, from)

	const declared = "type A struct{ X, Y int }\n"
	for code, want := range map[string]string{
		"type B struct{ X int `b`; Y int }\nvar _ = B(A{})":                                     "",
		"type B struct{ Y, X int }\nvar _ = B(A{})":                                             "cannot convert",
		"type B struct{ X, Z int }\nvar _ = B(A{})":                                             "cannot convert",
		"type B struct{ X, Y, Z int }\nvar _ = B(A{})":                                          "cannot convert",
		"type B struct{ X, Y int }\nvar _ B = A{}":                                              "cannot use",
		"type B struct{ X, Y int }\nvar _ = []B([]A{})":                                         "cannot convert",
		"var _ A = struct{ X, Y int }{}":                                                        "",
		"var _ A = struct{ X int `a`; Y int }{}":                                                "cannot use",
		"type B struct{ a A }\ntype C struct{ a A }\nvar _ = B(C{})":                            "",
		"type D struct{ X, Y int }\ntype B struct{ a A }\ntype C struct{ a D }\nvar _ = B(C{})": "cannot convert",
	} {
		if got := typeError(t, declared+code); want == "" {
			assert.Empty(t, got, code)
		} else {
			assert.Contains(t, got, want, code)
		}
	}
}

// Comparing two pointers asks whether they point to the same variable, not
// whether the variables are equal: for that compare *p and *q. Two pointers from
// two calls of new are different; if the type has size zero they may be equal or
// not (see ZeroSize). Writing to *p does not change which pointers p equals. A pointer to a
// struct and a pointer to its first field hold the same address and have
// different types, so they cannot be compared without a conversion.
//
//claim:ask What does == on two pointers compare?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestPointerEquality(t *testing.T) {
	p, q := &pair{1, 2}, &pair{1, 2}
	require.False(t, p == q)
	require.True(t, *p == *q)
	alias := p
	require.True(t, p == alias)
	p.x, q.x = 3, 4
	require.True(t, p == alias && p != q)
	p, q = new(pair), new(pair)
	require.False(t, p == q)
	require.Contains(t, typeError(t, "type T struct{ n int }\nvar v T\nvar _ = &v == &v.n"), "mismatched types")
	require.True(t, unsafe.Pointer(p) == unsafe.Pointer(&p.x))
}

// The two sides of an assignment are handled in two phases: first the operands
// of indexing and of pointers on the left and all values on the right are
// evaluated, then the assignments happen from left to right. So a, b = b, a swaps
// without a third variable, in i, s[i] = 1, 10 the index is the old i, and one
// assignment turns an element of a linked list around. Assigning twice to one
// variable leaves the last value, and if an assignment panics, those to its left
// have been made.
//
//claim:ask How does a, b = b, a work, and what does i, s[i] = 1, 10 set?
//claim:source https://go.dev/ref/spec#Assignment_statements
func TestTupleAssignment(t *testing.T) {
	a, b := 1, 2
	a, b = b, a
	require.Equal(t, []int{2, 1}, []int{a, b})

	s, i := []int{0, 0}, 0
	i, s[i] = 1, 10
	require.Equal(t, 1, i)
	require.Equal(t, []int{10, 0}, s)

	s[0], s[0] = 7, 8
	require.Equal(t, 8, s[0])
	i = len(s)
	require.Contains(t, panicText(func() { s[0], s[i] = 1, 2 }), "index out of range")
	require.Equal(t, 1, s[0], "set before the panic")

	var reversed *ledger
	for at := (&ledger{name: "a", next: &ledger{name: "b"}}); at != nil; {
		at, at.next, reversed = at.next, reversed, at // the old at in at.next
	}
	require.Equal(t, "b", reversed.name)
	require.Equal(t, "a", reversed.next.name)
	require.Nil(t, reversed.next.next)
}

// Calls, method calls, receives from channels and the operands of && and || are
// evaluated from left to right, on both sides of an assignment. When a plain
// variable beside them is read is not specified: []int{a, f()}, where f changes a,
// may hold the old a or the new one. Store the result of f in a variable
// first and the order is yours. Package variables are initialised in the order they
// are written, except that each waits for those it depends on.
//
//claim:ask In what order does Go evaluate operands, and what does []int{a, f()} hold if f changes a?
//claim:source https://go.dev/ref/spec#Order_of_evaluation
//claim:source https://go.dev/ref/spec#Package_initialization
func TestEvaluationOrder(t *testing.T) {
	var order []int
	step := func(n int) int { order = append(order, n); return n }
	received := make(chan int, 1)
	received <- 0
	s := make([]int, 4)
	s[step(1)], s[step(2)] = step(3)+<-received*step(4), step(5)
	require.Equal(t, []int{1, 2, 3, 4, 5}, order)
	require.Equal(t, []int{0, 3, 5, 0}, s)
	order = nil
	_ = step(1) == 1 || step(2) == 2
	require.Equal(t, []int{1}, order, "the right operand was not needed")

	a := 1
	f := func() int { a++; return a }
	either := []int{a, f()}
	require.Contains(t, [][]int{{1, 2}, {2, 2}}, either)
	a = 1
	old, changed := a, 0
	changed = f()
	require.Equal(t, []int{1, 2}, []int{old, changed})

	require.Equal(t, 3, initialisedFirst)
}

var (
	initialisedFirst  = initialisedSecond + 1
	initialisedSecond = func() int { return initialisedThird * 2 }()
	initialisedThird  = 1
)

// The arguments of a deferred call are evaluated and copied at the defer
// statement, and so are the function value and the receiver; only the call waits. A
// value receiver is therefore the old value, a pointer receiver leads to the new
// one. A function literal without arguments reads the variables when it runs. In
// defer f()() the first call happens at once. A nil function panics when it is
// called, not at the defer statement. A go statement evaluates in the same way.
//
//claim:ask When are the arguments of a deferred call evaluated?
//claim:source https://go.dev/ref/spec#Defer_statements
//claim:source https://go.dev/ref/spec#Go_statements
func TestDeferArguments(t *testing.T) {
	var got []string
	record := func(what string, n int) { got = append(got, fmt.Sprint(what, " ", n)) }
	func() {
		n, c := 1, tally{1}
		finish := []func(){func() { record("first function", n) }}
		started := func() func() {
			record("first call", n)
			return func() { record("second call", n) }
		}
		defer record("argument", n)
		defer func() { record("closure", n) }()
		defer c.recordValue(record)
		defer c.recordPointer(record)
		defer started()()
		defer finish[0]()
		finish[0] = func() { record("second function", n) }
		n, c.n = 2, 2
	}()
	require.Equal(t, []string{"first call 1", "first function 2", "second call 2", "pointer 2", "value 1", "closure 2", "argument 1"}, got)

	n, sent := 1, make(chan int)
	go func(n int) { sent <- n }(n)
	n = 2
	require.Equal(t, 1, <-sent)
	require.Equal(t, 2, n)

	reached := false
	require.Contains(t, panicText(func() {
		var none func()
		defer none()
		reached = true
	}), "nil pointer dereference")
	require.True(t, reached)
}

func (t tally) recordValue(record func(string, int)) { record("value", t.n) }

func (t *tally) recordPointer(record func(string, int)) { record("pointer", t.n) }

// Passing a large struct by value copies all of it: for 2 KiB the call takes
// more than 5 times as long as passing the address, although the function reads
// one field. For a struct of two words the value takes less than twice as long as
// the pointer. Neither copy is an allocation: it is made in a stack frame or in
// registers. So decide by meaning first, whether the function shall change the
// caller's struct, and by size only if the struct is large. If the call is inlined
// and no copy is needed, the difference may be gone.
//
//claim:ask Should I pass structs by value or by pointer?
//claim:expect ns/op of=value,size=big > 5x of=pointer,size=big
//claim:expect allocs/op of=value,size=big == 0
//claim:expect allocs/op of=pointer,size=big == 0
//claim:expect allocs/op of=value,size=small == 0
//claim:expect ns/op of=value,size=small < 2x of=pointer,size=small
//claim:source https://go.dev/doc/faq#methods_on_values_or_pointers
func BenchmarkStructArgument(b *testing.B) {
	big, small := &bulky{}, &pair{1, 2}
	run := func(name string, f func() int64) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
	run("of=value/size=big", func() int64 { return firstByValue(*big) })
	run("of=pointer/size=big", func() int64 { return firstByPointer(big) })
	run("of=value/size=small", func() int64 { return sumPair(*small) })
	run("of=pointer/size=small", func() int64 { return sumPairPointer(small) })
}

func TestStructArgument(t *testing.T) {
	big := bulky{}
	big.words[0] = 7
	require.Equal(t, firstByValue(big), firstByPointer(&big))
	require.Equal(t, sumPair(pair{1, 2}), sumPairPointer(&pair{1, 2}))
}

// A struct stored by value goes where the variable, the slice element, the map
// entry or the channel slot already is: no allocation (an interface is no such
// place, see BoxStruct). Storing a pointer to a new struct costs one allocation for
// each struct, so a []*T of n new structs takes n more than a []T. A pointer to a
// struct that is stored already costs none, but it keeps the whole slice alive and
// is stale after an append that moved the elements. A pointer that is not stored
// may stay on the stack.
//
//claim:ask Does storing a small struct allocate, and does storing a pointer to it?
//claim:source https://go.dev/doc/faq#stack_or_heap
func TestStoredPointer(t *testing.T) {
	values := make([]pair, 0, 2)
	values = append(values, pair{1, 2})
	inner := &values[0]
	values = append(values, pair{}) // fits
	inner.x = 3
	require.Equal(t, int64(3), values[0].x)
	values = append(values, pair{}) // moves
	inner.x = 4
	require.Equal(t, int64(3), values[0].x, "stale")

	keepPair(1, 2)
	keepPairPointer(1, 2)
	require.Equal(t, keptPair, *keptPairPointer)

	table, queue := map[int]pair{1: {}}, make(chan pair, 1)
	const n = 100
	proof.WantAllocs(t, 0, func() { keepPair(1, 2) })
	proof.WantAllocs(t, 0, func() { values[0], table[1] = pair{1, 2}, pair{1, 2} })
	proof.WantAllocs(t, 0, func() { queue <- pair{1, 2}; <-queue })
	proof.WantAllocs(t, 0, func() { keptPairPointer = &values[0] })
	proof.WantAllocs(t, 0, func() { p := &pair{1, 2}; keptPair.x = sumPairPointer(p) })
	proof.WantAllocs(t, 1, func() { keepPairPointer(1, 2) })
	proof.WantAllocs(t, 1, func() {
		pairsSink = make([]pair, n)
		for i := range pairsSink {
			pairsSink[i] = pair{1, 2}
		}
	})
	proof.WantAllocs(t, 1+n, func() {
		pairPointersSink = make([]*pair, n)
		for i := range pairPointersSink {
			pairPointersSink[i] = &pair{1, 2}
		}
	})
}

var (
	pairsSink        []pair
	pairPointersSink []*pair
)

// Returning a struct by value allocates nothing: a large result is written into the
// caller's frame and copied on from there. Returning a pointer to a new one is an
// allocation of its size, here 2 KiB, for each call, and takes more than 3 times as
// long. Filling a struct of the caller allocates nothing either and saves the copy:
// the value takes more than 1.5 times as long as that. If the caller keeps the
// result on the heap in a place of its own anyway, the pointer is the one allocation
// that is needed. Results too large for the stack go to the heap (see LargeVariable).
//
//claim:ask Should a constructor return a large struct by value or by pointer?
//claim:expect allocs/op of=value == 0
//claim:expect allocs/op of=pointer == 1
//claim:expect B/op of=pointer == 2048
//claim:expect allocs/op of=argument == 0
//claim:expect ns/op of=pointer > 3x of=value
//claim:expect ns/op of=value > 1.5x of=argument
//claim:source https://go.dev/doc/faq#stack_or_heap
//claim:source cmd/compile/abi-internal.md
func BenchmarkReturnStruct(b *testing.B) {
	var reused bulky
	b.Run("of=value", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			result := bulkyValue(1)
			reused = result
		}
	})
	b.Run("of=pointer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			bulkyPointer(1)
		}
	})
	b.Run("of=argument", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			bulkyInto(&reused, 1)
		}
	})
}

func TestReturnStruct(t *testing.T) {
	want := bulky{}
	want.words[0] = 1
	var into bulky
	into.words[1] = 9
	bulkyInto(&into, 1)
	require.Equal(t, want, bulkyValue(1))
	require.Equal(t, want, *bulkyPointer(1))
	require.Equal(t, want, into)
}
