package interfaces

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"strings"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Use type parameters when the same code works on different types and types must agree:
// a container, a function on slices, maps or channels of any element, or a result of the
// type of the argument. Use an interface when different types are handled side by side
// and only their methods matter. The test of both: one Stack[T] gives back a T without
// an assertion and refuses other types; a []fmt.Stringer holds a mix. If the body calls
// nothing but methods and returns no T, an interface parameter says it shorter.
//
//claim:ask When do I use generics, and when an interface?
//claim:source https://go.dev/blog/when-generics
func TestGenericWhen(t *testing.T) {
	var numbers Stack[int]
	numbers.Push(20)
	n, _ := numbers.Pop()
	assert.Equal(t, 21, n+1)
	constraintRejects(t, `cannot use "a" (untyped string constant) as int value in argument to s.push`,
		`type stack[T any] []T; func (s *stack[T]) push(v T) {}; func f(s stack[int]) { s.push("a") }`)

	var anything []any
	anything = append(anything, 20, "a")
	_, ok := anything[1].(int)
	assert.False(t, ok, "found at run time, if it is looked for")

	mixed := []fmt.Stringer{reflect.Int, &strings.Builder{}}
	assert.Len(t, constraintTexts(mixed), 2)
}

// Take the comparison as a function if the container needs an order or a hash of its
// own: then every type can be a key, also one from another package, and the same keys
// can have several orders. A constraint such as cmp.Ordered or a method Less is shorter
// for the caller, admits only types that have it, and allows one order only. Both can be
// offered: a constructor for ordered types passes cmp.Compare to the general one. The
// constraint comparable is for maps and == alone.
//
//claim:ask Should a generic tree take a comparison function, or constrain its keys?
//claim:source https://go.dev/blog/generic-interfaces
func TestGenericCompare(t *testing.T) {
	order := func(compare func(a, b string) int) []string {
		tree := NewTree[string, int](compare)
		for _, word := range []string{"b", "C", "a"} {
			tree.Put(word, 0)
		}
		return slices.Collect(genericKeys(tree))
	}
	assert.Equal(t, []string{"C", "a", "b"}, order(cmp.Compare[string]))
	assert.Equal(t, []string{"a", "b", "C"}, order(func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	}))
	byLen := NewTree[[]byte, int](func(a, b []byte) int { return cmp.Compare(len(a), len(b)) })
	byLen.Put([]byte("ab"), 1)
	got, ok := byLen.Get([]byte("xy"))
	assert.True(t, ok, "a slice is a key, and equal is what the function says")
	assert.Equal(t, 1, got)
	assert.PanicsWithValue(t, "interfaces.NewTree: compare is nil", func() { NewTree[int, int](nil) })
}

func genericKeys[K, V any](tree *Tree[K, V]) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range tree.All() {
			if !yield(k) {
				return
			}
		}
	}
}

func TestGenericTree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tree, want := NewTree[int, int](cmp.Compare), map[int]int{}
	for i := range 2000 {
		k := random.IntN(300)
		if random.IntN(3) == 0 {
			_, there := want[k]
			require.Equal(t, there, tree.Delete(k))
			delete(want, k)
		} else {
			tree.Put(k, i)
			want[k] = i
		}
		require.Equal(t, len(want), tree.Len())
	}
	assert.Equal(t, want, maps.Collect(tree.All()))
	assert.True(t, slices.IsSorted(slices.Collect(genericKeys(tree))))
	for k := range 300 {
		got, ok := tree.Get(k)
		v, there := want[k]
		require.Equal(t, there, ok)
		require.Equal(t, v, got)
	}

	sorted := NewTree[int, struct{}](cmp.Compare)
	for i := range 1 << 12 {
		sorted.Put(i, struct{}{})
	}
	assert.Less(t, genericDepth(sorted.root), 100, "balanced, although the keys came in order")
	for range sorted.All() {
		break
	}
}

func genericDepth[K, V any](n *genericTreeNode[K, V]) int {
	if n == nil {
		return 0
	}
	return 1 + max(genericDepth(n.left), genericDepth(n.right))
}

