package interfaces

import (
	"bytes"
	"container/heap"
	"encoding/json"
	"fmt"
	"math/big"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Take a pointer if a method must change the receiver, if the type holds something that
// must not be copied, such as a mutex, or if the struct is large. Take a value if the
// type is a small value that is replaced as a whole, such as time.Time, or if it is a
// map, a func or a channel. Then use the same kind for all methods of the type. The
// standard library does so: strings.Builder, bytes.Buffer, big.Int and sync.Mutex have
// not one exported value method between them, and all pointer methods of time.Time are
// for decoding. In doubt take the pointer; it is right for every struct with an identity.
//
//claim:ask Value or pointer receiver: how do you choose?
//claim:source https://go.dev/doc/faq#methods_on_values_or_pointers
//claim:source https://go.dev/wiki/CodeReviewComments#receiver-type
func TestReceiverChoice(t *testing.T) {
	for _, v := range []any{strings.Builder{}, bytes.Buffer{}, big.Int{}, sync.Mutex{}, sync.WaitGroup{}} {
		assert.Empty(t, reflectedMethods(v), "%T has no value methods", v)
		assert.NotEmpty(t, reflectedMethods(reflect.New(reflect.TypeOf(v)).Interface()))
	}
	values := reflectedMethods(time.Time{})
	assert.Greater(t, len(values), 40)
	for _, method := range reflectedMethods(&time.Time{}) {
		if !slices.Contains(values, method) {
			assert.True(t, strings.HasPrefix(method, "Unmarshal") || method == "GobDecode", method)
		}
	}

	a := tariff{name: "day", rate: 10}
	b := a.Doubled()
	assert.Equal(t, 99, a.setRateOfCopy(99))
	assert.Equal(t, []int{10, 20}, []int{a.Rate(), b.Rate()}, "a value: a new one is returned")
	a.SetRate(11)
	assert.Equal(t, 11, a.Rate())
}

// Because the method got a copy of the struct and appended to the copy, or changed its
// field. A slice receiver is a copy of three words: a changed element is seen by the
// caller, because the array is shared, while a new length is not. Therefore Push and Pop
// of a heap.Interface need a pointer receiver and Len, Less and Swap do not. A map
// receiver shares its entries, but the method cannot replace the map.
//
//claim:ask A method appends to its receiver, which is a slice type. Why does the caller not see it?
//claim:source https://go.dev/ref/spec#Method_declarations
//claim:source https://pkg.go.dev/container/heap#Interface
func TestReceiverSlice(t *testing.T) {
	q := make(receiverQueue, 1, 4)
	q[0] = 1
	q.pushLost(2)
	assert.Equal(t, receiverQueue{1}, q, "the length is in the copy")
	assert.Equal(t, receiverQueue{1, 2}, q[:2], "the element is in the shared array")
	q.double()
	assert.Equal(t, receiverQueue{2}, q)
	q.push(3)
	assert.Equal(t, receiverQueue{2, 3}, q)

	s := receiverSettings{"a": "1"}
	s.set("b", "2")
	s.replace()
	assert.Equal(t, receiverSettings{"a": "1", "b": "2"}, s)

	h := &receiverHeap{3, 1, 2}
	heap.Init(h)
	heap.Push(h, 0)
	assert.Equal(t, 0, heap.Pop(h))
	assert.Equal(t, []string{"Len", "Less", "Swap"}, reflectedMethods(*h))
	assert.Equal(t, []string{"Len", "Less", "Pop", "Push", "Swap"}, reflectedMethods(h))
}

type receiverHeap []int

func (h receiverHeap) Len() int           { return len(h) }
func (h receiverHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h receiverHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *receiverHeap) Push(v any)        { *h = append(*h, v.(int)) }
func (h *receiverHeap) Pop() any {
	old := *h
	v := old[len(old)-1]
	*h = old[:len(old)-1]
	return v
}

// On every type that you define in the same package, if it is not a pointer or an
// interface: structs, numbers, strings, slices, arrays, maps, functions and channels. A
// method cannot be added to a type of another package or to a predeclared one, an alias
// does not change that, and a literal type such as []int has no name to declare methods
// on. The receiver is T or *T, never **T. The compiler has a message for each.
//
//claim:ask On which types can you declare methods?
//claim:source https://go.dev/ref/spec#Method_declarations
func TestReceiverKinds(t *testing.T) {
	const library = "package lib\ntype T struct{}\ntype U = T"
	for code, want := range map[string]string{
		"type M map[string]int\nfunc (M) f() {}":                         "",
		"type F func()\nfunc (F) f() {}\nfunc (*F) g() {}":               "",
		"type C chan int\nfunc (C) f() {}":                               "",
		"type A [2]int\nfunc (A) f() {}":                                 "",
		"type B bool\nfunc (B) f() {}":                                   "",
		"type X struct{}\ntype Y = X\nfunc (Y) f() {}\nfunc (*X) g() {}": "",
		"type P *int\nfunc (P) f() {}":                                   "invalid receiver type P (pointer or interface type)",
		"type I interface{}\nfunc (I) f() {}":                            "invalid receiver type I (pointer or interface type)",
		"type X struct{}\nfunc (**X) f() {}":                             "invalid receiver type **X",
		"func (int) f() {}":                                              "cannot define new methods on non-local type int",
		"func (lib.T) f() {}":                                            "cannot define new methods on non-local type lib.T",
		"func (lib.U) f() {}":                                            "cannot define new methods on non-local type lib.U",
		"type T = lib.T\nfunc (T) f() {}":                                "cannot define new methods on non-local type",
		"func ([]int) f() {}":                                            "invalid receiver type []int",
		"func f() { type X struct{}; _ = X{} }":                          "",
	} {
		got := methodsetCheck(t, library, "package app\nimport \"lib\"\nvar _ lib.T\n"+code)
		if want == "" {
			assert.Empty(t, got, code)
		} else if assert.NotEmpty(t, got, code) {
			assert.Contains(t, got[0], want, code)
		}
	}

	square := receiverSteps(func(n int) int { return n * n })
	assert.Equal(t, 81, square.twice(3))
	signal := make(receiverSignal)
	signal.raise()
	_, open := <-signal
	assert.False(t, open)
}

// Not to the type itself. You can define a new type with the same underlying type, which
// has your methods and none of the old ones; or a struct that embeds it, which has both;
// or a function that takes it. A conversion between the first two costs nothing, but it
// must be written. The new type is what implements your interface: values of the old type
// do not become implementations, so the wrapping has to happen where they enter your
// code.
//
//claim:ask Can I add methods to a type of another package, or make it implement my interface?
//claim:source https://go.dev/ref/spec#Type_definitions
func TestReceiverOtherPackage(t *testing.T) {
	type hoursLeft interface{ HoursLeft() int }
	_, ok := any(time.Hour).(hoursLeft)
	assert.False(t, ok)

	defined := receiverHours(3 * time.Hour)
	var h hoursLeft = defined
	assert.Equal(t, 3, h.HoursLeft())
	assert.Equal(t, []string{"HoursLeft"}, reflectedMethods(defined), "nothing of time.Duration")
	assert.Equal(t, "3h0m0s", time.Duration(defined).String())
	assert.Equal(t, "10800000000000", fmt.Sprint(defined), "fmt finds no String")

	embedded := receiverDeadline{Duration: 3 * time.Hour}
	h = embedded
	assert.Equal(t, 3, h.HoursLeft())
	assert.Equal(t, "3h0m0s", embedded.String())
	assert.Equal(t, "3h0m0s", fmt.Sprint(embedded))
}

type receiverHours time.Duration

func (h receiverHours) HoursLeft() int { return int(time.Duration(h).Hours()) }

type receiverDeadline struct{ time.Duration }

func (d receiverDeadline) HoursLeft() int { return int(d.Hours()) }

// Its fields, its operators and its layout, but not the methods that were declared on the
// old type. Promoted methods stay, because they belong to the embedded field in the
// underlying struct, and so do those of an interface. An alias is no new type and keeps
// everything. So a MarshalJSON can convert its receiver to a local type without the
// method and marshal that, which does not call it again.
//
//claim:ask type B A: what does the new type keep of the old one?
//claim:source https://go.dev/ref/spec#Type_definitions
func TestReceiverDefinedType(t *testing.T) {
	isLocker := func(v any) bool { _, ok := v.(sync.Locker); return ok }
	assert.True(t, isLocker(new(sync.Mutex)))
	assert.False(t, isLocker(new(receiverLock)), "declared on sync.Mutex")
	assert.True(t, isLocker(new(receiverLockEmbedded)))
	assert.True(t, isLocker(new(receiverLockStruct)), "promoted from the embedded field")
	assert.True(t, isLocker(new(receiverLockAlias)))
	var locker receiverLocker = new(sync.Mutex)
	locker.Lock()
	assert.NotNil(t, locker)
	locker.Unlock()
	assert.Equal(t, 2, reflect.TypeFor[receiverLocker]().NumMethod())

	var old sync.Mutex
	converted := (*receiverLock)(&old)
	(*sync.Mutex)(converted).Lock()
	assert.False(t, old.TryLock(), "the same memory under another type")
	old.Unlock()

	encoded, err := json.Marshal(receiverStamped{1})
	require.NoError(t, err)
	assert.Equal(t, `{"N":1,"Stamp":true}`, string(encoded))

	assert.Equal(t, receiverFahrenheit(212), receiverCelsius(100).Fahrenheit())
	assert.Equal(t, receiverCelsius(30), receiverCelsius(10)+20, "operators stay")
	methodsetTable(t, "type C float64\ntype F float64\nvar c C; var f F", map[string]string{
		"var _ = c + C(f)": "",
		"var _ = c + f":    "mismatched types C and F",
	})
}

type receiverStamped struct{ N int }

func (s receiverStamped) MarshalJSON() ([]byte, error) {
	type plain receiverStamped // has no MarshalJSON
	return json.Marshal(struct {
		plain
		Stamp bool
	}{plain(s), true})
}

// It is a race. A method with a value receiver copies the whole struct at the call, also
// the fields that it does not use, and the copy is a read without any lock. So a getter
// of a field that never changes races with a method that writes another field. The race
// detector reports it. A pointer receiver reads only the field.
//
//claim:ask A value-receiver method reads only an immutable field. Can it race with a write to another field?
//claim:source https://go.dev/ref/mem#model
//claim:source https://go.dev/ref/spec#Calls
func TestReceiverRace(t *testing.T) {
	proof.OnceUnderRace(t)
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	program, out, err := proof.Build(t, "build", "-race", "./testdata/receiver/race")
	if err != nil && (strings.Contains(out, "-race") || strings.Contains(out, "C compiler")) {
		t.Skip("no race detector here: ", out)
	}
	require.NoError(t, err, out)
	byValue, err := exec.CommandContext(t.Context(), program).CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(byValue), "WARNING: DATA RACE")
	byPointer, err := exec.CommandContext(t.Context(), program, "pointer").CombinedOutput()
	require.NoError(t, err, string(byPointer))
	assert.Equal(t, "a1\n", string(byPointer))
}

