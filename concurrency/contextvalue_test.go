package concurrency

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// WithValue is for data of a request that must cross layers which do not use
// it: trace ID, authenticated user, tenant. The value travels with the call,
// through functions that do not know it, into every derived context. It is not
// for what a function needs to work: that is a parameter. Offer typed
// accessors, so that callers see neither the key nor a type assertion.
//
//claim:ask What is context.WithValue for?
//claim:source https://pkg.go.dev/context#WithValue
func TestContextValueUse(t *testing.T) {
	middleLayer := func(ctx context.Context) string {
		ctx, cancel := context.WithTimeout(ctx, time.Minute) // knows no user
		defer cancel()
		user, ok := ctxUserFrom(ctx)
		if !ok {
			return "nobody"
		}
		return user.name
	}
	assert.Equal(t, "ann", middleLayer(withCtxUser(t.Context(), &ctxUser{"ann"})))
	assert.Equal(t, "nobody", middleLayer(t.Context()))
}

// A type that only your package can name, usually an empty struct: type userKey
// struct{}. Keys are compared like interface values, by type and value, so two
// packages that both use the string user overwrite each other's value, and two
// types with the same underlying value never do. Staticcheck reports keys of
// built-in types (SA1029); go vet does not. A pointer to a package variable is
// as unique.
//
//claim:ask Which type should a context key have, and what goes wrong with a string?
//claim:source https://pkg.go.dev/context#WithValue
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestContextValueKeyCollision(t *testing.T) {
	//lint:ignore SA1029 shows the check: it would report a directive that ignores nothing
	ctx := context.WithValue(t.Context(), "user", "ann") // package auth
	//lint:ignore SA1029 as above
	ctx = context.WithValue(ctx, "user", 4711) // package billing
	_, ok := ctx.Value("user").(string)
	assert.False(t, ok, "auth has lost its value")

	type authKey string
	type billingKey string
	ctx = context.WithValue(t.Context(), authKey("user"), "ann")
	ctx = context.WithValue(ctx, billingKey("user"), 4711)
	assert.Equal(t, "ann", ctx.Value(authKey("user")))
	assert.Equal(t, 4711, ctx.Value(billingKey("user")))
	assert.Nil(t, ctx.Value("user"), "no type is equal to another")

	one, other := new(int), new(int)
	ctx = context.WithValue(context.WithValue(t.Context(), one, 1), other, 2)
	assert.Equal(t, 1, ctx.Value(one))
	assert.Equal(t, 2, ctx.Value(other))
}

// Two pointers to different variables of size zero may be equal, so a key made
// with new(struct{}) can collide with the key of another package that does the
// same. Use the empty struct type itself as the key, or a pointer to something
// that has a size.
//
//claim:ask Is new(struct{}) a good context key?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
func TestContextValueZeroSizeKey(t *testing.T) {
	ctx := context.WithValue(t.Context(), ctxZeroKeyA, "a")
	ctx = context.WithValue(ctx, ctxZeroKeyB, "b")
	assert.Equal(t, "b", ctx.Value(ctxZeroKeyA), "one address for all of them, here; the spec says: may")

	ctx = context.WithValue(t.Context(), ctxSizedKeyA, "a")
	ctx = context.WithValue(ctx, ctxSizedKeyB, "b")
	assert.Equal(t, "a", ctx.Value(ctxSizedKeyA))
}

// Made at run time, so that all four are on the heap.
var (
	ctxZeroKeyA, ctxZeroKeyB   = newCtxKey[struct{}](), newCtxKey[struct{}]()
	ctxSizedKeyA, ctxSizedKeyB = newCtxKey[int](), newCtxKey[int]()
)

//go:noinline
func newCtxKey[T any]() *T { return new(T) }

// WithValue makes one allocation for the node. The key and the value are stored
// as interfaces: an empty struct, a pointer or a constant needs no second one,
// a string or a large number that is not constant does. Value itself allocates
// nothing with a key of an empty struct type or a pointer.
//
//claim:ask What does context.WithValue allocate, and does the type of the key matter?
//claim:expect allocs/op of=emptyStruct == 1
//claim:expect allocs/op of=pointer == 1
//claim:expect allocs/op of=stringKey == 2
//claim:expect allocs/op of=stringKeyAndValue == 3
//claim:expect allocs/op of=lookup == 0
//claim:source https://pkg.go.dev/context#WithValue
func BenchmarkContextValueAlloc(b *testing.B) {
	type textKey string
	root, user := context.Background(), &ctxUser{"ann"}
	name := fmt.Sprint("user-", b.N)
	for _, c := range []struct {
		name string
		op   func() context.Context
	}{
		{"emptyStruct", func() context.Context { return withCtxUser(root, user) }},
		{"pointer", func() context.Context { return context.WithValue(root, user, user) }},
		{"stringKey", func() context.Context { return context.WithValue(root, textKey(name), user) }},
		{"stringKeyAndValue", func() context.Context { return context.WithValue(root, textKey(name), name) }},
	} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.op()
			}
		})
	}
	b.Run("of=lookup", func(b *testing.B) {
		ctx := ctxNested(withCtxUser(root, user), 20)
		b.ReportAllocs()
		for b.Loop() {
			_, _ = ctxUserFrom(ctx)
		}
	})
}

