package patterns

import (
	"context"
	"errors"
	"iter"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errOrderedTest = errors.New("call failed")

// orderedSleep takes v seconds and returns v.
func orderedSleep(ctx context.Context, v int) (int, error) {
	select {
	case <-time.After(time.Duration(v) * time.Second):
		return v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// orderedArrival is a result and when the loop had it, in seconds.
type orderedArrival struct{ value, second int }

func orderedArrivals(t *testing.T, results iter.Seq2[int, error]) (all []orderedArrival) {
	t.Helper()
	start := time.Now()
	for v, err := range results {
		if err != nil {
			t.Error(err)
		}
		all = append(all, orderedArrival{v, int(time.Since(start).Seconds())})
	}
	return all
}

// Give each value a slot of its own, queue the slots in the order of the input, and
// let workers fill them while the consumer waits for the slot at the head. Calls
// that take 3, 1, 1 and 2 seconds on two workers give their results after 3, 3,
// 3 and 4 seconds, in order: after the time of the parallel calls, not of their sum.
// A slow call holds back the results behind it, but not their work.
//
//claim:ask How do you run calls in parallel and still get the results in the order of the input?
//claim:source https://pkg.go.dev/iter#Seq2
func TestMapOrderedKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := orderedArrivals(t, MapOrdered(t.Context(), 2, slices.Values([]int{3, 1, 1, 2}), orderedSleep))
		if want := []orderedArrival{{3, 3}, {1, 3}, {1, 3}, {2, 4}}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for _, limit := range []int{-1, 0, 1, 2, 100, math.MaxInt} {
			got := orderedArrivals(t, MapOrdered(t.Context(), limit, slices.Values([]int{1, 0, 1, 0}), orderedSleep))
			if len(got) != 4 || got[0].value != 1 || got[1].value != 0 || got[2].value != 1 || got[3].value != 0 {
				t.Errorf("limit %d: got %v", limit, got)
			}
		}
		for range MapOrdered(t.Context(), 2, slices.Values([]int(nil)), orderedSleep) {
			t.Error("a result without a value")
		}
	})
}

// Results come as completed if the workers put them into one channel, and the
// consumer does not ask for each in turn. A slow call then holds back nobody: calls
// that take 3, 1, 1 and 2 seconds on two workers give results after 1, 2, 3 and 4
// seconds, and in the order of the input after 3, 3, 3 and 4. Let each result
// carry what it belongs to, since its position says nothing.
//
//claim:ask How do you handle the results of parallel calls in the order in which they are ready?
//claim:source https://pkg.go.dev/iter#Seq2
func TestMapUnordered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := orderedArrivals(t, MapUnordered(t.Context(), 2, slices.Values([]int{3, 1, 1, 2}), orderedSleep))
		slices.SortFunc(got, func(a, b orderedArrival) int { return a.second*10 + a.value - b.second*10 - b.value })
		want := []orderedArrival{{1, 1}, {1, 2}, {3, 3}, {2, 4}}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// While one call is slow, all results behind it have to be kept, so an ordered
// parallel map needs a bound: without one, a source that never ends fills the
// memory. Here the source stops 2*limit values ahead of the loop, at least 16:
// of limit 10 exactly 20 values are taken and 19 calls done, for as long as the
// first one takes. The same bound holds if the loop itself is slow.
//
//claim:ask What does one very slow call do to an ordered parallel map?
//claim:source https://go.dev/ref/spec#Channel_types
func TestMapOrderedBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var taken, done atomic.Int64
		endless := func(yield func(int) bool) {
			for i := 0; ; i++ {
				taken.Add(1)
				if !yield(i) {
					return
				}
			}
		}
		slowFirst := func(ctx context.Context, i int) (int, error) {
			if i == 0 {
				time.Sleep(time.Hour)
			}
			done.Add(1)
			return i, nil
		}
		go func() {
			time.Sleep(59 * time.Minute)
			if taken, done := taken.Load(), done.Load(); taken != 20 || done != 19 {
				t.Errorf("taken %d, done %d", taken, done)
			}
		}()
		for i := range MapOrdered(t.Context(), 10, endless, slowFirst) {
			if i == 100 {
				break
			}
			synctest.Wait()
			if got, want := taken.Load(), int64(i+1+20); got != want {
				t.Fatalf("result %d: %d values taken, want %d", i, got, want)
			}
		}
	})
}

