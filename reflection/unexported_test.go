package reflection

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

type unexportedName struct{ text string }

func (n unexportedName) String() string { return "Name(" + n.text + ")" }

type unexportedAccount struct {
	Owner   string
	balance int
	tags    []string
	next    *unexportedAccount
	limits  map[string]int
	check   func() bool
	name    unexportedName
}

// Reflection reads unexported fields and does not let them out: Int, String,
// Len, Index and Elem work, so fmt can print them, but Interface, Set and Call
// panic. The rule does not depend on the package: it holds in the one that
// declares the field as well, because reflect does not know its caller.
// CanInterface tells whether Interface works. A parent that is exported can be
// copied as a whole, private fields included, since assignment does that in
// plain Go.
//
//claim:ask Can reflection read or write unexported fields?
//claim:source https://pkg.go.dev/reflect#Value.CanInterface
func TestUnexportedRead(t *testing.T) {
	a := unexportedAccount{balance: 10, tags: []string{"x"}, limits: map[string]int{"day": 5}, check: func() bool { return true }}
	v := reflect.ValueOf(&a).Elem()
	balance := v.FieldByName("balance")
	require.EqualValues(t, 10, balance.Int())
	require.Equal(t, "x", v.FieldByName("tags").Index(0).String())
	require.EqualValues(t, 5, v.FieldByName("limits").MapIndex(reflect.ValueOf("day")).Int())
	require.True(t, balance.Equal(reflect.ValueOf(10)))

	require.False(t, balance.CanInterface() || balance.CanSet())
	require.Equal(t, "reflect.Value.Interface: cannot return value obtained from unexported field or method", lawsPanic(func() { balance.Interface() }))
	for method, call := range map[string]func(){
		"SetInt":      func() { balance.SetInt(1) },
		"Call":        func() { v.FieldByName("check").Call(nil) },
		"SetMapIndex": func() { v.FieldByName("limits").SetMapIndex(reflect.ValueOf("day"), reflect.ValueOf(6)) },
		"Set":         func() { reflect.ValueOf(new(int)).Elem().Set(balance) },
	} {
		require.Equal(t, "reflect: reflect.Value."+method+" using value obtained using unexported field", lawsPanic(call))
	}

	var clone unexportedAccount
	reflect.ValueOf(&clone).Elem().Set(v)
	require.Equal(t, 10, clone.balance, "as part of the whole")
}

// The mark is passed on: everything that is reached through an unexported field
// is read-only, also an exported field in it, a slice element, and the target
// of a pointer. Convert and Addr keep it too. So a graph that is entered by a
// private field can only be looked at.
//
//claim:ask Is an exported field inside an unexported field settable?
//claim:source reflect/value.go
func TestUnexportedSticky(t *testing.T) {
	a := unexportedAccount{tags: []string{"x"}, next: &unexportedAccount{Owner: "Ada"}}
	v := reflect.ValueOf(&a).Elem()
	for name, part := range map[string]reflect.Value{
		"exported field of the target": v.FieldByName("next").Elem().FieldByName("Owner"),
		"slice element":                v.FieldByName("tags").Index(0),
	} {
		require.True(t, part.CanAddr(), name)
		require.False(t, part.CanSet() || part.CanInterface(), name)
	}
	require.False(t, v.FieldByName("balance").Addr().Elem().CanSet())
	require.False(t, v.FieldByName("balance").Convert(reflect.TypeFor[int64]()).CanInterface())
	reflect.ValueOf(a.next).Elem().FieldByName("Owner").SetString("Bob")
	require.Equal(t, "Bob", a.next.Owner, "another way to the same variable")
}

type unexportedBase struct {
	ID  int
	key int
}

type unexportedDerived struct {
	unexportedBase
	*unexportedLink
}

type unexportedLink struct{ To int }

// A struct type with a small letter that is embedded hides itself and not its
// promoted fields: d.unexportedBase cannot be set, its exported field ID can,
// as in plain Go, and its field key cannot. The same goes for an embedded
// pointer, as long as it is not nil. If it is nil, the pointer field would have
// to be set and cannot be, which is why encoding/json reports an error for it.
//
//claim:ask Can reflection set the exported fields of an embedded unexported struct?
//claim:source https://pkg.go.dev/reflect#StructField
func TestUnexportedEmbedded(t *testing.T) {
	d := unexportedDerived{unexportedLink: &unexportedLink{}}
	v := reflect.ValueOf(&d).Elem()
	field, _ := v.Type().FieldByName("unexportedBase")
	require.True(t, field.Anonymous && !field.IsExported() && field.PkgPath != "")
	require.False(t, v.Field(0).CanSet() || v.Field(0).CanInterface())
	require.True(t, v.FieldByName("ID").CanSet(), "promoted")
	require.True(t, v.Field(0).Field(0).CanSet(), "the same, step by step")
	require.False(t, v.FieldByName("key").CanSet())

	require.True(t, v.FieldByName("To").CanSet())
	require.False(t, v.Field(1).CanSet())
	d.unexportedLink = nil
	require.Equal(t, "reflect: indirection through nil pointer to embedded struct", lawsPanic(func() { v.FieldByName("To") }))
	_, err := v.FieldByIndexErr([]int{1, 0})
	require.ErrorContains(t, err, "nil pointer to embedded struct")
	require.NoError(t, json.Unmarshal([]byte(`{"ID": 5}`), &d))
	require.Equal(t, 5, d.ID)
	require.ErrorContains(t, json.Unmarshal([]byte(`{"To": 5}`), &d), "unexported")
	require.Zero(t, d.key)
}