// A walk: each WithValue is a node that holds one pair and its parent, and
// Value compares key after key until one is equal or the root is reached. So a
// lookup is linear in the number of contexts between, the last value set is the
// cheapest, and a key that is not there costs the whole way. A call of Err
// takes the same way down to the context that can be cancelled. A few values
// are fine; for many, store one struct.
//
//claim:ask How does Context.Value find a value, and what does it cost with depth?
//claim:expect ns/op of=lookup,depth=512 > 20x of=lookup,depth=8
//claim:expect ns/op of=missing grows depth^1
//claim:expect ns/op of=err,depth=512 > 10x of=err,depth=8
//claim:source context/context.go
func BenchmarkContextValueDepth(b *testing.B) {
	user := &ctxUser{"ann"}
	type absentKey struct{}
	parent, cancel := context.WithCancel(b.Context())
	defer cancel()
	for _, depth := range []int{8, 64, 512} {
		ctx := ctxNested(withCtxUser(parent, user), depth)
		b.Run(fmt.Sprintf("of=lookup/depth=%d", depth), func(b *testing.B) {
			for b.Loop() {
				_, _ = ctxUserFrom(ctx)
			}
		})
		b.Run(fmt.Sprintf("of=err/depth=%d", depth), func(b *testing.B) {
			for b.Loop() {
				_ = ctx.Err()
			}
		})
		flat := ctxNested(context.Background(), depth)
		b.Run(fmt.Sprintf("of=missing/depth=%d", depth), func(b *testing.B) {
			for b.Loop() {
				_ = flat.Value(absentKey{})
			}
		})
	}
}

func TestContextValueDepth(t *testing.T) {
	ctx := ctxNested(withCtxUser(t.Context(), &ctxUser{"ann"}), 512)
	user, ok := ctxUserFrom(ctx)
	require.True(t, ok)
	require.Equal(t, "ann", user.name)
	require.Equal(t, 0, ctx.Value(ctxNumberKey(0)))
	require.Equal(t, 511, ctx.Value(ctxNumberKey(511)))
	require.Nil(t, ctx.Value(ctxNumberKey(512)))
}

// The inner one hides the outer one for that context and what is derived from
// it; the outer context is as before. WithValue never changes a context, it
// puts a new one in front, so a callee cannot set a value that its caller sees.
// There is no way to remove a key: hide it with another value, such as nil,
// which looks like a key that is not there.
//
//claim:ask What happens if the same context key is set twice, and can a callee change a value for its caller?
//claim:source https://pkg.go.dev/context#WithValue
func TestContextValueShadowing(t *testing.T) {
	outer := withCtxUser(t.Context(), &ctxUser{"ann"})
	callee := func(ctx context.Context) context.Context { return withCtxUser(ctx, &ctxUser{"bob"}) }
	inner := callee(outer)
	user, _ := ctxUserFrom(inner)
	assert.Equal(t, "bob", user.name)
	user, _ = ctxUserFrom(outer)
	assert.Equal(t, "ann", user.name)

	hidden := context.WithValue(outer, ctxUserKey{}, nil)
	_, ok := ctxUserFrom(hidden)
	assert.False(t, ok)
	assert.Nil(t, hidden.Value(ctxUserKey{}))
}

// A parameter that travels in a context is a parameter that the compiler does
// not check. The signature hides that the function needs it, a caller who
// forgets it gets the zero value at run time, and a wrong type is as silent.
// Configuration, dependencies and optional parameters belong into parameters or
// fields. A rule of thumb: leaving the value out may change what is logged, not
// what is computed.
//
//claim:ask Why not pass optional parameters or dependencies in a context?
//claim:source https://pkg.go.dev/context#WithValue
func TestContextValueAsParameter(t *testing.T) {
	items := []string{"a", "b"}
	ctx := context.WithValue(t.Context(), ctxLimitKey{}, 10)
	assert.False(t, ctxTooMany(ctx, items))
	assert.True(t, ctxTooMany(t.Context(), items), "it compiles, and the limit is 0")
	ctx = context.WithValue(t.Context(), ctxLimitKey{}, int64(10))
	assert.True(t, ctxTooMany(ctx, items), "it compiles, and the limit is 0")
}