// A result is yielded as soon as it is its turn, also if the source has no next value
// for a long time. That needs a goroutine for the source: a loop that takes the next
// value before it looks for finished calls would hold this result back for an hour.
// The price is that the iterator runs beside the loop body, so both must
// not use the same variables without a lock.
//
//claim:ask A parallel map reads from a slow stream. Does a finished result wait for the next input?
//claim:source https://pkg.go.dev/iter#Seq
func TestMapOrderedPrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hourly := func(yield func(int) bool) {
			for yield(1) {
				time.Sleep(time.Hour)
			}
		}
		start := time.Now()
		for range MapOrdered(t.Context(), 4, hourly, orderedSleep) {
			if d := time.Since(start); d != time.Second {
				t.Errorf("the result took %v", d)
			}
			break
		}
	})
}

// When the loop body breaks, returns or panics, the yield function of the iterator
// returns false or does not return, and the iterator can clean up before the loop is
// over: it cancels the context of the running calls and waits for them. So no
// goroutine remains and no call runs after the loop. Calls that ignore their context
// make the break wait, which is why they get one.
//
//claim:ask What happens to calls in flight if the consumer breaks out of a parallel iterator?
//claim:source https://go.dev/ref/spec#For_range
func TestMapOrderedBreak(t *testing.T) {
	for _, mapSeq := range []func(context.Context, int, iter.Seq[int], func(context.Context, int) (int, error)) iter.Seq2[int, error]{MapOrdered[int, int], MapUnordered[int, int]} {
		synctest.Test(t, func(t *testing.T) {
			var running, cancelled atomic.Int64
			call := func(ctx context.Context, v int) (int, error) {
				defer running.Add(-1)
				if running.Add(1); v == 0 {
					return orderedSleep(ctx, 1)
				}
				<-ctx.Done()
				cancelled.Add(1)
				return 0, ctx.Err()
			}
			leave := map[string]func(){
				"break": func() {
					for range mapSeq(t.Context(), 3, slices.Values([]int{0, 1, 2, 3, 4}), call) {
						break
					}
				},
				"panic": func() {
					defer func() {
						if recover() != errOrderedTest {
							t.Error("panic lost")
						}
					}()
					for range mapSeq(t.Context(), 3, slices.Values([]int{0, 1, 2, 3, 4}), call) {
						panic(errOrderedTest)
					}
				},
				"exit": func() {
					var exited sync.WaitGroup
					exited.Go(func() {
						for range mapSeq(t.Context(), 3, slices.Values([]int{0, 1, 2, 3, 4}), call) {
							runtime.Goexit()
						}
					})
					exited.Wait()
				},
			}
			for how, f := range leave {
				cancelled.Store(0)
				f()
				if n := running.Load(); n != 0 {
					t.Errorf("%s: %d calls run after the loop", how, n)
				}
				if n := cancelled.Load(); n < 2 || n > 3 {
					t.Errorf("%s: %d calls cancelled", how, n)
				}
			}
		})
	}
}

// The error of a call concerns its value only, and all others are done.
func TestMapOrderedFaultError(t *testing.T) {
	odd := func(_ context.Context, v int) (int, error) {
		if v%2 == 1 {
			return v, errOrderedTest
		}
		return v, nil
	}
	next := 0
	for v, err := range MapOrdered(t.Context(), 3, slices.Values([]int{0, 1, 2, 3, 4, 5}), odd) {
		if v != next || (err != nil) != (v%2 == 1) {
			t.Errorf("got %d, %v; want %d", v, err, next)
		}
		next++
	}
	if next != 6 {
		t.Errorf("%d results", next)
	}
}

