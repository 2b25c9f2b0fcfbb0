package patterns

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// middlewareNamed notes when a call enters and leaves it.
func middlewareNamed(notes *[]string, name string) func(func()) func() {
	return func(next func()) func() {
		return func() {
			*notes = append(*notes, name+" in")
			next()
			*notes = append(*notes, name+" out")
		}
	}
}

// The first wrapper of the list is the outermost: a call enters it first and
// leaves it last, as with nested function calls. The chain has to be built from
// the end for that. Built from the front, the last one is outside, and the
// list reads in the wrong order.
//
//claim:ask In which order do middlewares run?
//claim:source https://go.dev/ref/spec#Calls
func TestChainOrder(t *testing.T) {
	var notes []string
	a, b := middlewareNamed(&notes, "a"), middlewareNamed(&notes, "b")
	h := func() { notes = append(notes, "handler") }
	inOrder := []string{"a in", "b in", "handler", "b out", "a out"}

	Chain(h, a, b)()
	if !slices.Equal(notes, inOrder) {
		t.Errorf("%v", notes)
	}

	notes = nil
	a(b(h))()
	if !slices.Equal(notes, inOrder) {
		t.Errorf("nested by hand: %v", notes)
	}

	notes = nil
	fromFront := h
	for _, wrap := range []func(func()) func(){a, b} {
		fromFront = wrap(fromFront)
	}
	fromFront()
	if want := []string{"b in", "a in", "handler", "a out", "b out"}; !slices.Equal(notes, want) {
		t.Errorf("built from the front: %v", notes)
	}
}

func TestChainNone(t *testing.T) {
	calls := 0
	Chain(func() { calls++ })()
	Chain(func() { calls++ }, nil, nil)()
	if calls != 2 {
		t.Errorf("%d calls", calls)
	}
}

// A middleware is a function from http.Handler to http.Handler. It can do
// something before and after the call of the next handler, change the request,
// or answer itself and not call the next one: here a request without a token
// gets 401 and never reaches the handler. The standard library has wrappers of
// this kind, such as http.StripPrefix.
//
//claim:ask How do you write middleware for net/http without a framework?
//claim:source https://pkg.go.dev/net/http#Handler
func TestChainHTTP(t *testing.T) {
	served := 0
	index := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served++
		_, _ = io.WriteString(w, "path "+r.URL.Path)
	})
	needToken := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				http.Error(w, "no token", http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	stripAPI := func(next http.Handler) http.Handler { return http.StripPrefix("/api", next) }
	server := Chain[http.Handler](index, needToken, stripAPI)

	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, httptest.NewRequest("GET", "/api/users", nil))
	if answer.Code != http.StatusUnauthorized || served != 0 {
		t.Errorf("without a token: status %d, %d served", answer.Code, served)
	}
	request := httptest.NewRequest("GET", "/api/users", nil)
	request.Header.Set("Authorization", "Bearer x")
	answer = httptest.NewRecorder()
	server.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK || served != 1 || answer.Body.String() != "path /users" {
		t.Errorf("with a token: status %d, %q", answer.Code, answer.Body)
	}
}

// middlewareKey is a type of its own, so that no other package has an equal key.
type middlewareKey struct{}

// A middleware puts the value into the context, under a key of an unexported
// type, and gives the next handler a request with that context. A string as key
// can collide: another middleware with an equal string overwrites the value.
// Values of the context are for data about the request, such as its user or its
// ID. What a handler needs to work at all belongs in its constructor.
//
//claim:ask How does a middleware hand a value to the handler?
//claim:source https://pkg.go.dev/context#WithValue
func TestMiddlewareContextValue(t *testing.T) {
	type otherKey struct{}
	set := func(key any, value string) func(Call[int, string]) Call[int, string] {
		return func(next Call[int, string]) Call[int, string] {
			return func(ctx context.Context, request int) (string, error) {
				return next(context.WithValue(ctx, key, value), request)
			}
		}
	}
	read := func(key any) Call[int, string] {
		return func(ctx context.Context, _ int) (string, error) {
			value, _ := ctx.Value(key).(string)
			return value, nil
		}
	}
	if user, _ := Chain(read(middlewareKey{}), set(middlewareKey{}, "ann"), set(otherKey{}, "7"))(t.Context(), 1); user != "ann" {
		t.Errorf("types as keys: user %q", user)
	}
	if user, _ := Chain(read("id"), set("id", "ann"), set("id", "7"))(t.Context(), 1); user != "7" {
		t.Errorf("strings as keys: user %q", user)
	}
}

