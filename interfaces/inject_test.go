package interfaces

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// injectFixedClock is moved by hand.
type injectFixedClock struct{ now time.Time }

func (c *injectFixedClock) Now() time.Time { return c.now }

// Write a constructor whose parameters are the dependencies, as interfaces that list what
// the service calls, and keep them in unexported fields. Production passes the clock of the
// system and a database, a test a fake clock and a map, and the service does not know the
// difference. The compiler finds a dependency that was forgotten; a nil one is found by a
// check in the constructor. Optional settings follow as a struct or functional options. A
// container is not needed.
//
//claim:ask How do I pass different implementations of its dependencies into a service?
//claim:source https://go.dev/wiki/CodeReviewComments#interfaces
func TestInjectConstructor(t *testing.T) {
	clock := &injectFixedClock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	sessions, err := newInjectSessions(clock, injectMemory{}, time.Hour)
	require.NoError(t, err)
	require.NoError(t, sessions.Start("a"))
	require.False(t, sessions.Valid("b"))
	clock.now = clock.now.Add(time.Hour - 1)
	require.True(t, sessions.Valid("a"))
	clock.now = clock.now.Add(1)
	require.False(t, sessions.Valid("a"), "to the nanosecond")

	for _, wrong := range []struct {
		clock injectClock
		store injectStore
		ttl   time.Duration
		want  string
	}{
		{nil, injectMemory{}, 1, "no clock"},
		{clock, nil, 1, "no store"},
		{clock, injectMemory{}, 0, "ttl is 0s"},
	} {
		_, err := newInjectSessions(wrong.clock, wrong.store, wrong.ttl)
		require.ErrorContains(t, err, wrong.want)
	}
	require.Contains(t, consumerErrors(consumerSources{"main": `type clock interface{ Now() int }
		func New(c clock, ttl int) int { return 0 }
		var _ = New(5)`})[0], "not enough arguments")
}

// Since Go 1.25 a testing/synctest bubble gives time.Now, timers and Sleep a fake clock, so
// code under test needs no clock interface for that. It covers what a Now method does not:
// tickers, timeouts, contexts. A clock that is passed in remains right if time is an input:
// a report for last month, a time zone, replaying a log, or code that runs outside of tests
// with another time. A bubble always starts at midnight UTC of 1 January 2000, and its time
// moves on only when all its goroutines wait.
//
//claim:ask Do I still need a clock interface to test code that depends on time?
//claim:source https://pkg.go.dev/testing/synctest
func TestInjectClockOrSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		require.Equal(t, "2000-01-01T00:00:00Z", time.Now().UTC().Format(time.RFC3339Nano))
		sessions, err := newInjectSessions(injectSystemClock{}, injectMemory{}, time.Hour)
		require.NoError(t, err)
		require.NoError(t, sessions.Start("a"))
		time.Sleep(time.Hour - 1)
		require.True(t, sessions.Valid("a"))
		time.Sleep(time.Nanosecond)
		require.False(t, sessions.Valid("a"))
	})
	past := &injectFixedClock{time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)}
	sessions, err := newInjectSessions(past, injectMemory{}, time.Hour)
	require.NoError(t, err)
	require.NoError(t, sessions.Start("a"))
	require.True(t, sessions.Valid("a"), "another year, without a bubble")
}

// A nil pointer in an interface is not a nil interface, so the check clock == nil in a
// constructor lets it through, and the first call panics far from the cause. It comes from
// code such as var c *Clock; if fake { c = … }; New(c). Declare the variable with the
// interface type, then it is nil until something is assigned. Checking with reflection is
// not the cure: a nil pointer can be a valid implementation.
//
//claim:ask My constructor checks its dependency for nil, and still a method call panics with a nil pointer. How?
//claim:source https://go.dev/doc/faq#nil_error
func TestInjectTypedNil(t *testing.T) {
	var forgotten *injectFixedClock
	sessions, err := newInjectSessions(forgotten, injectMemory{}, time.Hour)
	require.NoError(t, err, "the check sees an interface that is not nil")
	require.Panics(t, func() { _ = sessions.Start("a") })

	var declared injectClock
	_, err = newInjectSessions(declared, injectMemory{}, time.Hour)
	require.EqualError(t, err, "sessions: no clock")
}

