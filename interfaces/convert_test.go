package interfaces

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// convertTypeError type-checks declarations and returns the first error, or nothing if they
// are correct. They import nothing.
func convertTypeError(t *testing.T, declarations string) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x.go", "package x\n\n"+declarations, 0)
	require.NoError(t, err)
	conf := types.Config{GoVersion: "go1.26"}
	if _, err := conf.Check("x", fset, []*ast.File{file}, nil); err != nil {
		return err.(types.Error).Msg
	}
	return ""
}

// Every method of the source type is known, so a conversion to an interface
// with fewer methods is implicit: an assignment, an argument or a return is
// enough, and any is the smallest. To a larger interface the compiler cannot
// know: that needs a type assertion, which may fail. The way through any and
// back loses nothing of the value, only the check at compile time.
//
//claim:ask When is a conversion between interface types implicit, and when does it need an assertion?
//claim:source https://go.dev/ref/spec#Assignability
//claim:source https://go.dev/ref/spec#Type_assertions
func TestConvertDirection(t *testing.T) {
	const declared = "type small interface{ A() }\ntype large interface{ A(); B() }\ntype other interface{ C() }\n"
	for code, want := range map[string]string{
		"func f(x large) small { return x }":         "",
		"func f(x large) any { return x }":           "",
		"func f(x small) large { return x }":         "small does not implement large (missing method B)",
		"func f(x small) large { return large(x) }":  "small does not implement large (missing method B)",
		"func f(x small) large { return x.(large) }": "",
		"func f(x any) large { return x.(large) }":   "",
		"func f(x small) other { return x.(other) }": "",
		"func f(x any) small { return x }":           "does not implement small (missing method A)",
	} {
		got := convertTypeError(t, declared+code)
		if want == "" {
			require.Empty(t, got, code)
		} else {
			require.Contains(t, got, want, code)
		}
	}

	cat := convertBreedCat()
	pet := convertFromAny(convertToAny(convertNarrow(cat)))
	require.True(t, pet == cat, "three conversions later")
	require.Equal(t, "rrr", pet.(*convertCat).Purr())
}

// A conversion between interface types gives the value another first word and
// takes over the second. So nothing is copied and nothing allocated, also for a
// large struct, and a nil interface stays nil. To any the first word becomes
// the type, which the itab names; to another interface type with methods it
// becomes the itab of the new pair.
//
//claim:ask What happens in memory when an error is assigned to an any, or a ReadCloser to a Reader?
//claim:source cmd/compile/internal/walk/convert.go
func TestConvertWords(t *testing.T) {
	var pet convertPet = convertBreedCat()
	animal := convertNarrow(pet)
	empty := convertToAny(animal)
	petWords, animalWords := layoutOfMethods(&pet), layoutOfMethods(&animal)
	require.Equal(t, petWords.data, animalWords.data)
	require.Equal(t, petWords.data, layoutOf(empty).data)
	require.False(t, petWords.tab == animalWords.tab)
	require.Equal(t, petWords.tab.typ, animalWords.tab.typ)
	require.Equal(t, petWords.tab.typ, layoutOf(empty).typ)

	require.True(t, convertToAny(nil) == nil)
	require.True(t, convertNarrow(nil) == nil)
	require.Panics(t, func() { convertFromAny(nil) }, "an assertion needs a value")
	proof.WantAllocs(t, 0, func() { convertFromAny(convertToAny(convertNarrow(pet))) })
}

// Because the two have different layouts: an element of a []any is an interface
// value of two words, an element of a []int one word. The conversion would have
// to make a new array and box each element, and Go does not hide such work,
// which also would break the sharing of the array. Write the loop, or use a
// function such as [Anys]. The same holds for []*T and []I, for map values and
// for f(list...) with a ...any. Often the better way is a type parameter: func
// f[T any](list []T).
//
//claim:ask Why can I not pass a []string as []any?
//claim:source https://go.dev/doc/faq#convert_slice_of_interface
//claim:source https://go.dev/wiki/InterfaceSlice
func TestConvertSlice(t *testing.T) {
	for code, want := range map[string]string{
		"func f(x []string) []any { return x }":                                        "cannot use x (variable of type []string) as []any value",
		"func f(x []string) []any { return []any(x) }":                                 "cannot convert x",
		"func f(x map[string]int) map[string]any { return x }":                         "cannot use x",
		"func g(...any) {}\nfunc f(x []string) { g(x...) }":                            "cannot use x",
		"func g(...any) {}\nfunc f(x []any) { g(x...) }":                               "",
		"type i interface{ M() }\ntype p struct{ i }\nfunc f(x []*p) []i { return x }": "cannot use x",
		"func g[T any](list []T) {}\nfunc f(x []string) { g(x) }":                      "",
		"type text string\nfunc f(x []string) []text { return x }":                     "cannot use x",
		"type list []string\nfunc f(x []string) list { return x }":                     "",
	} {
		got := convertTypeError(t, code)
		if want == "" {
			require.Empty(t, got, code)
		} else {
			require.Contains(t, got, want, code)
		}
	}
	const word = unsafe.Sizeof(uintptr(0))
	require.Equal(t, word, unsafe.Sizeof([]int{1}[0]))
	require.Equal(t, 2*word, unsafe.Sizeof([]any{1}[0]))

	words := []string{"a", "b"}
	boxed := Anys(words)
	require.Equal(t, []any{"a", "b"}, boxed)
	words[0] = "changed"
	require.Equal(t, "a", boxed[0], "an array of its own")
	require.Nil(t, Anys[int](nil))
	require.NotNil(t, Anys([]int{}))
}