// The array of a slice keeps what was once in it. A stack that only shortens its slice
// still holds the popped pointers, and the collector cannot free what they point to. Pop
// must overwrite the element with the zero value of T; that is needed for T = *image,
// harmless for T = int, and generic code cannot know which it has. The built-in clear
// does it for many elements.
//
//claim:ask What is easily forgotten in the Pop of a generic stack?
//claim:source https://go.dev/ref/spec#Clear
func TestGenericPopClears(t *testing.T) {
	var s Stack[*[64]byte]
	watch := func() weak.Pointer[[64]byte] {
		v := new([64]byte)
		s.Push(v)
		return weak.Make(v)
	}()
	_, ok := s.Pop()
	assert.True(t, ok)
	runtime.GC()
	assert.Nil(t, watch.Value())
	assert.Equal(t, 1, cap(s.items), "the array is still there")
	_, ok = s.Pop()
	assert.False(t, ok)
}

// Declare it, var zero T, or name the result and return without a value; *new(T) is the
// same in one expression. nil is not a value of T, and T{} or 0 are not either, because
// T may be of any kind. To ask whether a value is zero, T must be comparable: v == zero;
// otherwise use reflect's IsZero or an ok result. An interface or pointer as T has the
// zero value nil, so "zero value" and "not found" cannot be told apart: return a bool.
//
//claim:ask How do I write the zero value of a type parameter, and how do I test for it?
//claim:source https://go.dev/ref/spec#The_zero_value
func TestGenericZero(t *testing.T) {
	constraintRejects(t, "cannot use nil as T value in return statement", `func f[T any]() T { return nil }`)
	constraintRejects(t, "invalid composite literal type T", `func f[T any]() T { return T{} }`)
	constraintRejects(t, "as T value in return statement", `func f[T any]() T { return 0 }`)
	constraintAccepts(t, `func f[T any]() T { var zero T; return zero }; func g[T any]() (zero T) { return }; func h[T any]() T { return *new(T) }`)
	constraintRejects(t, "mismatched types T and untyped nil", `func f[T any](v T) bool { return v == nil }`)
	constraintRejects(t, "incomparable types in type set", `func f[T any](v T) bool { return v == *new(T) }`)
	assert.True(t, genericIsZero(""))
	assert.True(t, genericIsZero[error](nil))
	assert.False(t, genericIsZero(struct{ n int }{1}))
}

func genericIsZero[T comparable](v T) bool { return v == *new(T) }

// any(v) == nil is true only if T is an interface type and v is nil. A nil pointer in T
// becomes an interface value with a type, which is not nil. So a generic helper that
// ignores "nil" this way works for error and lets a nil *MyError through. The same trap
// is in returning a T as an error: with T = *MyError the result of a function that had
// no error compares unequal to nil.
//
//claim:ask How do I find out whether a value of a type parameter is nil?
//claim:source https://go.dev/doc/faq#nil_error
func TestGenericNil(t *testing.T) {
	isNil := genericIsNil[error]
	assert.True(t, isNil(nil))
	assert.False(t, genericIsNil((*typeSwitchFault)(nil)))
	assert.False(t, genericAsError((*typeSwitchFault)(nil)) == nil)
	assert.True(t, genericAsError[error](nil) == nil)
	constraintAccepts(t, `func f[T *int | []int](v T) bool { return v == nil }`)
}

func genericIsNil[T any](v T) bool { return any(v) == nil }

func genericAsError[E error](v E) error { return v }

// It compiles and is not what it seems: int is the name of the type parameter in that
// method, and hides the predeclared type. A receiver lists new names for the parameters
// of its type, never arguments. So "func (b box[int]) m() int { return 1 }" says that it
// cannot use 1 as an int, and a second one for box[string] is a duplicate. There are no
// methods for one instantiation and no specialization in Go: use a function func sum(b
// box[int]) int, or a type that embeds box[int].
//
//claim:ask What does func (b box[int]) sum() int declare?
//claim:source https://go.dev/ref/spec#Method_declarations
func TestGenericReceiverName(t *testing.T) {
	const box = `type box[T any] struct{ v T }; `
	constraintAccepts(t, box+`func (b box[int]) get() int { return b.v }; var s string = box[string]{"a"}.get()`)
	constraintRejects(t, "cannot use 1 (untyped int constant) as int/* type parameter */ value in return statement",
		box+`func (b box[int]) m() int { return 1 }`)
	constraintRejects(t, "method box.m already declared", box+`func (b box[int]) m() {}; func (b box[string]) m() {}`)
	constraintAccepts(t, box+`func double(b box[int]) int { return 2 * b.v }; type ints struct{ box[int] }; func (b ints) m() int { return b.v + 1 }`)
}