// The parts are wired in main, from the leaves up: open the database, build the store, the
// service, the server, each with a plain constructor call. The order of the calls is the
// graph of dependencies, and a cycle does not compile as an order. Close in reverse order,
// and if a constructor fails, close what is open already. Errors of closing are joined, so
// that one does not stop the others.
//
//claim:ask How do I wire and shut down the parts of a program without a DI framework?
//claim:source https://pkg.go.dev/errors#Join
func TestInjectWiring(t *testing.T) {
	var log []string
	part := func(name string, openErr, closeErr error) func() (func() error, error) {
		return func() (func() error, error) {
			if openErr != nil {
				return nil, openErr
			}
			log = append(log, "open "+name)
			return func() error { log = append(log, "close "+name); return closeErr }, nil
		}
	}
	var app injectApp
	stuck := errors.New("stuck")
	require.NoError(t, app.start(part("db", nil, nil), part("cache", nil, stuck), part("server", nil, nil)))
	require.ErrorIs(t, app.close(), stuck)
	require.Equal(t, "open db, open cache, open server, close server, close cache, close db", strings.Join(log, ", "))
	require.NoError(t, app.close(), "a second close does nothing")

	log = nil
	inUse := errors.New("port in use")
	require.ErrorIs(t, app.start(part("db", nil, nil), part("server", inUse, nil), part("never", nil, nil)), inUse)
	require.Equal(t, []string{"open db", "close db"}, log)
}

// injectContainer is a DI container by reflection: constructors by result type.
type injectContainer map[reflect.Type]reflect.Value

func (c injectContainer) provide(constructor any) {
	f := reflect.ValueOf(constructor)
	c[f.Type().Out(0)] = f
}

func (c injectContainer) get(want reflect.Type) (reflect.Value, error) {
	constructor, ok := c[want]
	if !ok {
		return reflect.Value{}, fmt.Errorf("nobody provides %v", want)
	}
	var arguments []reflect.Value
	for i := range constructor.Type().NumIn() {
		argument, err := c.get(constructor.Type().In(i))
		if err != nil {
			return reflect.Value{}, fmt.Errorf("%w for %v", err, want)
		}
		arguments = append(arguments, argument)
	}
	return constructor.Call(arguments)[0], nil
}

// A container finds the constructors by the types of their results and calls them in the
// right order. What it gives up is the compiler: a missing provider is an error at run
// time, when the type is first asked for, where a forgotten argument of a constructor call
// does not compile. It also matches types exactly: a provider of *T does not serve a
// parameter of interface type unless the container is told. For a few dozen parts, the
// calls written by hand are short and can be searched.
//
//claim:ask What does a dependency injection container give me in Go, and what does it cost?
//claim:source https://pkg.go.dev/reflect#Value.Call
func TestInjectContainer(t *testing.T) {
	type service struct{ clock injectClock }
	c := make(injectContainer)
	c.provide(func(clock injectClock) *service { return &service{clock} })
	_, err := c.get(reflect.TypeFor[*service]())
	require.EqualError(t, err, "nobody provides interfaces.injectClock for *interfaces.service")
	c.provide(func() *injectFixedClock { return &injectFixedClock{} })
	_, err = c.get(reflect.TypeFor[*service]())
	require.Error(t, err, "the concrete type is another key")
	c.provide(func(clock *injectFixedClock) injectClock { return clock })
	built, err := c.get(reflect.TypeFor[*service]())
	require.NoError(t, err)
	require.IsType(t, &injectFixedClock{}, built.Interface().(*service).clock)
}

// injectNow is the variable that tests like to replace.
var injectNow = func() int { return 1 }

type injectReport struct{ now func() int }

func (r injectReport) global() int   { return injectNow() }
func (r injectReport) injected() int { return r.now() }