// No. A func() *Cat is not a func() Animal, although *Cat implements Animal:
// its caller gets one word where it expects two. For the same reason a method
// that returns *Cat does not implement an interface whose method returns
// Animal; the compiler says "wrong type for method". Parameters are no
// different, and neither are channels, pointers and instantiated generic types.
// Write a func literal that calls the function, and let its return do the
// conversion.
//
//claim:ask Is Go covariant: can a func() *Cat be used as func() Animal?
//claim:source https://go.dev/doc/faq#covariant_types
func TestConvertCovariance(t *testing.T) {
	const declared = `
		type animal interface{ Sound() }
		type cat struct{}
		func (*cat) Sound() {}
		type box[T any] struct{ v T }
	`
	for code, want := range map[string]string{
		"func f(x func() *cat) func() animal { return x }":                            "cannot use x",
		"func f(x func(animal)) func(*cat) { return x }":                              "cannot use x",
		"func f(x func() *cat) func() animal { return func() animal { return x() } }": "",
		"func f(x chan *cat) chan animal { return x }":                                "cannot use x",
		"func f(x chan *cat) <-chan animal { return x }":                              "cannot use x",
		"func f(x **cat) *animal { return x }":                                        "cannot use x",
		"func f(x box[*cat]) box[animal] { return x }":                                "cannot use x",
		"type breeder interface{ Breed() animal }\ntype farm struct{}\nfunc (farm) Breed() *cat { return nil }\nvar b breeder = farm{}":      "wrong type for method Breed",
		"type breeder interface{ Breed() animal }\ntype farm struct{}\nfunc (farm) Breed() animal { return &cat{} }\nvar b breeder = farm{}": "",
		"type keeper interface{ Keep(*cat) }\ntype farm struct{}\nfunc (farm) Keep(animal) {}\nvar k keeper = farm{}":                        "wrong type for method Keep",
	} {
		got := convertTypeError(t, declared+code)
		if want == "" {
			require.Empty(t, got, code)
		} else {
			require.Contains(t, got, want, code)
		}
	}
	var breed func() convertAnimal = func() convertAnimal { return convertBreedCat() }
	require.Equal(t, "miau", breed().Sound())
}

// They convert to each other without an assertion, because what counts is the
// method set and not the name. At run time the itab changes all the same, since
// it belongs to one interface type. In types that are made of them the names
// count again: a func(A) is not a func(B). And an interface with a method that
// takes an A is not implemented by one that takes a B.
//
//claim:ask Two packages declare the same interface under different names. Are the types interchangeable?
//claim:source https://go.dev/ref/spec#Implementing_an_interface
func TestConvertSameMethods(t *testing.T) {
	const declared = "type a interface{ M() }\ntype b interface{ M() }\n"
	require.Empty(t, convertTypeError(t, declared+"func f(x a) b { return x }\nfunc g(x b) a { return x }"))
	require.Contains(t, convertTypeError(t, declared+"func f(x func(a)) func(b) { return x }"), "cannot use x")
	require.Contains(t, convertTypeError(t, declared+"func f(x []a) []b { return x }"), "cannot use x")
	require.Contains(t, convertTypeError(t, declared+`
		type user interface{ Use(a) }
		type t struct{}
		func (t) Use(b) {}
		var u user = t{}`), "wrong type for method Use")
	require.Empty(t, convertTypeError(t, "type a = interface{ M() }\ntype b = interface{ M() }\nfunc f(x func(a)) func(b) { return x }"), "aliases are one type")

	var gauge itabGauge = &itabTank{level: 3}
	var meter itabMeter = gauge
	require.True(t, meter == gauge)
	require.Equal(t, layoutOfMethods(&gauge).data, layoutOfMethods(&meter).data)
	require.False(t, layoutOfMethods(&gauge).tab == layoutOfMethods(&meter).tab)
}

// convertLarge returns 20 large values in interfaces, and pointers to such values.
func convertLarge() (values, pointers []any) {
	for i := range 20 {
		v := boxingLarge{[128]int{i}}
		values, pointers = append(values, v), append(pointers, &v)
	}
	return values, pointers
}

// x := v.(T) copies the value out of the interface, all of it: a kilobyte in
// this benchmark, which takes more than 5 times as long as getting a pointer
// out. If only one field is read, as in v.(T).f, Go 1.27 reads just the field;
// up to Go 1.26 that expression copies the whole struct too. So large structs
// go into interfaces as pointers; small ones may go as values. No assertion to
// a concrete type allocates.
//
//claim:ask What does a type assertion to a large struct cost, as in v.(T).field?
//claim:expect ns/op of=value > 5x of=pointer
//claim:expect ns/op of=field > 5x of=pointer if go<1.27
//claim:expect ns/op of=value > 5x of=field if go>=1.27
//claim:expect allocs/op of=value == 0
//claim:source https://go.dev/ref/spec#Type_assertions
func BenchmarkConvertAssertCopies(b *testing.B) {
	values, pointers := convertLarge()
	for _, c := range []struct {
		name string
		sum  func([]any) int
		list []any
	}{
		{"of=value", convertSumValues, values},
		{"of=pointer", convertSumPointers, pointers},
		{"of=field", convertSumField, values},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.sum(c.list)
			}
		})
	}
}

func TestConvertAssertCopies(t *testing.T) {
	values, pointers := convertLarge()
	require.Equal(t, 190, convertSumValues(values))
	require.Equal(t, 190, convertSumPointers(pointers))
	require.Equal(t, 190, convertSumField(values))
}