// go vet does, with the check copylocks: it reports, among others, a value receiver, a
// return and a range that copy a type with a Lock and an Unlock method on its pointer,
// also if it is embedded. The compiler does not mind. Each call locks a mutex of its own
// copy and so protects nothing. A strings.Builder notices the copy itself, at run time,
// and panics.
//
//claim:ask Who notices that a value receiver copies a mutex?
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/copylock
func TestReceiverCopyLocks(t *testing.T) {
	proof.OnceUnderRace(t)
	var b strings.Builder
	b.WriteString("a")
	other := b
	assert.Equal(t, "strings: illegal use of non-zero Builder copied by value", methodsetPanic(func() { other.WriteString("b") }))

	out, err := proof.Go(t, "vet", "./testdata/receiver/vet")
	require.Error(t, err)
	for _, want := range []string{
		"inc passes lock by value: ",
		"show passes lock by value: ",
		"return copies lock value: ",
		"range var c copies lock: ",
	} {
		assert.Contains(t, out, want)
	}
	assert.Equal(t, 4, strings.Count(out, "sync.Mutex"), out)
}

// Then *T implements more than T, and half of the interfaces work with a value only by
// luck. A T with value method String and pointer method Set satisfies fmt.Stringer, and
// flag.Value only as a pointer. Methods of the two kinds also see different things: a
// value method called after a change through the pointer copies the state of that moment.
// It is legal, and it is right where a decoding method must have a pointer in a type of
// values, as in time.Time.
//
//claim:ask May a type have both value and pointer receivers?
//claim:source https://go.dev/wiki/CodeReviewComments#receiver-type
func TestReceiverMixed(t *testing.T) {
	type getter interface{ Rate() int }
	type setter interface {
		getter
		SetRate(int)
	}
	implements := func(v any) (got, set bool) {
		_, got = v.(getter)
		_, set = v.(setter)
		return
	}
	got, set := implements(tariff{})
	assert.Equal(t, []bool{true, false}, []bool{got, set})
	got, set = implements(&tariff{})
	assert.Equal(t, []bool{true, true}, []bool{got, set})

	p := &tariff{rate: 1}
	var byPointer, byValue getter = p, *p
	p.SetRate(2)
	assert.Equal(t, 2, byPointer.Rate())
	assert.Equal(t, 1, byValue.Rate())
}