// The outer function runs once, when the chain is built. Only the function that
// it returns runs for each call. So the outer part is the place for what is
// expensive, such as compiling a pattern, and what it declares is shared by all
// calls: here a counter sees every call. Shared state needs a lock or an atomic
// type, because calls run concurrently.
//
//claim:ask How often does the outer function of a middleware run?
//claim:source https://go.dev/ref/spec#Function_literals
func TestMiddlewareOuterRunsOnce(t *testing.T) {
	built := 0
	var last int
	counting := func(next func()) func() {
		built++
		calls := 0
		return func() {
			calls++
			last = calls
			next()
		}
	}
	h := Chain(func() {}, counting)
	for range 5 {
		h()
	}
	if built != 1 || last != 5 {
		t.Errorf("built %d times, %d calls counted", built, last)
	}
}

// Recover belongs innermost, if others shall see the panic as an error. A panic
// unwinds through the wrappers inside of recover, and code after their call of
// the next handler does not run; only deferred functions do. With recover
// inside, the observer sees the error of the panic. With recover outside, it
// sees a call that has not returned. A second recover outermost then guards the
// wrappers themselves.
//
//claim:ask Where in the chain does the recover middleware belong?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestMiddlewareRecoverPosition(t *testing.T) {
	broken := errors.New("broken")
	h := Call[int, int](func(context.Context, int) (int, error) { panic(broken) })
	var seen error
	observe := ObserveCall[int, int](func(_ context.Context, _ time.Duration, err error) { seen = err })
	reached := false
	after := func(next Call[int, int]) Call[int, int] {
		return func(ctx context.Context, request int) (int, error) {
			response, err := next(ctx, request)
			reached = true
			return response, err
		}
	}

	_, err := Chain(h, observe, after, RecoverCall)(t.Context(), 1)
	if !errors.Is(err, broken) || !errors.Is(seen, broken) || !reached {
		t.Errorf("recover inside: error %v, seen %v, code after the call reached: %t", err, seen, reached)
	}
	reached = false
	_, err = Chain(h, RecoverCall, observe, after)(t.Context(), 1)
	if !errors.Is(err, broken) || seen != ErrCallAborted || reached {
		t.Errorf("recover outside: error %v, seen %v, code after the call reached: %t", err, seen, reached)
	}
}

// A wrapper has the methods of its own type only. If it embeds the interface
// io.Reader, it has Read, and not WriteTo, although the reader inside has it:
// io.Copy no longer finds it. In net/http the same happens to http.Flusher. The
// cure is a method Unwrap that returns what is inside, and callers that look for
// it: http.ResponseController does, a type assertion does not.
//
//claim:ask What does a decorator hide that the decorated object could do?
//claim:source https://pkg.go.dev/net/http#NewResponseController
func TestDecoratorHidesMethods(t *testing.T) {
	type plain struct{ io.Reader }
	var inner io.Reader = bytes.NewReader([]byte("text"))
	if _, ok := inner.(io.WriterTo); !ok {
		t.Error("the reader inside has no WriteTo")
	}
	if _, ok := io.Reader(plain{inner}).(io.WriterTo); ok {
		t.Error("the wrapper has WriteTo")
	}

	type hiding struct{ http.ResponseWriter }
	for _, kind := range []struct {
		name    string
		wrap    func(http.ResponseWriter) http.ResponseWriter
		flushed bool
	}{
		{"embedded only", func(w http.ResponseWriter) http.ResponseWriter { return hiding{w} }, false},
		{"with Unwrap", func(w http.ResponseWriter) http.ResponseWriter { return middlewareUnwrap{w} }, true},
	} {
		recorder := httptest.NewRecorder()
		w := kind.wrap(recorder)
		if _, ok := w.(http.Flusher); ok {
			t.Errorf("%s: is a Flusher", kind.name)
		}
		err := http.NewResponseController(w).Flush()
		if recorder.Flushed != kind.flushed || (err == nil) != kind.flushed {
			t.Errorf("%s: flushed %t, %v", kind.name, recorder.Flushed, err)
		}
	}
}

