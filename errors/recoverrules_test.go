package errors

import (
	"errors"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// recoverrulesRun calls f, which panics, and reports what f's own recover got and
// whether the panic came out of f.
func recoverrulesRun(f func(got *any)) (got, escaped any) {
	defer func() { escaped = recover() }()
	f(&got)
	return
}

// Recover stops a panic only if a deferred function calls it directly, and that
// function was deferred by the panicking goroutine before the panic. A helper
// may be deferred itself, as a function, method or method value. The same
// helper called by a deferred function gets nil, as does a literal inside it, a
// deferred function that has its own deferred function with recover, an
// ordinary call, an argument as in defer f(recover()), and another goroutine.
// The panic then goes on.
//
//claim:ask Where must recover be called to have an effect? Does it work in a helper function?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestRecoverRules(t *testing.T) {
	for _, c := range []struct {
		name    string
		f       func(got *any)
		catches bool
	}{
		{"deferred literal", func(got *any) {
			defer func() { *got = recover() }()
			panic("p")
		}, true},
		{"deferred helper", func(got *any) {
			defer recoverrulesCatch(got)
			panic("p")
		}, true},
		{"deferred method", func(got *any) {
			defer recoverrulesCatcher{got}.catch()
			panic("p")
		}, true},
		{"deferred method value", func(got *any) {
			catch := recoverrulesCatcher{got}.catch
			defer catch()
			panic("p")
		}, true},
		{"deferred under a condition", func(got *any) {
			if got != nil {
				defer func() { *got = recover() }()
			}
			panic("p")
		}, true},
		{"helper called by the deferred function", func(got *any) {
			defer func() { recoverrulesCatch(got) }()
			panic("p")
		}, false},
		{"method that calls the method", func(got *any) {
			defer recoverrulesCatcher{got}.catchVia()
			panic("p")
		}, false},
		{"literal called by the deferred function", func(got *any) {
			defer func() { func() { *got = recover() }() }()
			panic("p")
		}, false},
		{"deferred by the deferred function", func(got *any) {
			defer func() { defer func() { *got = recover() }() }()
			panic("p")
		}, false},
		{"ordinary call", func(got *any) {
			*got = recover()
			panic("p")
		}, false},
		{"argument of the deferred call", func(got *any) {
			defer func(r any) { *got = r }(recover())
			panic("p")
		}, false},
		{"other goroutine", func(got *any) {
			defer func() {
				var wg sync.WaitGroup
				wg.Go(func() { *got = recover() })
				wg.Wait()
			}()
			panic("p")
		}, false},
	} {
		got, escaped := recoverrulesRun(c.f)
		if c.catches {
			require.Equal(t, "p", got, c.name)
			require.Nil(t, escaped, c.name)
		} else {
			require.Nil(t, got, c.name)
			require.Equal(t, "p", escaped, c.name)
		}
	}
}

// No: defer recover() does not stop a panic. The deferred function is then
// recover itself, and nobody calls recover from within a deferred function.
// Inside one it is different: defer func() { defer recover() }() does stop the
// panic, because recover is then called, at its end, by the deferred literal.
// The value is lost in this form, so write the literal that calls recover and
// looks at the result.
//
//claim:ask Does defer recover() stop a panic?
//claim:source https://go.dev/ref/spec#Handling_panics
//claim:source https://go.dev/issue/20768
func TestRecoverRulesBuiltin(t *testing.T) {
	_, escaped := recoverrulesRun(func(*any) {
		defer recover()
		panic("p")
	})
	require.Equal(t, "p", escaped)

	_, escaped = recoverrulesRun(func(*any) {
		defer func() { defer recover() }()
		panic("p")
	})
	require.Nil(t, escaped)
}

