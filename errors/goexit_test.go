package errors

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// goexitWait runs f in a goroutine of its own and waits for its end.
func goexitWait(f func()) {
	done := make(chan bool)
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// Goexit ends the goroutine after running its deferred calls. It is no panic:
// recover returns nil and does not stop it, nothing after the call runs in any
// function of the goroutine, and no result is returned. The other goroutines go
// on. t.FailNow, t.Fatal and t.Skip are made of it, which is why require must
// be called on the goroutine of the test.
//
//claim:ask What does runtime.Goexit do with deferred calls and with recover?
//claim:source https://pkg.go.dev/runtime#Goexit
func TestGoexitDefers(t *testing.T) {
	var order []string
	var recovered any = "unset"
	goexitWait(func() {
		defer func() { order = append(order, "outer defer") }()
		func() {
			defer func() { recovered = recover(); order = append(order, "inner defer") }()
			runtime.Goexit()
		}()
		order = append(order, "after the inner function")
	})
	require.Nil(t, recovered)
	require.Equal(t, []string{"inner defer", "outer defer"}, order)
}

// Set a flag as the last statement of the body. In the deferred function a set
// flag means a return, a non-nil recover a panic, and neither of both Goexit,
// or panic(nil) under GODEBUG=panicnil=1. Without the flag a Goexit, as in
// t.FailNow, looks like an ordinary end, so a waiting caller gets a zero result
// with a nil error. Every helper that runs foreign functions in goroutines
// needs this.
//
//claim:ask How can a deferred function tell a return from a panic and from runtime.Goexit?
//claim:source https://pkg.go.dev/runtime#Goexit
func TestGoexitDistinguish(t *testing.T) {
	how := func(f func()) (kind string) {
		goexitWait(func() {
			returned := false
			defer func() {
				switch r := recover(); {
				case returned:
					kind = "return"
				case r != nil:
					kind = "panic"
				default:
					kind = "Goexit"
				}
			}()
			f()
			returned = true
		})
		return kind
	}
	require.Equal(t, "return", how(func() {}))
	require.Equal(t, "panic", how(func() { panic("p") }))
	require.Equal(t, "panic", how(func() { panic(nil) }))
	require.Equal(t, "Goexit", how(runtime.Goexit))
}

// It aborts the panic: the remaining deferred calls run, recover in them
// returns nil, and the program does not crash. The goroutine just ends. So a
// t.FailNow, or a require, in a deferred function hides the panic that it runs
// under: the test fails, and the report says nothing about the panic. The other
// way round, a panic in a deferred call during Goexit is an ordinary panic. If
// it is recovered, the goroutine still exits.
//
//claim:ask What happens to a panic if a deferred function calls runtime.Goexit, or t.FailNow?
//claim:source runtime/panic.go
//claim:source https://go.dev/issue/29207
//claim:source https://go.dev/doc/go1.14#runtime
func TestGoexitAbortsPanic(t *testing.T) {
	var later any = "unset"
	goexitWait(func() {
		defer func() { later = recover() }()
		defer runtime.Goexit()
		panic("lost")
	})
	require.Nil(t, later)

	var recovered any
	continued := false
	goexitWait(func() {
		func() {
			defer func() { recovered = recover() }()
			defer func() { panic("in a defer of Goexit") }()
			runtime.Goexit()
		}()
		continued = true
	})
	require.Equal(t, "in a defer of Goexit", recovered)
	require.False(t, continued, "the exit goes on")
}

// The deferred calls of main run, the other goroutines go on, and the program
// lives as long as they do. It cannot end with exit code 0 by itself any more:
// when the last goroutine is gone or blocked, there is the fatal error "no
// goroutines (main called runtime.Goexit) - deadlock!". Only os.Exit in another
// goroutine ends it properly.
//
//claim:ask May main call runtime.Goexit to wait for the other goroutines?
//claim:source https://pkg.go.dev/runtime#Goexit
func TestGoexitMain(t *testing.T) {
	end := exitpathsRun(t, "goexit")
	require.Equal(t, "deferred: main\n", end.stdout)
	require.Contains(t, end.stderr, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!")
	require.Equal(t, 2, end.code)
	served := exitpathsRun(t, "goexitServe")
	require.Equal(t, 0, served.code)
	require.Contains(t, served.stdout, "served\n")
}

// Each of them ends the wait, because Unlock and Done are deferred and so run
// at Goexit. A Done or Unlock at the end of the body would be skipped, as by a
// panic, and the others would wait for ever. A sync.Once counts its function as
// done after a Goexit, too: later calls return at once, with whatever it had
// not set.
//
//claim:ask A worker calls t.FailNow or runtime.Goexit. Do waiting goroutines hang?
//claim:source sync/once.go
func TestGoexitSync(t *testing.T) {
	var wg sync.WaitGroup
	wg.Go(runtime.Goexit) // Go defers Done
	wg.Wait()

	var mu sync.Mutex
	goexitWait(func() {
		mu.Lock()
		defer mu.Unlock()
		runtime.Goexit()
	})
	require.True(t, mu.TryLock())
	mu.Unlock()

	goexitWait(func() {
		mu.Lock()
		runtime.Goexit()
		mu.Unlock()
	})
	require.False(t, mu.TryLock(), "locked by a goroutine that is gone")

	var once sync.Once
	value := 0
	goexitWait(func() { once.Do(func() { runtime.Goexit(); value = 1 }) })
	once.Do(func() { value = 2 })
	require.Zero(t, value)
}
