package errors

import (
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// The whole program ends with exit code 2. The deferred recover of main is not
// even called: a panic runs the deferred calls of its own goroutine and then
// crashes the process, without those of main or of any other goroutine. The
// recover has to be deferred in the goroutine that panics, in its first
// function. The trace names the function that started it behind "created by".
//
//claim:ask main defers a recover and starts a goroutine that panics. What happens?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestGopanicMain(t *testing.T) {
	end := exitpathsRun(t, "goroutine")
	require.Equal(t, 2, end.code)
	require.Equal(t, "deferred: worker\n", end.stdout, "nothing of main and of the bystander")
	require.Contains(t, end.stderr, "panic: in worker\n")
	require.Contains(t, end.stderr, "main.worker()\n")
	require.Contains(t, end.stderr, "created by main.main in goroutine 1\n")

	cured := exitpathsRun(t, "goroutineCured")
	require.Zero(t, cured.code)
	require.Equal(t, "deferred: worker\nrecovered: in worker\nmain goes on\ndeferred: main\n", cured.stdout)
}

// WaitGroup.Go, time.AfterFunc and context.AfterFunc run the function in a
// goroutine of its own, so its panic cannot be recovered by the caller and ends
// the program. WaitGroup.Go does not release Wait first: since its deferred
// Done would let main go on and exit before the crash is reported, it keeps the
// count and panics again. So a callback for a timer or a signal begins with its
// own deferred recover, if it runs code that you do not trust.
//
//claim:ask Does WaitGroup.Go, time.AfterFunc or context.AfterFunc protect the program from a panic of the function?
//claim:source https://pkg.go.dev/sync#WaitGroup.Go
//claim:source https://pkg.go.dev/time#AfterFunc
func TestGopanicLibrary(t *testing.T) {
	for _, way := range []string{"waitGroup", "afterFunc", "contextAfterFunc"} {
		end := exitpathsRun(t, way)
		require.Equal(t, 2, end.code, way)
		require.Contains(t, end.stderr, "panic: in worker", way)
		require.Equal(t, "deferred: worker\n", end.stdout, "%s: neither main nor the code after Wait", way)
	}
}

// A callback that runs on the goroutine of its caller panics through the
// function that called it, and the caller's recover works: sort and map
// functions, sync.Once, iterators, and also iter.Pull, although it switches
// between two stacks. The panic of the sequence comes out of next or stop.
// sync.OnceFunc remembers the panic and raises it again in every later call; a
// sync.Once counts as done. What starts a goroutine says so in its
// documentation.
//
//claim:ask I pass a callback to the standard library and it panics. Where does the panic come out?
//claim:source https://pkg.go.dev/iter#Pull
//claim:source https://pkg.go.dev/sync#OnceFunc
func TestGopanicCallback(t *testing.T) {
	fail := func() { panic("callback") }
	for name, f := range map[string]func(){
		"slices.IndexFunc": func() { _ = slices.IndexFunc([]int{1}, func(int) bool { fail(); return true }) },
		"strings.Map":      func() { _ = strings.Map(func(r rune) rune { fail(); return r }, "a") },
		"sync.Once":        func() { new(sync.Once).Do(fail) },
		"iterator": func() {
			for range func(yield func(int) bool) { fail() } {
			}
		},
		"iter.Pull": func() {
			next, stop := iter.Pull(func(yield func(int) bool) { fail() })
			defer stop()
			next()
		},
		"iter.Pull, stop": func() {
			next, stop := iter.Pull(func(yield func(int) bool) {
				defer fail()
				yield(1)
			})
			next()
			stop()
		},
	} {
		require.Equal(t, "callback", panicvalueOf(f), name)
	}

	calls := 0
	load := sync.OnceFunc(func() { calls++; fail() })
	require.Equal(t, "callback", panicvalueOf(load))
	require.Equal(t, "callback", panicvalueOf(load), "again")
	require.Equal(t, 1, calls)

	var once sync.Once
	require.Equal(t, "callback", panicvalueOf(func() { once.Do(fail) }))
	require.Nil(t, panicvalueOf(func() { once.Do(fail) }), "done: the second call does nothing")
}