// The loop variable is a copy of the element, so a pointer method changes the copy. The
// call compiles, because the copy is a variable and has an address. Call the method on
// the element, list[i].SetRate(0), or store pointers in the slice. A range over an array
// copies the whole array first, so a change that the body makes in a later element is not
// even seen by the loop.
//
//claim:ask for _, v := range list { v.Set(0) } has no effect. Why?
//claim:source https://go.dev/ref/spec#For_range
func TestReceiverRange(t *testing.T) {
	list := []tariff{{rate: 1}, {rate: 2}}
	for _, v := range list {
		v.SetRate(0)
	}
	assert.Equal(t, []tariff{{rate: 1}, {rate: 2}}, list)
	for i := range list {
		list[i].SetRate(0)
	}
	assert.Equal(t, []tariff{{}, {}}, list)

	pointers := []*tariff{{rate: 1}}
	for _, v := range pointers {
		v.SetRate(0)
	}
	assert.Zero(t, pointers[0].Rate())

	array, seen := [2]tariff{{rate: 1}, {rate: 2}}, 0
	for _, v := range array {
		array[1].SetRate(100)
		seen += v.Rate()
	}
	assert.Equal(t, 3, seen)
}

// The method is declared for all instantiations, and the receiver names the type
// parameters again: func (s Set[E]) Len(). A method for one instantiation only is not
// possible. The trap: func (s Set[int]) Len() compiles, and int is then the name of the
// type parameter, not the type; a message with int/* type parameter */ in it means this.
// The names need not be those of the type declaration, and _ stands for one that is not
// used. Constraints are not repeated.
//
//claim:ask How do you declare a method of a generic type, and can you declare one for a single instantiation?
//claim:source https://go.dev/ref/spec#Method_declarations
func TestReceiverGeneric(t *testing.T) {
	swapped := receiverPair[string, int]{"a", 1}.Swap()
	assert.Equal(t, receiverPair2[int, string]{1, "a"}, swapped)

	methodsetTable(t, "type Set[E comparable] map[E]bool", map[string]string{
		"func (s Set[E]) Len() int { return len(s) }":                         "",
		"func (s Set[_]) Len() int { return len(s) }":                         "",
		"func (s Set) Len() int { return len(s) }":                            "cannot use generic type Set[E comparable] without instantiation",
		"func (s Set[E]) Sum() (n E) { for e := range s { n += e }; return }": "operator + not defined on n",
		"func (s Set[int]) Has(e int) bool { return s[e] }":                   "",
		"func (s Set[int]) One() int { return 1 }":                            "cannot use 1 (untyped int constant) as int/* type parameter */ value in return statement",
		"func (s Set[E]) A() {}\nfunc (s Set[F]) A() {}":                      "method Set.A already declared",
		"type Ints = Set[int]\nfunc (s Ints) Len() int { return len(s) }":     "cannot define new methods on instantiated type",
	})
}