// No. Set[cat] and Set[animal] are two types without any relation, even if cat
// implements animal; neither can be assigned or converted to the other. The same holds
// for []T, map and func types. If it were allowed, a dog could be put into a set of
// cats. Write the function generic, func feed[T animal](s Set[T]), or copy the elements.
//
//claim:ask Can I pass a List[Cat] where a List[Animal] is wanted?
//claim:source https://go.dev/doc/faq#covariant_types
//claim:source https://go.dev/ref/spec#Type_identity
func TestGenericVariance(t *testing.T) {
	const cats = `type animal interface{ eat() }; type cat struct{}; func (cat) eat() {}; type list[T any] struct{ v []T }; `
	constraintRejects(t, "cannot use c (variable of struct type list[cat]) as list[animal] value", cats+`func f(c list[cat]) { var a list[animal] = c; _ = a }`)
	constraintRejects(t, "cannot convert c", cats+`func f(c list[cat]) { _ = list[animal](c) }`)
	constraintRejects(t, "cannot use f", cats+`func f() cat { return cat{} }; var g func() animal = f`)
	constraintAccepts(t, cats+`func feed[T animal](l list[T]) { for _, a := range l.v { a.eat() } }; func f(c list[cat], a list[animal]) { feed(c); feed(a) }`)
}

// Up to Go 1.26 a method cannot have type parameters of its own; the compiler says
// "method must have no type parameters". Since Go 1.27 methods of concrete types can, in
// modules whose go line says so. A method of an interface still cannot, because the
// compiler would have to know all instantiations that some implementation somewhere
// needs. The old way works everywhere: a function, Map(list, f), or a type that carries
// the second parameter.
//
//claim:ask May a method have type parameters?
//claim:source https://go.dev/doc/go1.27#language
//claim:source https://go.dev/doc/faq#generic_methods
func TestGenericMethodParameters(t *testing.T) {
	const method = `type list[T any] []T; func (l list[T]) convert[U any](f func(T) U) list[U] { return nil }`
	if proof.GoAtLeast("go1.27") {
		constraintAccepts(t, method)
	} else {
		constraintRejects(t, "method must have no type parameters", method)
	}
	constraintRejects(t, "interface method must have no type parameters", `type lister interface{ convert[U any](f func(int) U) []U }`)
	constraintAccepts(t, `type list[T any] []T; func convert[T, U any](l list[T], f func(T) U) list[U] { return nil }`)
}

// What other languages have and Go has not: a variable number of type parameters, values
// as parameters (an array length N), default type arguments, and type parameters of
// function literals. The first is why there are Pair and Triple types and functions such
// as f2, f3; the second can be had by taking the whole array type, [A [3]int | [4]int].
// A function literal inside a generic function can use its parameters.
//
//claim:ask Are there variadic, default or value type parameters, and generic function literals?
//claim:source https://go.dev/ref/spec#Type_parameter_declarations
func TestGenericLimits(t *testing.T) {
	constraintRejects(t, "...", `func f[T ...any](v T) {}`)
	constraintRejects(t, "invalid array length N", `type vector[N int] [N]float64`)
	constraintRejects(t, "missing ','", `type set[T any = int] struct{}`)
	constraintRejects(t, "function type must have no type parameters", `var f = func[T any](v T) {}`)
	constraintAccepts(t, `func sum[A [3]int | [4]int](a A) (s int) { for i := range len(a) { s += a[i] }; return s }; var _ = sum([3]int{})`)
	constraintAccepts(t, `func f[T any](v T) func() T { return func() T { return v } }`)
}

// No: an embedded field cannot be a type parameter or a pointer to one, because its
// fields and methods would not be known when the generic type is compiled. A type
// parameter cannot be the right side of a type declaration either. A field of the type,
// with a name, is fine, and so is embedding another generic type, base[T]; its methods
// are promoted. To decorate an arbitrary interface, embed that interface.
//
//claim:ask Can a generic struct embed its type parameter?
//claim:source https://go.dev/ref/spec#Struct_types
func TestGenericEmbed(t *testing.T) {
	constraintRejects(t, "embedded field type cannot be a (pointer to a) type parameter", `type mixin[T any] struct{ T }`)
	constraintRejects(t, "embedded field type cannot be a (pointer to a) type parameter", `type mixin[T any] struct{ *T }`)
	constraintRejects(t, "cannot use a type parameter as RHS in type declaration", `type same[T any] T`)
	constraintRejects(t, "term cannot be a type parameter", `type wrap[T any] interface{ T }`)
	constraintAccepts(t, `type base[T any] struct{ v T }; func (b base[T]) get() T { return b.v }
		type outer[T any] struct{ base[T]; extra T }; var _ int = outer[int]{}.get()`)
}