type middlewareUnwrap struct{ http.ResponseWriter }

func (w middlewareUnwrap) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// The closure captures the variable that holds the handler, and not its value.
// In
//
//	h = func() { log(); h() }
//
// the inner h is the new function, as soon as it is assigned, so it calls
// itself until the stack is full. The loop variables that Go 1.22 made new for
// each turn do not help: h is declared outside of the loop. Copy it first, as a
// parameter of the wrapper does.
//
//claim:ask Why does my hand-written decorator call itself for ever?
//claim:source https://go.dev/ref/spec#Function_literals
func TestMiddlewareCapturesItself(t *testing.T) {
	inner, depth := 0, 0
	h := func() { inner++ }
	h = func() {
		if depth++; depth < 1000 { // without it, the stack overflows
			h()
		}
	}
	h()
	if depth != 1000 || inner != 0 {
		t.Errorf("depth %d, inner function called %d times", depth, inner)
	}

	inner, depth = 0, 0
	h = func() { inner++ }
	next := h
	h = func() {
		depth++
		next()
	}
	h()
	if depth != 1 || inner != 1 {
		t.Errorf("with a copy: depth %d, inner function called %d times", depth, inner)
	}
}

// middlewareAttempts calls next up to three times.
func middlewareAttempts(next Call[int, int]) Call[int, int] {
	return func(ctx context.Context, request int) (response int, err error) {
		for range 3 {
			if response, err = next(ctx, request); err == nil {
				break
			}
		}
		return response, err
	}
}

// Yes, a timeout outside of a retry bounds all attempts together, and one
// inside bounds each of them. An observer outside sees one call, and inside it
// sees every attempt. Here three attempts of an hour, with a limit of a minute,
// take one minute or three. Write the chain where one can read it from the
// outside in, in one place of the program.
//
//claim:ask Does the order of middlewares change the behaviour, for example of retry and timeout?
//claim:source https://pkg.go.dev/context#WithTimeout
func TestMiddlewareOrderMatters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		timeout := func(next Call[int, int]) Call[int, int] {
			return func(ctx context.Context, request int) (int, error) {
				ctx, cancel := context.WithTimeout(ctx, time.Minute)
				defer cancel()
				return next(ctx, request)
			}
		}
		slow := Call[int, int](func(ctx context.Context, _ int) (int, error) {
			select {
			case <-time.After(time.Hour):
				return 1, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		})
		observed := 0
		observe := ObserveCall[int, int](func(context.Context, time.Duration, error) { observed++ })
		for _, c := range []struct {
			name     string
			call     Call[int, int]
			took     time.Duration
			observed int
		}{
			{"timeout outside", Chain(slow, observe, timeout, middlewareAttempts), time.Minute, 1},
			{"timeout inside", Chain(slow, middlewareAttempts, timeout, observe), 3 * time.Minute, 3},
		} {
			observed = 0
			start := time.Now()
			_, err := c.call(t.Context(), 1)
			if err != context.DeadlineExceeded || time.Since(start) != c.took || observed != c.observed {
				t.Errorf("%s: %v after %v, %d observed", c.name, err, time.Since(start), observed)
			}
		}
	})
}

func TestObserveCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		for _, want := range []error{nil, broken} {
			var took time.Duration
			var seen error
			call := Chain(func(_ context.Context, s string) (int, error) {
				time.Sleep(time.Second)
				return len(s), want
			}, ObserveCall[string, int](func(_ context.Context, d time.Duration, err error) { took, seen = d, err }))
			n, err := call(t.Context(), "four")
			if n != 4 || err != want || seen != want || took != time.Second {
				t.Errorf("%d, %v, observed %v after %v", n, err, seen, took)
			}
		}
	})
}