// Because String has a pointer receiver. fmt gets a copy of v in an interface and asks by
// an assertion whether it is a Stringer. A value is not, so its fields are printed;
// fmt.Println(&v) prints the text. fmt does not take the address of an element either, so
// a []T prints fields, and a []*T prints texts. Exported fields are asked in the same
// way; unexported fields never, because reflection may not call their methods: a pointer
// there is printed as an address. A value receiver works in all these cases but the
// unexported field.
//
//claim:ask Why does fmt.Println(v) ignore my String method?
//claim:source https://pkg.go.dev/fmt
func TestReceiverString(t *testing.T) {
	v := receiverBadge{7}
	assert.Equal(t, "{7}", fmt.Sprint(v))
	assert.Equal(t, "badge 7", fmt.Sprint(&v))
	assert.Equal(t, "[{7}]", fmt.Sprint([]receiverBadge{v}))
	assert.Equal(t, "[badge 7]", fmt.Sprint([]fmt.Stringer{&v}))
	assert.Equal(t, "[badge 7]", fmt.Sprint([]*receiverBadge{&v}))
	assert.Equal(t, "map[a:{7}]", fmt.Sprint(map[string]receiverBadge{"a": v}))
	assert.Equal(t, "{badge 7}", fmt.Sprint(struct{ B *receiverBadge }{&v}), "an exported field")
	assert.Regexp(t, `^\{0x[0-9a-f]+\}$`, fmt.Sprint(struct{ b *receiverBadge }{&v}), "an unexported one")

	valued := receiverLabel{7}
	assert.Equal(t, "label 7 label 7", fmt.Sprint(valued, " ", &valued))
	assert.Equal(t, "[label 7]", fmt.Sprint([]receiverLabel{valued}))
	assert.Equal(t, "{label 7}", fmt.Sprint(struct{ L receiverLabel }{valued}))
	assert.Equal(t, "{{7}}", fmt.Sprint(struct{ l receiverLabel }{valued}))
}