// Yes, since Go 1.24: type set[T comparable] = map[T]struct{}. It is another name, not
// another type, so set[int] is identical to map[int]struct{}, has no methods of its own,
// and inference looks through it. It serves to move a generic type to another package,
// or to fix some of its parameters. It cannot be an alias of its own parameter, type a[T
// any] = T.
//
//claim:ask Can a type alias have type parameters?
//claim:source https://go.dev/doc/go1.24#language
func TestGenericAlias(t *testing.T) {
	assert.Equal(t, reflect.TypeFor[map[int]struct{}](), reflect.TypeFor[genericAliasSet[int]]())
	assert.Equal(t, reflect.TypeFor[Tree[string, bool]](), reflect.TypeFor[genericNamedTree[bool]]())
	assert.NotEqual(t, reflect.TypeFor[map[int]struct{}](), reflect.TypeFor[Set[int]]())
	constraintRejects(t, "cannot use type parameter declared in alias declaration as RHS", `type a[T any] = T`)
	constraintRejects(t, "cannot use generic type", `type set[T comparable] = map[T]struct{}; var s set`)
}

type (
	genericAliasSet[T comparable] = map[T]struct{}
	genericNamedTree[V any]       = Tree[string, V]
)

// A generic type may refer to itself with the same arguments, as node[T] does with
// *node[T]. With ever larger arguments, such as *tree[*T] or a function that calls
// itself with f[*T], it would need infinitely many types, and Go compiles instantiations
// before the program runs. The compiler finds this, "instantiation cycle", even if a
// condition ends the recursion at run time. A type that contains itself without a
// pointer is refused as always.
//
//claim:ask What is an instantiation cycle?
//claim:source https://go.dev/ref/spec#Instantiations
func TestGenericCycle(t *testing.T) {
	constraintAccepts(t, `type node[T any] struct{ v T; next *node[T] }`)
	constraintRejects(t, "instantiation cycle", `type node[T any] struct{ next *node[*T] }`)
	constraintRejects(t, "instantiation cycle", `func f[T any](n int) { if n > 0 { f[*T](n - 1) } }`)
	constraintAccepts(t, `func f[T any](n int) { if n > 0 { f[T](n - 1) } }`)
	constraintRejects(t, "invalid recursive type", `type node[T any] struct{ next node[T] }`)
}

// No. At run time there are only instantiated types, each an ordinary type with a name
// such as Set[int]; the generic type and its parameters are gone. reflect cannot list
// type arguments except by reading the name, and it cannot build Set[string] from Set
// and string: what is not instantiated in the source does not exist. A registry that
// maps names to constructor functions, each instantiated in code, is the way around.
//
//claim:ask Can I instantiate a generic type with reflect, or get its type arguments?
//claim:source https://go.dev/issue/54393
func TestGenericReflect(t *testing.T) {
	typ := reflect.TypeFor[Set[int]]()
	assert.Equal(t, "Set[int]", typ.Name())
	assert.Equal(t, "interfaces.Set[int]", typ.String())
	assert.Equal(t, reflect.Map, typ.Kind())
	color := reflect.TypeFor[genericColor]()
	assert.Equal(t, "Set["+color.PkgPath()+".genericColor]", reflect.TypeFor[Set[genericColor]]().Name(), "with the whole path")
	arguments := 0
	for method := range reflect.TypeFor[reflect.Type]().Methods() {
		if strings.Contains(method.Name, "TypeParam") || strings.Contains(method.Name, "TypeArg") {
			arguments++
		}
	}
	assert.Zero(t, arguments)
	makers := map[string]func() any{
		"int":    func() any { return Set[int]{} },
		"string": func() any { return Set[string]{} },
	}
	assert.IsType(t, Set[string]{}, makers["string"]())
}

type genericColor string

// Each instantiation is a type of its own, and a type declared inside a generic function
// is one for each type argument. But there are no variables for each instantiation: a
// package variable cannot have type parameters, so a counter or cache is shared by all.
// For one value per type use a map with reflect.TypeFor[T]() as the key, and mind that
// it must be locked.
//
//claim:ask Does each instantiation of a generic type have its own static variables?
//claim:source https://go.dev/ref/spec#Instantiations
func TestGenericStatic(t *testing.T) {
	assert.NotEqual(t, genericLocalType[int](), genericLocalType[string]())
	assert.Equal(t, genericLocalType[int](), genericLocalType[int]())
	assert.NotEmpty(t, constraintErrors(`var cache[T any] map[string]T`))

	perType := map[reflect.Type]int{}
	genericCount[int](perType)
	genericCount[int](perType)
	genericCount[string](perType)
	assert.Equal(t, map[reflect.Type]int{reflect.TypeFor[int](): 2, reflect.TypeFor[string](): 1}, perType)
}