// A panic is recovered with its stack, the value stays visible for errors.Is,
// and the next call works.
func TestRecoverCallFaultPanic(t *testing.T) {
	broken := errors.New("broken")
	call := Chain(func(_ context.Context, value any) (int, error) {
		if value != nil {
			middlewarePanics(value)
		}
		return 7, nil
	}, RecoverCall)
	n, err := call(t.Context(), broken)
	if n != 0 || !errors.Is(err, broken) || !strings.Contains(err.Error(), "middlewarePanics") {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := call(t.Context(), "text"); err == nil || errors.Unwrap(err) != nil || !strings.Contains(err.Error(), "call panicked: text") {
		t.Errorf("%v", err)
	}
	if n, err := call(t.Context(), nil); n != 7 || err != nil {
		t.Errorf("after a panic: %d, %v", n, err)
	}
}

func middlewarePanics(value any) { panic(value) }

// Goexit cannot be recovered; the observer sees it, and it goes on.
func TestMiddlewareFaultGoexit(t *testing.T) {
	var seen error
	call := Chain(func(context.Context, int) (int, error) {
		runtime.Goexit()
		return 1, nil
	}, ObserveCall[int, int](func(_ context.Context, _ time.Duration, err error) { seen = err }), RecoverCall)
	returned := false
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = call(t.Context(), 1)
		returned = true
	})
	wg.Wait()
	if seen != ErrCallAborted || returned {
		t.Errorf("seen %v, returned %t", seen, returned)
	}
}

func TestChainConcurrent(t *testing.T) {
	var mu sync.Mutex
	observed := 0
	call := Chain(func(_ context.Context, n int) (int, error) { return n * n, nil },
		ObserveCall[int, int](func(context.Context, time.Duration, error) {
			mu.Lock()
			observed++
			mu.Unlock()
		}), RecoverCall)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if got, err := call(t.Context(), i); got != i*i || err != nil {
				t.Errorf("%d: %d, %v", i, got, err)
			}
		})
	}
	wg.Wait()
	if observed != 20 {
		t.Errorf("%d observed", observed)
	}
}

//go:noinline
func middlewareHandler(n int) int { return n + 1 }

func middlewarePass(next func(int) int) func(int) int {
	return func(n int) int { return next(n) + 1 }
}

// Each layer is one more call through a function value, and no allocation. The
// expensive mistake is to build the chain for each request: that allocates a
// closure for each layer, and with eight layers it is more than 4 times as slow
// as a call through a chain that was built once. The benchmark makes ten calls
// at a time, so it sees 80 allocations.
//
//claim:ask What does a middleware cost for each call?
//claim:expect allocs/op of=chain == 0
//claim:expect allocs/op of=rebuilt == 80
//claim:expect ns/op of=rebuilt > 4x of=chain
//claim:expect ns/op of=chain > 2x of=direct
//claim:source https://go.dev/ref/spec#Function_literals
func BenchmarkChain(b *testing.B) {
	wrap := slices.Repeat([]func(func(int) int) func(int) int{middlewarePass}, 8)
	b.Run("of=direct", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for range 10 {
				middlewareHandler(1)
			}
		}
	})
	b.Run("of=chain", func(b *testing.B) {
		h := Chain(middlewareHandler, wrap...)
		b.ReportAllocs()
		for b.Loop() {
			for range 10 {
				h(1)
			}
		}
	})
	b.Run("of=rebuilt", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for range 10 {
				Chain(middlewareHandler, wrap...)(1)
			}
		}
	})
}

func TestChainEightLayers(t *testing.T) {
	wrap := slices.Repeat([]func(func(int) int) func(int) int{middlewarePass}, 8)
	if got := Chain(middlewareHandler, wrap...)(1); got != 10 {
		t.Errorf("%d, want 10", got)
	}
}
