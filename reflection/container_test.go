package reflection

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type (
	containerConfig struct{ DSN string }
	containerStore  interface{ Get(string) string }
	containerDB     struct{ dsn string }
	containerServer struct {
		store  containerStore
		config *containerConfig
	}
)

func (d *containerDB) Get(key string) string { return d.dsn + "/" + key }

func newContainerConfig() *containerConfig { return &containerConfig{"mem"} }
func newContainerStore(c *containerConfig) (containerStore, error) {
	if c.DSN == "" {
		return nil, errors.New("empty DSN")
	}
	return &containerDB{c.DSN}, nil
}
func newContainerServer(s containerStore, c *containerConfig) *containerServer {
	return &containerServer{s, c}
}

// The types of the parameters of a constructor say what it needs: reflect.Type.Ins lists
// them, a map from the result type to the constructor finds who makes them, and Value.Call
// calls it with what the same function built before. That recursion, with a memory for what
// was built and a chain for cycles, is all of a container. A main function that calls
// the constructors one after the other does the same, in as many lines, and the compiler
// checks it. A container pays off where hundreds of constructors change weekly.
//
//claim:ask How does a dependency-injection container work, and do you need one in Go?
//claim:source https://pkg.go.dev/reflect#Value.Call
//claim:source https://pkg.go.dev/reflect#Type
func TestContainer(t *testing.T) {
	calls := 0
	var c Container
	require.NoError(t, c.Provide(newContainerServer, newContainerStore, func() *containerConfig {
		calls++
		return newContainerConfig()
	}))
	require.NoError(t, c.Check())
	assert.Zero(t, calls, "nothing is built before it is needed")

	server, err := Resolve[*containerServer](&c)
	require.NoError(t, err)
	assert.Equal(t, "mem/k", server.store.Get("k"))
	config, err := Resolve[*containerConfig](&c)
	require.NoError(t, err)
	assert.Same(t, config, server.config)
	assert.Equal(t, 1, calls, "one value per type")

	// By hand: the compiler checks types, order and completeness.
	byHand := newContainerConfig()
	store, err := newContainerStore(byHand)
	require.NoError(t, err)
	assert.Equal(t, server, newContainerServer(store, byHand))
}

// A missing constructor, one given twice, and a cycle are errors of compilation
// in a main function written by hand. With a container they are errors at run
// time, at the first call that needs the value: perhaps long after the start.
// So a container needs a check of the whole graph that calls nothing, and a
// test that runs it.
//
//claim:ask Which errors does a dependency-injection container move from compile time to run time?
//claim:source https://pkg.go.dev/errors#Join
func TestContainerCheck(t *testing.T) {
	type a struct{}
	type b struct{}
	type missing struct{}
	var c Container
	require.NoError(t, c.Provide(
		func(b) a { panic("never called") },
		func(a) b { panic("never called") },
		func(missing) int { return 1 },
		func(int) string { return "" },
	))
	err := c.Check()
	require.Error(t, err)
	assert.Equal(t, []string{
		"nothing provides reflection.missing: int needs reflection.missing",
		"a cycle: reflection.a needs reflection.b needs reflection.a",
	}, strings.Split(err.Error(), "\n"))

	_, err = Resolve[a](&c)
	assert.EqualError(t, err, "reflection.Container.Invoke: a cycle: reflection.a needs reflection.b needs reflection.a")
	_, err = Resolve[string](&c)
	assert.EqualError(t, err, "reflection.Container.Invoke: nothing provides reflection.missing: string needs int needs reflection.missing")
	_, err = Resolve[*containerDB](&c)
	assert.ErrorContains(t, err, "nothing provides *reflection.containerDB")
}

// An interface is provided by a constructor whose result type is that
// interface. A container that looks for any type that implements the interface
// has to choose when there are two of them, and a new type elsewhere in the
// program could change the choice. So containers ask for the identical type,
// and a one-line constructor says which implementation is meant.
//
//claim:ask How does a container know which implementation of an interface to use?
//claim:source https://pkg.go.dev/reflect#Type
func TestContainerInterface(t *testing.T) {
	var c Container
	require.NoError(t, c.Provide(newContainerConfig, func(c *containerConfig) *containerDB { return &containerDB{c.DSN} }))
	_, err := Resolve[containerStore](&c)
	assert.ErrorContains(t, err, "nothing provides reflection.containerStore")
	require.NoError(t, c.Provide(func(d *containerDB) containerStore { return d }))
	store, err := Resolve[containerStore](&c)
	require.NoError(t, err)
	assert.Equal(t, "mem/x", store.Get("x"))
}

