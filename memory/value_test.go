package memory

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// typeError returns the first error that the type checker finds in a file with
// these declarations, or "".
func typeError(t *testing.T, declarations string) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x.go", "package x\n\n"+declarations, 0)
	require.NoError(t, err)
	conf := types.Config{Importer: importer.Default(), GoVersion: "go1.26"}
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
	pointAtFor(&p, b)
	require.Same(t, b, p)
}

// Copying a struct copies its fields one by one. Afterwards the numbers, the
// strings and the elements of array fields are independent; the elements of
// slices, the entries of maps and what pointers point to are shared. Appending to
// the slice of one copy is seen by the other only if it changes elements both
// have. Such a copy is called shallow.
//
//claim:ask I copy a struct by assignment: what do the two structs share?
//claim:source https://go.dev/ref/spec#Assignment_statements
func TestStructCopy(t *testing.T) {
	original := ledger{name: "a", totals: [2]int{1, 2}, entries: []int{1, 2}, tags: map[string]int{"x": 1}, next: &ledger{name: "next"}}
	c := original
	c.name, c.totals[0] = "b", 100
	assert.Equal(t, "a", original.name)
	assert.Equal(t, 1, original.totals[0])

	c.entries[0], c.tags["x"], c.next.name = 100, 100, "changed"
	assert.Equal(t, 100, original.entries[0])
	assert.Equal(t, 100, original.tags["x"])
	assert.Equal(t, "changed", original.next.name)

	c.entries = append(c.entries, 3)
	assert.Len(t, original.entries, 2)
	c.next = nil
	assert.NotNil(t, original.next)
}

// There is no deep copy in the language or the standard library. Write a method:
// start with an assignment, so that plain fields and those added later are
// right, then replace every field that shares, with slices.Clone, maps.Clone or
// the Clone of the field's type. Elements that share need the same again. Encoding
// and decoding is slower, loses what is not exported and turns some nil values
// into empty ones.
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

	// A field that can share and that Clone forgets is found here.
	for f := range reflect.TypeFor[Profile]().Fields() {
		switch f.Type.Kind() {
		case reflect.Slice, reflect.Map, reflect.Pointer:
			require.Contains(t, []string{"Emails", "Logins", "Parent"}, f.Name)
		}
	}
}

// A method with a value receiver works on a copy of the value, so what it
// assigns is lost with the call; one with a pointer receiver changes the variable
// it was called on. Rules of thumb: a pointer if any method changes the value, if
// it contains something that must not be copied, such as a mutex, or if it is
// large; else a value. Do not mix both on one type.
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
}

// Calling a pointer method on a variable takes its address for you, and calling
// a value method on a pointer follows it. What has no address cannot be called
// with a pointer method: the result of a function, an element of a map, a
// literal without &. An interface gets no such help: only *T implements it if
// a method has a pointer receiver.
//
//claim:ask When can I call a pointer method on a value?
//claim:source https://go.dev/ref/spec#Calls
//claim:source https://go.dev/ref/spec#Method_sets
func TestAutomaticAddress(t *testing.T) {
	const tally = "type T struct{ n int }\nfunc (t *T) Add() { t.n++ }\nfunc (t T) Get() int { return t.n }\nfunc makeT() T { return T{} }\n"
	for code, want := range map[string]string{
		"func f() { var v T; v.Add() }":                         "",
		"func f() { s := []T{{}}; s[0].Add() }":                 "",
		"func f() { p := &T{}; p.Get(); (&T{}).Add() }":         "",
		"func f() { makeT().Add() }":                            "cannot call pointer method Add on T",
		"func f() { m := map[int]T{}; m[0].Add() }":             "cannot call pointer method Add on T",
		"func f() { T{}.Add() }":                                "cannot call pointer method Add on T",
		"func f() { makeT().Get(); T{}.Get() }":                 "",
		"type A interface{ Add() }\nvar _ A = &T{}":             "",
		"type A interface{ Add() }\nvar _ A = T{}":              "method Add has pointer receiver",
		"type G interface{ Get() int }\nvar _, _ G = T{}, &T{}": "",
	} {
		got := typeError(t, tally+code)
		if want == "" {
			assert.Empty(t, got, code)
		} else {
			assert.Contains(t, got, want, code)
		}
	}
}

// A copied mutex is another mutex: locking it keeps nobody out of the original.
// So a struct with a mutex, a WaitGroup, an atomic value or a strings.Builder must
// not be copied after its first use. go vet finds such copies, for example in value
// receivers and in range loops.
//
//claim:ask What goes wrong if a struct with a sync.Mutex is copied, and what finds it?
//claim:source https://pkg.go.dev/cmd/vet
//claim:source https://pkg.go.dev/sync#Mutex
func TestCopiedMutex(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	out, err := exec.CommandContext(t.Context(), "go", "vet", "-copylocks", "./testdata/value/copylock").CombinedOutput()
	require.Error(t, err, "go vet must complain")
	assert.Contains(t, string(out), "add passes lock by value: ")
	assert.Contains(t, string(out), "range var a copies lock: ")
}

// Comparing two pointers asks whether they point to the same variable, not
// whether the variables are equal: for that compare *p and *q. Two pointers from
// two calls of new are different, unless the type has size zero. A pointer to a
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
	require.Contains(t, typeError(t, "type T struct{ n int }\nvar v T\nvar _ = &v == &v.n"), "mismatched types")
}

// The two sides of an assignment are handled in two phases: first the operands
// of indexing and of pointers on the left and all values on the right are
// evaluated, then the assignments happen from left to right. So a, b = b, a swaps
// without a third variable, and in i, s[i] = 1, 10 the index is the old i.
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
}

// The arguments of a deferred call, and its receiver, are evaluated and copied at
// the defer statement; only the call waits. A function literal without
// arguments reads the variables when it runs. The same holds for a go statement.
//
//claim:ask When are the arguments of a deferred call evaluated?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestDeferArguments(t *testing.T) {
	var got []int
	record := func(n int) { got = append(got, n) }
	func() {
		n := 1
		defer record(n)
		defer func() { record(n) }()
		n = 2
	}()
	require.Equal(t, []int{2, 1}, got)

	var c tally
	func() {
		defer func(t tally) { got = append(got, t.n) }(c)
		c.add()
	}()
	require.Equal(t, 0, got[2])
}

// Passing a large struct by value copies all of it: for 2 KiB the call takes
// more than 5 times as long as passing the address, although the function reads
// one field. A struct of a few words travels in registers, needs no memory at
// all and gives the collector nothing to do. The copy is no allocation either:
// it is made in the frame of the caller. Decide by meaning first, by size only if
// the struct is large.
//
//claim:ask Should I pass structs by value or by pointer?
//claim:expect ns/op of=value,size=big > 5x of=pointer,size=big
//claim:expect allocs/op of=value,size=big == 0
//claim:expect allocs/op of=pointer,size=big == 0
//claim:expect allocs/op of=value,size=small == 0
//claim:expect ns/op of=value,size=small < 3x of=pointer,size=small
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