// One package variable serves the whole process. Two objects cannot have two clocks, tests
// that set it must not run in parallel, and one that forgets to restore it changes the
// next. A field that is set by the constructor has none of these problems and costs one
// parameter. If you replace a variable, restore it with t.Cleanup, and do not call
// t.Parallel.
//
//claim:ask What is wrong with var now = time.Now that tests replace?
//claim:source https://pkg.go.dev/testing#T.Parallel
func TestInjectPackageVariable(t *testing.T) {
	morning := injectReport{now: func() int { return 8 }}
	evening := injectReport{now: func() int { return 20 }}
	require.Equal(t, []int{8, 20}, []int{morning.injected(), evening.injected()})

	t.Run("replaces", func(t *testing.T) {
		old := injectNow
		t.Cleanup(func() { injectNow = old })
		injectNow = func() int { return 8 }
		require.Equal(t, []int{8, 8}, []int{morning.global(), evening.global()}, "both, or neither")
	})
	require.Equal(t, 1, morning.global(), "restored")
}

// For one method, a function is the smallest dependency: the caller passes a method value
// such as store.Load, a closure or a plain function, and a test needs no type for its fake.
// An interface is better when two or more methods belong together, when the value should be
// comparable, printable or show optional methods, or when implementations are looked up by
// name. Functions compare only with nil. A named function type with a method turns one into
// the other.
//
//claim:ask Should a dependency with one method be an interface or a function?
//claim:source https://go.dev/ref/spec#Comparison_operators
//claim:source https://pkg.go.dev/net/http#HandlerFunc
func TestInjectFunction(t *testing.T) {
	expired := func(load func(string) (time.Time, bool), id string, now time.Time) bool {
		until, ok := load(id)
		return !ok || !now.Before(until)
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	store := injectMemory{"a": now.Add(time.Hour)}
	require.False(t, expired(store.Load, "a", now), "a method value")
	require.True(t, expired(func(string) (time.Time, bool) { return now, true }, "a", now), "a fake without a type")

	require.False(t, reflect.TypeOf(store.Load).Comparable())
	require.True(t, reflect.TypeFor[*injectFixedClock]().Comparable())
	listeners := []injectClock{&injectFixedClock{}, &injectFixedClock{}}
	require.Equal(t, 1, slices.Index(listeners, listeners[1]), "can be found again, to remove it")
	require.NotEmpty(t, consumerErrors(consumerSources{"main": `var f, g func()
		var same = f == g`}))
}

// The package with the rules of the business declares the interfaces it needs, the ports,
// and imports no database and no HTTP. The packages around it, the adapters, import it for
// its types and satisfy the interfaces; main imports both and connects them. This is
// dependency inversion: at run time the service calls the database, in the source the
// database package depends on the service's. A second database is a new package and no
// change of the old ones. For a program with one database and few rules the layers are only
// work.
//
//claim:ask What are ports and adapters, or dependency inversion, in Go?
//claim:source https://go.dev/ref/spec#Import_declarations
//claim:source https://go.dev/ref/spec#Implementing_an_interface
func TestInjectPortsAdapters(t *testing.T) {
	sources := consumerSources{
		"orders": `type Order struct{ ID int }
			type Store interface{ Find(id int) (Order, bool) }
			type Service struct{ store Store }
			func New(s Store) *Service { return &Service{s} }`,
		"postgres": `import "orders"
			type Store struct{}
			func (*Store) Find(id int) (orders.Order, bool) { return orders.Order{ID: id}, true }`,
		"main": `import ("orders"; "postgres")
			var service = orders.New(new(postgres.Store))`,
	}
	require.Empty(t, consumerErrors(sources))
	imports := func(name string) (paths []string) {
		pkg, err := sources.Import(name)
		require.NoError(t, err)
		for _, imported := range pkg.Imports() {
			paths = append(paths, imported.Path())
		}
		return paths
	}
	require.Empty(t, imports("orders"), "the centre")
	require.Equal(t, []string{"orders"}, imports("postgres"), "points inward")
	require.ElementsMatch(t, []string{"orders", "postgres"}, imports("main"))
}