func TestContainerErrors(t *testing.T) {
	var c Container
	var nilFunc func() int
	for constructor, want := range map[any]string{
		3:                     "argument 1: int, want a function",
		"x":                   "argument 1: string, want a function",
		&nilFunc:              "argument 1: *func() int, want a function",
		containerKey(nilFunc): "argument 1: nil func() int, want a function",
		containerKey(func(...int) int { return 1 }):         "argument 1: func(...int) int is variadic, want a fixed number of parameters",
		containerKey(func(int) {}):                          "argument 1: func(int), want the results T or (T, error)",
		containerKey(func() error { return nil }):           "argument 1: func() error, want the results T or (T, error)",
		containerKey(func() (int, string) { return 1, "" }): "argument 1: func() (int, string), want the results T or (T, error)",
	} {
		if f, ok := constructor.(*containerBox); ok {
			constructor = f.value
		}
		assert.EqualError(t, c.Provide(constructor), "reflection.Container.Provide: "+want)
	}
	assert.EqualError(t, c.Provide(nil), "reflection.Container.Provide: argument 1: nil, want a function")
	require.NoError(t, c.Provide(newContainerConfig))
	assert.EqualError(t, c.Provide(newContainerStore, newContainerConfig), "reflection.Container.Provide: "+
		"argument 2: *reflection.containerConfig is provided by func() *reflection.containerConfig already")
	assert.NoError(t, c.Check(), "the first argument was added")

	assert.EqualError(t, c.Invoke(1), "reflection.Container.Invoke: int, want a function")
	assert.EqualError(t, c.Invoke(func() int { return 1 }), "reflection.Container.Invoke: func() int, want no result or an error")
	failed := errors.New("failed")
	assert.Equal(t, failed, c.Invoke(func() error { return failed }))
	assert.NoError(t, c.Invoke(func(*containerConfig) error { return nil }))
	assert.NoError(t, new(Container).Check())
}

// containerBox makes a function usable as a key of a map.
type containerBox struct{ value any }

func containerKey(f any) *containerBox { return &containerBox{f} }

// The error of a constructor comes back with the chain of types that led to it,
// wrapped with %w, so that errors.Is and errors.As find the cause. A failed
// constructor left nothing behind and is tried again at the next call.
//
//claim:ask What should a container do when a constructor fails?
//claim:source https://pkg.go.dev/fmt#Errorf
func TestContainerConstructorFails(t *testing.T) {
	down := errors.New("down")
	fail := true
	var c Container
	require.NoError(t, c.Provide(newContainerConfig, newContainerServer, func() (containerStore, error) {
		if fail {
			return nil, fmt.Errorf("connect: %w", down)
		}
		return &containerDB{}, nil
	}))
	_, err := Resolve[*containerServer](&c)
	require.ErrorIs(t, err, down)
	assert.EqualError(t, err, "reflection.Container.Invoke: *reflection.containerServer needs reflection.containerStore: connect: down")
	fail = false
	_, err = Resolve[*containerServer](&c)
	assert.NoError(t, err)
}

func TestContainerConcurrent(t *testing.T) {
	calls := 0
	var c Container
	require.NoError(t, c.Provide(func() int { calls++; return calls }, func(i int) string { return fmt.Sprint(i) }))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			s, err := Resolve[string](&c)
			assert.NoError(t, err)
			assert.Equal(t, "1", s)
			// The function of Invoke may use the container.
			assert.NoError(t, c.Invoke(func(string) error { return c.Check() }))
		})
	}
	wg.Wait()
}

// Calling three constructors takes far less time than asking a container for
// the result, and wiring happens once per process, so that neither matters for
// speed. What matters is what the compiler no longer checks, see
// ContainerCheck. If a container is asked for values in each request, the cost
// does matter: resolve at the start and pass what you got.
//
//claim:ask What does it cost to build values by a container instead of by calls of the constructors?
//claim:source https://pkg.go.dev/reflect#Value.Call
//claim:expect ns/op of=container > 10x of=calls
func BenchmarkContainerCost(b *testing.B) {
	b.Run("of=calls", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			config := newContainerConfig()
			store, err := newContainerStore(config)
			if err != nil {
				b.Fatal(err)
			}
			containerBuilt = newContainerServer(store, config)
		}
	})
	b.Run("of=container", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var c Container
			if err := c.Provide(newContainerServer, newContainerStore, newContainerConfig); err != nil {
				b.Fatal(err)
			}
			server, err := Resolve[*containerServer](&c)
			if err != nil {
				b.Fatal(err)
			}
			containerBuilt = server
		}
	})
}

// containerBuilt keeps the compiler from leaving out what BenchmarkContainerCost builds.
var containerBuilt *containerServer