// Since the loop has to tell an error of one value from the end of all work, the
// cause of a cancellation comes as the last pair, after the results of the calls that
// have run. Values that have not been called yield no pair. If the last value was
// already called when the cancellation came, nothing is missing and no such pair
// follows.
//
//claim:ask How does a parallel iterator report that its context was cancelled?
//claim:source https://pkg.go.dev/context#Cause
func TestMapOrderedFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finish := func(_ context.Context, v int) (int, error) { // ignores the cancellation
			time.Sleep(time.Duration(v) * time.Second)
			return v, nil
		}
		type pair struct {
			value int
			err   error
		}
		pairs := func(ctx context.Context, n int) (all []pair) {
			for v, err := range MapOrdered(ctx, 2, slices.Values(slices.Repeat([]int{10}, n)), finish) {
				all = append(all, pair{v, err})
			}
			return all
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(15*time.Second, func() { cancel(errOrderedTest) })
		if got, want := pairs(ctx, 10), []pair{{10, nil}, {10, nil}, {10, nil}, {10, nil}, {0, errOrderedTest}}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if got, want := pairs(ctx, 10), []pair{{0, errOrderedTest}}; !slices.Equal(got, want) {
			t.Errorf("cancelled before: got %v, want %v", got, want)
		}
		ctx, cancel = context.WithCancelCause(t.Context())
		time.AfterFunc(5*time.Second, func() { cancel(errOrderedTest) })
		if got, want := pairs(ctx, 2), []pair{{10, nil}, {10, nil}}; !slices.Equal(got, want) {
			t.Errorf("cancelled at the end: got %v, want %v", got, want)
		}
	})
}

// orderedRecovered returns the error that f panics with.
func orderedRecovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// The worker recovers the panic, the other calls are cancelled and waited for, and
// then the loop panics, in the goroutine of the caller and with the stack of the
// call in the message. So the caller can recover it, as if it had called the function
// itself. A call that exits its goroutine instead gets an error for its value, and
// a new worker takes the place of the one that is gone.
//
//claim:ask What happens if a call panics inside a parallel iterator?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestMapOrderedFaultPanic(t *testing.T) {
	for _, mapSeq := range []func(context.Context, int, iter.Seq[int], func(context.Context, int) (int, error)) iter.Seq2[int, error]{MapOrdered[int, int], MapUnordered[int, int]} {
		synctest.Test(t, func(t *testing.T) {
			var running atomic.Int64
			err := orderedRecovered(func() {
				for range mapSeq(t.Context(), 3, slices.Values([]int{0, 1, 2, 3, 4, 5}), func(ctx context.Context, v int) (int, error) {
					running.Add(1)
					defer running.Add(-1)
					if v == 2 {
						panic(errOrderedTest)
					}
					<-ctx.Done()
					return 0, ctx.Err()
				}) {
					t.Error("a result")
				}
			})
			if !errors.Is(err, errOrderedTest) || !strings.Contains(err.Error(), "ordered_test.go") {
				t.Errorf("panicked with %v", err)
			}
			if running.Load() != 0 {
				t.Error("calls run after the loop")
			}

			err = orderedRecovered(func() {
				for range mapSeq(t.Context(), 2, func(yield func(int) bool) { yield(1); panic(errOrderedTest) }, orderedSleep) {
				}
			})
			if !errors.Is(err, errOrderedTest) {
				t.Errorf("iterator: panicked with %v", err)
			}

			err = orderedRecovered(func() { // in a call that runs when the loop is left
				for range mapSeq(t.Context(), 2, slices.Values([]int{0, 1}), func(ctx context.Context, v int) (int, error) {
					if v == 1 {
						<-ctx.Done()
						panic("late")
					}
					time.Sleep(time.Second)
					return v, nil
				}) {
					break
				}
			})
			if err == nil || errors.Unwrap(err) != nil {
				t.Errorf("late: panicked with %v", err)
			}
		})
	}
}

func TestMapOrderedFaultGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := 0
		for v, err := range MapOrdered(t.Context(), 1, slices.Values([]int{0, 1, 2, 3}), func(_ context.Context, v int) (int, error) {
			if v%2 == 1 {
				runtime.Goexit()
			}
			return v, nil
		}) {
			if exited := next%2 == 1; (err != nil) != exited || !exited && v != next {
				t.Errorf("got %d, %v; want %d", v, err, next)
			}
			next++
		}
		if next != 4 {
			t.Errorf("%d results", next)
		}

		var last error
		for _, err := range MapOrdered(t.Context(), 2, func(yield func(int) bool) { yield(1); runtime.Goexit() }, orderedSleep) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), "Goexit") {
			t.Errorf("iterator: %v", last)
		}
	})
}

// Several loops over the same sequence, and one inside another.
func TestMapOrderedConcurrent(t *testing.T) {
	double := func(_ context.Context, v int) (int, error) { return 2 * v, nil }
	values := make([]int, 200)
	for i := range values {
		values[i] = i
	}
	results := MapOrdered(t.Context(), 4, slices.Values(values), func(ctx context.Context, v int) (int, error) {
		sum := 0
		for v := range MapUnordered(ctx, 2, slices.Values(values[:v%8]), double) {
			sum += v
		}
		return v, nil
	})
	var loops sync.WaitGroup
	for range 3 {
		loops.Go(func() {
			next := 0
			for v, err := range results {
				if v != next || err != nil {
					t.Errorf("got %d, %v; want %d", v, err, next)
				}
				next++
			}
			if next != len(values) {
				t.Errorf("%d results", next)
			}
		})
	}
	loops.Wait()
}

// orderedNaive is the usual form: a goroutine and a channel for each value, and a
// channel of these channels in the order of the input.
func orderedNaive(limit int, values []int, f func(int) int) iter.Seq[int] {
	return func(yield func(int) bool) {
		queue := make(chan chan int, limit)
		go func() {
			defer close(queue)
			for _, v := range values {
				result := make(chan int, 1)
				queue <- result
				go func() { result <- f(v) }()
			}
		}()
		for result := range queue {
			if !yield(<-result) {
				return // leaks: the queue stays full
			}
		}
	}
}

var orderedSums = []struct {
	name string
	sum  func(values []int) int
}{
	{"loop", func(values []int) (sum int) {
		for _, v := range values {
			sum += orderedWork(v)
		}
		return sum
	}},
	{"naive", func(values []int) (sum int) {
		for result := range orderedNaive(4, values, orderedWork) {
			sum += result
		}
		return sum
	}},
	{"ordered", func(values []int) (sum int) {
		for result := range MapOrdered(context.Background(), 4, slices.Values(values), func(_ context.Context, v int) (int, error) {
			return orderedWork(v), nil
		}) {
			sum += result
		}
		return sum
	}},
}

//go:noinline
func orderedWork(v int) int { return 2 * v }

func TestMapOrderedSums(t *testing.T) {
	for _, c := range orderedSums {
		if sum := c.sum([]int{1, 2, 3, 4, 5}); sum != 30 {
			t.Errorf("%s: %d", c.name, sum)
		}
	}
}

// Each value costs more than 20 times a call of a small function, so an ordered
// parallel map pays only for calls that wait or take much longer than a microsecond.
// The usual form, with a goroutine and a channel for each value, allocates more than 5
// times as often for 256 values: here slots and goroutines are used again. The usual
// form also leaks if the loop is left early.
//
//claim:ask What does an ordered parallel map cost for each value?
//claim:expect ns/op of=ordered > 20x of=loop
//claim:expect allocs/op of=naive > 5x of=ordered
//claim:expect allocs/op of=ordered <= 100
//claim:source https://go.dev/doc/effective_go#channels
func BenchmarkMapOrderedCost(b *testing.B) {
	values := make([]int, 256)
	for _, c := range orderedSums {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.sum(values)
			}
		})
	}
}