// Take the address of the field and make a new Value for it:
// reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem() is the same
// variable without the mark. [Expose] does this. It works for addressable
// Values only; for a copy, first copy the whole struct into a new variable.
// Nothing is protected by it: the field may be renamed with any release of its
// package, and the compiler will not tell, so code that must go on working has
// no business there.
//
//claim:ask How do you get around the protection of unexported fields?
//claim:source https://pkg.go.dev/reflect#NewAt
func TestUnexportedExpose(t *testing.T) {
	a := unexportedAccount{Owner: "Ada", balance: 10, check: func() bool { return true }, name: unexportedName{"n"}}
	v := reflect.ValueOf(&a).Elem()
	balance := Expose(v.FieldByName("balance"))
	require.Equal(t, 10, balance.Interface())
	balance.SetInt(11)
	require.Equal(t, 11, a.balance)
	require.True(t, Expose(v.FieldByName("check")).Call(nil)[0].Bool())
	require.Equal(t, "Name(n)", Expose(v.FieldByName("name")).Interface().(fmt.Stringer).String())

	const text = "reflection.Expose: value is not addressable"
	require.Equal(t, text, lawsPanic(func() { Expose(reflect.ValueOf(a).FieldByName("balance")) }))
	require.Equal(t, text, lawsPanic(func() { Expose(reflect.Value{}) }))
	whole := reflect.New(reflect.TypeOf(a)).Elem()
	whole.Set(reflect.ValueOf(a))
	require.Equal(t, 11, Expose(whole.FieldByName("balance")).Interface())
}

// unexportedSet is a set of numbers that keeps them sorted.
type unexportedSet struct{ sorted []int }

func (s *unexportedSet) has(n int) bool {
	_, found := slices.BinarySearch(s.sorted, n)
	return found
}

// Methods rely on what the fields promise to each other, and a write from
// outside breaks that without an error at the place of the write. Here a set
// that keeps its numbers sorted denies to have a number that is in it, and a
// bytes.Buffer panics in a call that is correct.
//
//claim:ask What breaks if you write to an unexported field?
//claim:source https://pkg.go.dev/unsafe#Pointer
func TestUnexportedInvariant(t *testing.T) {
	set := unexportedSet{sorted: []int{1, 2, 3}}
	require.True(t, set.has(1))
	Expose(reflect.ValueOf(&set).Elem().Field(0)).Set(reflect.ValueOf([]int{3, 2, 1}))
	require.Contains(t, set.sorted, 1)
	require.False(t, set.has(1), "and yet")

	buffer := bytes.NewBufferString("text")
	offset := reflect.ValueOf(buffer).Elem().FieldByName("off")
	if !offset.IsValid() {
		t.Skip("the field has been renamed, which is the other thing that breaks")
	}
	Expose(offset).SetInt(1000)
	require.NotNil(t, lawsPanic(func() { _ = buffer.String() }))
}

// fmt prints the fields of a struct by reflection, and for an unexported one it
// cannot call Interface, so the String method of its type does not run: the raw
// fields are printed. The same type in an exported field is printed by its
// String method. So a secret type that hides itself by its String method is not
// hidden in a private field. Give the outer type a String method.
//
//claim:ask Why does fmt.Println not use the String method of my unexported field?
//claim:source https://pkg.go.dev/fmt#hdr-Printing
func TestUnexportedFmt(t *testing.T) {
	type holder struct {
		Shown  unexportedName
		hidden unexportedName
	}
	h := holder{unexportedName{"a"}, unexportedName{"b"}}
	require.Equal(t, "{Name(a) {b}}", fmt.Sprint(h))
	require.Equal(t, "{Shown:Name(a) hidden:{text:b}}", fmt.Sprintf("%+v", h))
	require.Equal(t, "Name(b)", fmt.Sprint(h.hidden), "not as a field")
	require.False(t, reflect.ValueOf(h).Field(1).CanInterface())
}