// Yes, for every call that the compiler wraps: a value method called through a
// pointer or an interface, a promoted method, a method expression, a generic
// function, and a function made by reflect.MakeFunc all recover, although a
// generated function may stand between. The runtime knows these wrappers and
// does not count them as a frame. Wrappers that you or a library write do
// count: a function deferred through reflect.Value.Call, or wrapped by
// sync.OnceFunc, recovers nothing.
//
//claim:ask Does recover work in a promoted, generic or interface method that is deferred, where the compiler generates a wrapper?
//claim:source runtime/panic.go
func TestRecoverRulesWrappers(t *testing.T) {
	catches := map[string]func(got *any){
		"pointer method": func(got *any) {
			defer (&recoverrulesCatcher{got}).catchPtr()
			panic("p")
		},
		"value method through a pointer": func(got *any) {
			p := &recoverrulesCatcher{got}
			defer p.catch()
			panic("p")
		},
		"interface": func(got *any) {
			var i recoverrulesInterface = recoverrulesCatcher{got}
			defer i.catch()
			panic("p")
		},
		"interface with a pointer": func(got *any) {
			var i recoverrulesInterface = &recoverrulesCatcher{got}
			defer i.catch()
			panic("p")
		},
		"promoted": func(got *any) {
			defer recoverrulesEmbedding{&recoverrulesCatcher{got}}.catch()
			panic("p")
		},
		"promoted twice, by interfaces": func(got *any) {
			var i recoverrulesInterface = recoverrulesEmbeddingInterface{recoverrulesEmbedding{&recoverrulesCatcher{got}}}
			defer i.catch()
			panic("p")
		},
		"method expression": func(got *any) {
			defer (*recoverrulesCatcher).catch(&recoverrulesCatcher{got})
			panic("p")
		},
		"generic": func(got *any) {
			f := recoverrulesCatchGeneric[string]
			defer f(got, "")
			panic("p")
		},
		"reflect.MakeFunc": func(got *any) {
			catch := func([]reflect.Value) []reflect.Value {
				*got = recover()
				return nil
			}
			defer reflect.MakeFunc(reflect.TypeFor[func()](), catch).Interface().(func())()
			panic("p")
		},
	}
	for name, f := range catches {
		got, escaped := recoverrulesRun(f)
		require.Equal(t, "p", got, name)
		require.Nil(t, escaped, name)
	}
	for name, f := range map[string]func(got *any){
		"reflect.Value.Call": func(got *any) {
			defer reflect.ValueOf(recoverrulesCatch).Call([]reflect.Value{reflect.ValueOf(got)})
			panic("p")
		},
		"sync.OnceFunc": func(got *any) {
			defer sync.OnceFunc(func() { *got = recover() })()
			panic("p")
		},
	} {
		got, escaped := recoverrulesRun(f)
		require.Nil(t, got, name)
		require.Equal(t, "p", escaped, name)
	}
}

// A defer in the body of such a loop belongs to the outer function and recovers
// its panics, those of the loop body and those after the loop. A deferred
// function of the iterator comes first if the body panics, because the iterator
// is on the stack then: an iterator that recovers around yield swallows the
// panic of its caller's loop body. Do not write such an iterator. The runtime
// notices: it panics on its own when the loop ends, since the body was left
// without having returned. A recover that stands in the body of such a loop
// within a deferred function gets nil, since the body is a closure.
//
//claim:ask Can a loop over a function recover, in its body or in the iterator?
//claim:source https://go.dev/ref/spec#For_range
//claim:source https://go.dev/issue/71675
func TestRecoverRulesRangeFunc(t *testing.T) {
	once := func(yield func(int) bool) { yield(1) }
	got, escaped := recoverrulesRun(func(got *any) {
		for range once {
			defer func() { *got = recover() }()
			panic("in the body")
		}
	})
	require.Equal(t, "in the body", got)
	require.Nil(t, escaped)

	got, escaped = recoverrulesRun(func(got *any) {
		for range once {
			defer func() { *got = recover() }()
		}
		panic("after the loop")
	})
	require.Equal(t, "after the loop", got)
	require.Nil(t, escaped)

	got, escaped = recoverrulesRun(func(got *any) {
		defer func() {
			for range once {
				*got = recover()
			}
		}()
		panic("p")
	})
	require.Nil(t, got)
	require.Equal(t, "p", escaped)

	got, escaped = recoverrulesRun(func(got *any) {
		swallows := func(yield func(int) bool) {
			defer func() { *got = recover() }()
			yield(1)
		}
		for range swallows {
			panic("in the body")
		}
	})
	require.Equal(t, "in the body", got)
	require.ErrorContains(t, escaped.(runtime.Error), "range function recovered a loop body panic and did not resume panicking")
}

// It returns the value given to panic, as an any, and nil if there is nothing
// to recover: no panic, the wrong place, or a second call after the first one
// has stopped the panic. Since Go 1.21 a nil result means just that, because
// panic(nil) gives a *runtime.PanicNilError. The type says what happened: a
// runtime.Error comes from the runtime, an error or a string from whoever
// called panic. Test with a type switch, or with errors.As if it may be a
// wrapped error.
//
//claim:ask What does recover return?
//claim:source https://go.dev/ref/spec#Handling_panics
//claim:source https://go.dev/doc/go1.21#language
func TestRecoverRulesResult(t *testing.T) {
	catch := func(f func()) (first, second any) {
		defer func() { first, second = recover(), recover() }()
		f()
		return
	}
	first, second := catch(func() {})
	require.Nil(t, first, "no panic")
	require.Nil(t, second)

	first, second = catch(func() { panic(errRecoverrules) })
	require.Equal(t, errRecoverrules, first, "the same value, not a copy of its text")
	require.Nil(t, second, "stopped by the first call")

	first, _ = catch(func() { panic(nil) })
	require.IsType(t, new(runtime.PanicNilError), first)

	kind := func(f func()) string {
		r, _ := catch(f)
		switch r := r.(type) {
		case nil:
			return "nothing"
		case runtime.Error:
			return "runtime.Error"
		case error:
			if errors.Is(r, errRecoverrules) {
				return "errRecoverrules"
			}
			return "error"
		default:
			return reflect.TypeOf(r).String()
		}
	}
	require.Equal(t, "runtime.Error", kind(func() { _ = []int{}[len(t.Name())] }))
	require.Equal(t, "errRecoverrules", kind(func() { panic(errors.Join(errRecoverrules)) }))
	require.Equal(t, "string", kind(func() { panic("text") }))
	require.Equal(t, "nothing", kind(func() {}))
}