type receiverBadge struct{ n int }

type receiverLabel struct{ n int }

func (l receiverLabel) String() string { return fmt.Sprintf("label %d", l.n) }

func (b *receiverBadge) String() string { return fmt.Sprintf("badge %d", b.n) }

// The receiver is a parameter like any other, so p = &T{} changes the method's own copy
// of the pointer, and the caller keeps the old one. *p = T{} overwrites what both point
// to. The name of the receiver means nothing to the compiler: there is no this, it may be
// left out, and it can be assigned to. A method that must replace the object for its
// caller returns the new one, as append does.
//
//claim:ask A method assigns to its receiver: p = &T{}. Why does nothing happen?
//claim:source https://go.dev/ref/spec#Method_declarations
func TestReceiverReassign(t *testing.T) {
	p := &receiverBadge{7}
	before := p
	p.replaceLost()
	assert.Equal(t, 7, p.n)
	p.overwrite()
	assert.Equal(t, 1, p.n)
	assert.Same(t, before, p)
	p = p.replaced()
	assert.Equal(t, 2, p.n)
	assert.NotSame(t, before, p)
	assert.Equal(t, "badge", p.kind())
}

func (b *receiverBadge) replaceLost()             { b = &receiverBadge{1}; b.n++ }
func (b *receiverBadge) overwrite()               { *b = receiverBadge{1} }
func (b *receiverBadge) replaced() *receiverBadge { return &receiverBadge{b.n + 1} }
func (*receiverBadge) kind() string               { return "badge" }
