package interfaces

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The wrapped object calls its own methods, not those of the wrapper. GetAll of the table
// here calls Get of the table, so a counter around it counts nothing. A decorator sees only
// calls that come from outside, through the interface; there is no override in Go. Decorate
// GetAll as well, or write GetAll as a function over the interface, which then calls Get of
// whatever it is given.
//
//claim:ask I decorated Get, but GetAll of the wrapped object does not go through my decorator. Why?
//claim:source https://go.dev/ref/spec#Struct_types
func TestDecoratorSelfCall(t *testing.T) {
	counter := &decoratorCount{decoratorSource: &decoratorTable{3}}
	require.Equal(t, []int{3, 6}, counter.GetAll(1, 2))
	require.Zero(t, counter.gets)

	getAll := func(source decoratorSource, keys ...int) (all []int) {
		for _, key := range keys {
			all = append(all, source.Get(key))
		}
		return all
	}
	require.Equal(t, []int{3, 6}, getAll(counter, 1, 2))
	require.Equal(t, 2, counter.gets)
}

// The decorator that is applied first is the innermost, and a call runs from the outside
// in. So the last decorator that is applied sees every call, and those inside see only what
// it lets through: a counter outside a cache counts requests, inside it counts misses. A
// list of decorators is therefore read from one end, and the code that applies it should
// say from which.
//
//claim:ask In which order do decorators run, and does the order matter?
//claim:source https://go.dev/ref/spec#Calls
func TestDecoratorOrder(t *testing.T) {
	inside := &decoratorCount{decoratorSource: &decoratorTable{3}}
	cache := &decoratorCache{inside, map[int]int{}}
	outside := &decoratorCount{decoratorSource: cache}
	for range 5 {
		require.Equal(t, 21, outside.Get(7))
	}
	require.Equal(t, []int{5, 1}, []int{outside.gets, inside.gets})
}

type decoratorCache struct {
	decoratorSource
	known map[int]int
}

func (c *decoratorCache) Get(key int) int {
	value, ok := c.known[key]
	if !ok {
		value = c.decoratorSource.Get(key)
		c.known[key] = value
	}
	return value
}

// A decorated value loses its dynamic type and its identity. An assertion to the concrete
// type, a type switch, and == with the original all see the wrapper; %T prints its name; an
// optional method that is not in the embedded interface is gone. What remains are the
// methods of the interface. An Unwrap method brings the rest back for callers that look for
// it, as with errors. Code that asserts concrete types breaks when somebody decorates; ask
// for an interface instead.
//
//claim:ask What does a value lose when it is decorated?
//claim:source https://go.dev/ref/spec#Type_assertions
//claim:source https://pkg.go.dev/errors#Unwrap
func TestDecoratorIdentity(t *testing.T) {
	table := &decoratorTable{3}
	var plain, wrapped decoratorSource = table, &decoratorCount{decoratorSource: table}
	_, ok := wrapped.(*decoratorTable)
	require.False(t, ok)
	require.False(t, wrapped == plain)
	require.Equal(t, "*interfaces.decoratorCount", fmt.Sprintf("%T", wrapped))
	found, ok := Find[*decoratorTable](wrapped)
	require.True(t, ok)
	require.True(t, decoratorSource(found) == plain)
}

// Each layer costs one indirect call and no allocation: 64 layers around a Get cost more
// than ten times as much as one. The wrapper is allocated once, when the chain is built. In
// a loop over millions of elements, decorate the loop, with a method for many elements, and
// not the element.
//
//claim:ask What does each layer of decorators cost at run time?
//claim:expect allocs/op layers=1 == 0
//claim:expect allocs/op layers=64 == 0
//claim:expect ns/op layers=64 > 10x layers=1
//claim:source https://go.dev/ref/spec#Method_values
func BenchmarkDecoratorLayers(b *testing.B) {
	for _, layers := range []int{1, 64} {
		b.Run(fmt.Sprint("layers=", layers), func(b *testing.B) {
			b.ReportAllocs()
			source, sum := decoratorChain(layers), 0
			for b.Loop() {
				for key := range 100 {
					sum += source.Get(key)
				}
			}
			decoratorSum = sum
		})
	}
}

var decoratorSum int

func TestDecoratorChain(t *testing.T) {
	require.Equal(t, 21, decoratorChain(1).Get(7))
	require.Equal(t, 21, decoratorChain(64).Get(7))
}

// decoratorStore has more methods than the decorator knows of.
type decoratorStore interface {
	decoratorSource
	Put(key, value int)
}

type decoratorFull struct {
	decoratorTable
	puts int
}

func (f *decoratorFull) Put(int, int) { f.puts++ }

// Embed the interface, and the compiler writes the methods that you do not change; when the
// interface grows, the decorator has the new method at once, undecorated. That is
// convenient for a counter and dangerous for a check of permissions or a cache, where the
// new method goes around it. There, write every method out: the compiler then refuses the
// decorator until somebody has decided what the new method does.
//
//claim:ask Should a decorator embed the interface or write out every method?
//claim:source https://go.dev/ref/spec#Struct_types
func TestDecoratorEmbedOrWrite(t *testing.T) {
	type readOnly struct{ decoratorStore } // written when the interface had Get only
	full := new(decoratorFull)
	readOnly{full}.Put(1, 2)
	require.Equal(t, 1, full.puts, "went around the decorator")

	check := func(methods string) []string {
		return consumerErrors(consumerSources{"main": `type store interface{ ` + methods + ` }
			type embeds struct{ store }
			func (e embeds) Get() int { return e.store.Get() }
			type writes struct{ inner store }
			func (w writes) Get() int { return w.inner.Get() }
			var _, _ store = embeds{}, writes{}`})
	}
	require.Empty(t, check("Get() int"))
	errs := check("Get() int; Put(int)")
	require.Len(t, errs, 1)
	require.True(t, strings.Contains(errs[0], "writes") && strings.Contains(errs[0], "missing method Put"), errs)
}