// It continues in the caller of the function that deferred the recovering
// function, as if that function had returned normally. The rest of its body is
// skipped, and every function between it and the panic is unwound: their
// deferred calls run, their results are lost. There is no way back to the point
// of the panic and no way to retry the statement. Deferred calls that were
// registered before run afterwards.
//
//claim:ask Where does the program continue after a successful recover?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestRecoverRulesContinue(t *testing.T) {
	var order []string
	log := func(s string) { order = append(order, s) }
	inner := func() {
		defer log("deferred in inner")
		panic("p")
	}
	middle := func() {
		defer log("deferred in middle")
		inner()
		log("rest of middle")
	}
	outer := func() string {
		defer log("deferred in outer, first")
		defer func() {
			recover()
			log("recovered in outer")
		}()
		middle()
		log("rest of outer")
		return "result"
	}
	require.Empty(t, outer(), "the result has no name and is zero")
	log("caller goes on")
	require.Equal(t, []string{
		"deferred in inner", "deferred in middle", "recovered in outer", "deferred in outer, first", "caller goes on",
	}, order)
}

// A mutex that was locked in the recovered part stays locked unless its Unlock
// was deferred, and the next caller waits for ever. The same holds for every
// invariant: a half-done update, a counter without its second half, a token
// that was not given back. Recover restores the flow of control and no data. So
// code that can run under a recover, such as any HTTP handler, releases with
// defer, and prepares a change completely before it stores it.
//
//claim:ask A handler panics while it holds a mutex, and the panic is recovered. What is the state afterwards?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestRecoverRulesLocked(t *testing.T) {
	var mu sync.Mutex
	from, to := 100, 0
	transfer := func(deferred bool, check func()) {
		defer func() { recover() }()
		mu.Lock()
		if deferred {
			defer mu.Unlock()
		}
		from -= 10
		check()
		to += 10
		if !deferred {
			mu.Unlock()
		}
	}
	transfer(false, func() { panic("limit") })
	require.False(t, mu.TryLock(), "still locked")
	require.Equal(t, 90, from+to, "half done")
	mu.Unlock()

	transfer(true, func() { panic("limit") })
	require.True(t, mu.TryLock())
	mu.Unlock()
	require.Equal(t, 80, from+to, "defer released the lock and repaired nothing")
}

// A function that calls recover is never inlined, however small, because
// recover must be able to tell which function calls it and whether that one was
// deferred. The function that contains the defer statement is not inlined
// either. Both are calls on the good path, which matters only in functions of a
// few instructions. So the rules of recover do not change with optimization:
// they count functions of the source.
//
//claim:ask Can inlining change what recover sees?
//claim:source cmd/compile/internal/inline/inl.go
func TestRecoverRulesInline(t *testing.T) {
	a, b, c := recoverrulesCalls()
	require.Equal(t, []any{nil, nil, nil}, []any{a, b, c})

	// A literal that the compiler could otherwise inline into the deferred one.
	_, escaped := recoverrulesRun(func(*any) {
		defer func() { _ = recoverrulesSmall() }()
		panic("p")
	})
	require.Equal(t, "p", escaped)
}

// The stack of the panic is still there while the deferred functions run,
// because they are called on top of it. So a deferred function can read where
// the panic came from, by runtime.Callers or debug.Stack, before or after its
// call of recover. Only when it returns is the stack unwound. A helper that
// takes the recovered value later, for example over a channel, finds its own
// stack and nothing of the panic.
//
//claim:ask How can a deferred function find out where the panic happened?
//claim:source runtime/panic.go
//claim:source https://pkg.go.dev/runtime#Callers
func TestRecoverRulesStack(t *testing.T) {
	names := func() (all []string) {
		pcs := make([]uintptr, 64)
		frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
		for {
			frame, more := frames.Next()
			all = append(all, frame.Function[strings.LastIndexByte(frame.Function, '.')+1:])
			if !more {
				return all
			}
		}
	}
	var before, after, later []string
	func() {
		defer func() {
			before = names()
			recover()
			after = names()
		}()
		recoverrulesFail()
	}()
	later = names()
	require.Equal(t, before, after, "recover does not unwind yet")
	require.Contains(t, after, "gopanic")
	require.Contains(t, after, "recoverrulesFail")
	require.NotContains(t, later, "recoverrulesFail")
}

//go:noinline
func recoverrulesFail() { panic("p") }