func genericLocalType[T any]() reflect.Type {
	type local struct{}
	return reflect.TypeFor[local]()
}

func genericCount[T any](perType map[reflect.Type]int) { perType[reflect.TypeFor[T]()]++ }

// As for any other type: the method value s.Push binds the receiver, and the method
// expression (*Stack[int]).Push is a function with the receiver first. The type must be
// instantiated; Stack.Push alone is an error. A method expression of a type parameter is
// allowed, too: T.Compare is a func(T, T) int if the constraint has the method.
//
//claim:ask How do I take a method of a generic type as a function?
//claim:source https://go.dev/ref/spec#Method_expressions
func TestGenericMethodValue(t *testing.T) {
	var s Stack[int]
	push := s.Push
	push(1)
	(*Stack[int]).Push(&s, 2)
	assert.Equal(t, 2, s.Len())
	constraintRejects(t, "cannot use generic type", `type stack[T any] struct{}; func (s stack[T]) push(v T) {}; var f = stack.push`)
	constraintAccepts(t, `func f[T interface{ cmp(T) int }]() func(T, T) int { return T.cmp }`)
}

// Yes, as usual by having the methods, and for each instantiation: *Stack[T] has Len()
// int for every T. An interface can be generic itself, store[K, V], and is implemented
// by a type whose methods have the right types. So a fake for a test need not be
// generic. What is checked is the instantiation, such as var _ io.Writer =
// (*pipe[int])(nil); a function with that conversion checks it for all T at once.
//
//claim:ask Can a generic type implement an interface, and can an interface be generic?
//claim:source https://go.dev/ref/spec#Implementing_an_interface
func TestGenericImplements(t *testing.T) {
	var s genericStore[string, int] = NewTree[string, int](cmp.Compare)
	s.Put("a", 1)
	_, ok := s.Get("a")
	assert.True(t, ok)
	s = genericFakeStore{}
	_, ok = s.Get("a")
	assert.False(t, ok)
	_, ok = any(&Stack[io.Reader]{}).(interface{ Len() int })
	assert.True(t, ok)
	constraintAccepts(t, `type sizer interface{ size() int }; type list[T any] []T; func (l list[T]) size() int { return len(l) }
		func _[T any]() { var _ sizer = list[T](nil) }`)
}

type genericStore[K, V any] interface {
	Put(K, V)
	Get(K) (V, bool)
}

// genericFakeStore is always empty, and not generic.
type genericFakeStore struct{}

func (genericFakeStore) Put(string, int)        {}
func (genericFakeStore) Get(string) (int, bool) { return 0, false }

type genericByValue []int64

func (s genericByValue) Len() int           { return len(s) }
func (s genericByValue) Less(i, j int) bool { return s[i] < s[j] }
func (s genericByValue) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

func genericNumbers(n int) []int64 {
	random := rand.New(rand.NewPCG(3, 4))
	numbers := make([]int64, n)
	for i := range numbers {
		numbers[i] = random.Int64N(1 << 30)
	}
	return numbers
}

func TestGenericSort(t *testing.T) {
	one := genericNumbers(500)
	two := slices.Clone(one)
	sort.Sort(genericByValue(one))
	slices.Sort(two)
	assert.Equal(t, one, two)
	assert.True(t, slices.IsSorted(one))
}

// With numbers the generic slices.Sort is more than 1.5 times as fast as sort.Sort,
// although both use the same algorithm. sort.Sort knows only an interface: each
// comparison and each exchange is a call of a method that cannot be inlined. slices.Sort
// is compiled for the shape of the elements, and compares and moves them with machine
// instructions. slices.SortFunc is between: it moves elements directly and calls the
// comparison. The interface remains for data that is not a slice, or several slices that
// are sorted together.
//
//claim:ask Why is slices.Sort faster than sort.Sort?
//claim:expect ns/op of=sort.Sort > 1.5x of=slices.Sort
//claim:source https://pkg.go.dev/slices#Sort
func BenchmarkGenericSort(b *testing.B) {
	numbers := genericNumbers(512)
	work := make([]int64, len(numbers))
	for _, c := range []struct {
		name string
		sort func([]int64)
	}{{"sort.Sort", func(s []int64) { sort.Sort(genericByValue(s)) }}, {"slices.Sort", slices.Sort[[]int64]}} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				copy(work, numbers)
				c.sort(work)
			}
		})
	}
}