// No. A context is printed as the chain of functions that made it, and of a key
// and a value it shows the type, unless it is a string or has a String method.
// So a struct with a password stays out of the log, while a token stored as a
// string is printed in full. The verbs with a flag, such as %+v, make no
// difference; %#v prints the fields and with them what they hold.
//
//claim:ask Does logging a context print the values in it?
//claim:source context/context.go
func TestContextValuePrinted(t *testing.T) {
	secret := struct{ password string }{"hunter2"}
	ctx := context.WithValue(context.Background(), ctxUserKey{}, secret)
	assert.Equal(t, "context.Background.WithValue(concurrency.ctxUserKey, struct { password string })", fmt.Sprint(ctx))
	assert.NotContains(t, fmt.Sprintf("%v %+v %s", ctx, ctx, ctx), "hunter2")
	assert.Contains(t, fmt.Sprintf("%#v", ctx), "hunter2")

	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), ctxUserKey{}, "token-1"))
	defer cancel()
	assert.Equal(t, "context.Background.WithValue(concurrency.ctxUserKey, token-1).WithCancel", fmt.Sprint(ctx))
}

// Nothing special: a value context passes Done, Err and Deadline on to its
// parent, shares its channel, and is not in anybody's map of children. A child
// below it is registered with the nearest ancestor that can be cancelled, found
// by a look-up of a private key, so no goroutine is started however many values
// lie between. Cause passes through in the same way.
//
//claim:ask How does cancellation pass through contexts made by WithValue?
//claim:source context/context.go
func TestContextValueTransparent(t *testing.T) {
	full := errors.New("disk full")
	parent, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	before := ctxWatchers()
	child, cancelChild := context.WithCancel(ctxNested(parent, 20))
	defer cancelChild()
	assert.Equal(t, before, ctxWatchers())
	cancel(full)
	assert.ErrorIs(t, child.Err(), context.Canceled, "at once")
	assert.Equal(t, full, context.Cause(child))
	assert.Equal(t, full, context.Cause(ctxNested(parent, 20)))
}

// WithValue panics: nil key for a nil key, key is not comparable for a type
// such as a slice, a map or a function. The check is on the type. A struct with
// an interface field passes it, even if the interface holds a slice, and the
// panic comes later, from the comparison in Value.
//
//claim:ask Which context keys make WithValue panic?
//claim:source context/context.go
func TestContextValueBadKey(t *testing.T) {
	ctx := t.Context()
	withKey := func(key any) func() { return func() { _ = context.WithValue(ctx, key, 1) } }
	assert.PanicsWithValue(t, "nil key", withKey(nil))
	assert.PanicsWithValue(t, "key is not comparable", withKey([]string{"user"}))
	assert.PanicsWithValue(t, "key is not comparable", withKey(func() {}))

	type looseKey struct{ part any }
	var late context.Context
	assert.NotPanics(t, func() { late = context.WithValue(ctx, looseKey{[]int{1}}, 1) })
	assert.PanicsWithError(t, "runtime error: comparing uncomparable type []int", func() { late.Value(looseKey{[]int{1}}) })
}

// One struct in one value, set once by the first layer, is better than many
// values: one node to allocate and to walk, and one place where its fields are
// declared. The struct must not be changed after it was put there, because
// every goroutine of the request reads it without a lock. For a value that
// changes, such as a counter, store a pointer to something with its own
// synchronisation.
//
//claim:ask You need ten request-scoped values in a context. How do you store them?
//claim:source https://pkg.go.dev/context#Context
func TestContextValueStruct(t *testing.T) {
	request := &ctxRequest{"t-1", "acme", "de"}
	ctx := context.WithValue(context.Background(), ctxRequestKey{}, request)
	got, ok := ctx.Value(ctxRequestKey{}).(*ctxRequest)
	require.True(t, ok)
	assert.Equal(t, "acme", got.tenant)

	type queriesKey struct{}
	var mu sync.Mutex
	queries := new(int)
	ctx = context.WithValue(ctx, queriesKey{}, queries)
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			*ctx.Value(queriesKey{}).(*int)++
		})
	}
	group.Wait()
	assert.Equal(t, 10, *queries)

	proof.WantAllocs(t, 1, func() { _ = context.WithValue(context.Background(), ctxRequestKey{}, request) })
	proof.WantAllocs(t, 10, func() { _ = ctxNested(context.Background(), 10) })
}
