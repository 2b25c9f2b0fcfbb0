package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errBatcherTest = errors.New("call failed")

// batcherRecord notes when batches start and with which arguments, doubles these, and
// takes a second.
type batcherRecord struct {
	mu      sync.Mutex
	start   time.Time
	started []string
}

func (r *batcherRecord) double(ctx context.Context, calls []*BatchCall[int, int]) {
	var args []int
	for _, call := range calls {
		args = append(args, call.Arg)
		call.Result = 2 * call.Arg
	}
	slices.Sort(args)
	r.mu.Lock()
	r.started = append(r.started, fmt.Sprint(time.Since(r.start), args))
	r.mu.Unlock()
	time.Sleep(time.Second)
}

func (r *batcherRecord) want(t *testing.T, want ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.started, want) {
		t.Errorf("batches %q, want %q", r.started, want)
	}
}

// Callers add their argument to a batch under a lock and wait; the batch runs in
// one goroutine when it is full or when a timer, set by its first call, fires. Then
// every caller takes the result that belongs to it. Size limits the memory and the
// length of a query, delay limits how long a call can wait: without it the last
// calls would wait for ever for a batch to fill. Two batches may run at once.
//
//claim:ask How do you coalesce single calls from many goroutines into batches?
//claim:source https://pkg.go.dev/time#AfterFunc
func TestBatcherSizeOrDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := batcherRecord{start: time.Now()}
		b := NewBatcher(t.Context(), 3, 5*time.Second, record.double)
		var callers sync.WaitGroup
		for _, arg := range []int{1, 2, 3, 4, 5} {
			callers.Go(func() {
				time.Sleep(time.Duration(arg) * time.Second)
				if v, err := b.Do(t.Context(), arg); v != 2*arg || err != nil {
					t.Errorf("Do(%d) = %d, %v", arg, v, err)
				}
			})
		}
		callers.Wait()
		record.want(t, "3s [1 2 3]", "9s [4 5]")
		b.Close()
	})
}

// A call that stays alone waits for the whole delay before its batch starts: a
// single call of one second takes six seconds with a delay of five. A full batch waits for
// nothing, so the delay costs at low load and hardly at high load. Make it small
// against the time of the call, or batch only what waits while another batch
// runs. A size of one turns batching off.
//
//claim:ask How much latency does batching of calls add?
//claim:source https://pkg.go.dev/time#AfterFunc
func TestBatcherLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := batcherRecord{start: time.Now()}
		took := func(size int, delay time.Duration) time.Duration {
			b := NewBatcher(t.Context(), size, delay, record.double)
			defer b.Close()
			start := time.Now()
			if v, err := b.Do(t.Context(), 1); v != 2 || err != nil {
				t.Errorf("Do = %d, %v", v, err)
			}
			return time.Since(start)
		}
		for _, c := range []struct {
			size  int
			delay time.Duration
			want  time.Duration
		}{{100, 5 * time.Second, 6 * time.Second}, {1, 5 * time.Second, time.Second}, {0, 5 * time.Second, 6 * time.Second}, {100, 0, time.Second}, {-1, -1, time.Second}} {
			if d := took(c.size, c.delay); d != c.want {
				t.Errorf("size %d, delay %v: took %v, want %v", c.size, c.delay, d, c.want)
			}
		}
	})
}

// Hand each call to the function as a value with room for its own result and error,
// not as a slice of arguments with one error for all. A key that is not found is
// then the error of its caller only, and nobody can mix up results by position. An
// error that concerns all, such as a lost connection, is set for each call.
//
//claim:ask One item of a batch fails. How do the other callers still get their results?
//claim:source https://go.dev/blog/errors-are-values
func TestBatcherFaultError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBatcher(t.Context(), 4, time.Hour, func(_ context.Context, calls []*BatchCall[int, int]) {
			for _, call := range calls {
				if call.Result = call.Arg; call.Arg == 2 {
					call.Err = errBatcherTest
				}
			}
		})
		defer b.Close()
		var callers sync.WaitGroup
		for arg := range 4 {
			callers.Go(func() {
				v, err := b.Do(t.Context(), arg)
				if v != arg || (err == errBatcherTest) != (arg == 2) {
					t.Errorf("Do(%d) = %d, %v", arg, v, err)
				}
			})
		}
		callers.Wait()
	})
}

// The caller leaves at once, the batch does not. Before the start its call is taken out,
// so nothing is done for it. Afterwards the batch cannot know which part of its work
// was for whom; it goes on for the others, and its context is cancelled only when
// the last one has left. So a batch must not run with the context of one of its
// callers: whoever comes first would decide for all.
//
//claim:ask Which context does a shared batch run with, and what if one caller cancels?
//claim:source https://pkg.go.dev/context#Context
func TestBatcherFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := batcherRecord{start: time.Now()}
		var ended atomic.Int64 // 1: normally, 2: cancelled
		b := NewBatcher(t.Context(), 10, 5*time.Second, func(ctx context.Context, calls []*BatchCall[int, int]) {
			record.double(ctx, calls)
			select {
			case <-ctx.Done():
				ended.Store(2)
			case <-time.After(10 * time.Second):
				ended.Store(1)
			}
		})
		var callers sync.WaitGroup
		do := func(arg int, patience time.Duration) {
			callers.Go(func() {
				ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errBatcherTest)
				defer cancel()
				start := time.Now()
				v, err := b.Do(ctx, arg)
				if patience < 16*time.Second {
					if err != errBatcherTest || time.Since(start) != patience {
						t.Errorf("Do(%d) = %d, %v after %v", arg, v, err, time.Since(start))
					}
				} else if v != 2*arg || err != nil {
					t.Errorf("Do(%d) = %d, %v", arg, v, err)
				}
			})
		}
		do(1, time.Second)    // leaves before the start
		do(2, 10*time.Second) // leaves the running batch
		do(3, time.Hour)
		callers.Wait()
		record.want(t, "5s [2 3]")
		if ended.Load() != 1 {
			t.Errorf("ended %d", ended.Load())
		}

		do(4, 7*time.Second) // all leave the running batch
		do(5, 8*time.Second)
		callers.Wait()
		synctest.Wait()
		if ended.Load() != 2 {
			t.Errorf("ended %d", ended.Load())
		}

		do(6, time.Second) // all leave before the start
		callers.Wait()
		if v, err := b.Do(t.Context(), 7); v != 14 || err != nil {
			t.Errorf("Do(7) = %d, %v", v, err)
		}
		b.Close()
		record.want(t, "5s [2 3]", "21s [4 5]", "30s [7]")

		gone, cancel := context.WithCancelCause(t.Context())
		cancel(errBatcherTest)
		if _, err := b.Do(gone, 1); err != errBatcherTest {
			t.Errorf("Do = %v", err)
		}
	})
}

// batcherRecovered returns the error that f panics with.
func batcherRecovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// A panic of the batch is a panic in each caller that waits for it, since each
// depends on the result, and each has its own recover. If all callers have gone, it
// appears in Close: it is never lost, and never ends the program from a goroutine
// that nobody can guard.
//
//claim:ask Who gets the panic of a function that runs for many callers?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestBatcherFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fault := func() { panic(errBatcherTest) }
		b := NewBatcher(t.Context(), 0, time.Second, func(ctx context.Context, calls []*BatchCall[int, int]) { fault() })
		var callers sync.WaitGroup
		for range 3 {
			callers.Go(func() {
				err := batcherRecovered(func() { b.Do(t.Context(), 1) })
				if !errors.Is(err, errBatcherTest) || !strings.Contains(err.Error(), "batcher_test.go") {
					t.Errorf("panicked with %v", err)
				}
			})
		}
		callers.Wait()

		fault = runtime.Goexit
		if _, err := b.Do(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "Goexit") {
			t.Errorf("Do = %v", err)
		}

		fault = func() { time.Sleep(time.Hour); panic("text") }
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := b.Do(ctx, 1); err != context.DeadlineExceeded {
			t.Errorf("Do = %v", err)
		}
		if err := batcherRecovered(b.Close); err == nil || errors.Unwrap(err) != nil {
			t.Errorf("Close panicked with %v", err)
		}
		b.Close()
	})
}

// Close must start the batch that is being collected, at once and not after its
// delay, then wait for all batches, and refuse new calls with an error of its own. Then
// every accepted call has its result, and nothing runs. A flag under the same lock
// as the batch decides whether a call comes before or after Close.
//
//claim:ask What must Close do for a type that collects work in the background?
//claim:source https://pkg.go.dev/sync#WaitGroup
func TestBatcherClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := batcherRecord{start: time.Now()}
		b := NewBatcher(t.Context(), 100, time.Hour, record.double)
		var callers sync.WaitGroup
		for arg := range 3 {
			callers.Go(func() {
				if v, err := b.Do(t.Context(), arg); v != 2*arg || err != nil {
					t.Errorf("Do(%d) = %d, %v", arg, v, err)
				}
			})
		}
		synctest.Wait()
		for range 2 {
			callers.Go(b.Close)
		}
		b.Close()
		if d := time.Since(record.start); d != time.Second {
			t.Errorf("Close took %v", d)
		}
		if _, err := b.Do(t.Context(), 1); err != ErrBatcherClosed {
			t.Errorf("Do = %v", err)
		}
		callers.Wait()
		record.want(t, "0s [0 1 2]")
		NewBatcher(t.Context(), 1, 0, record.double).Close() // never used
	})
}

// Callers that come, leave and close in any order: each call is done once, or its
// caller has an error.
func TestBatcherConcurrent(t *testing.T) {
	var done atomic.Int64
	b := NewBatcher(t.Context(), 7, 50*time.Microsecond, func(_ context.Context, calls []*BatchCall[int, int]) {
		if len(calls) == 0 || len(calls) > 7 {
			t.Errorf("%d calls in a batch", len(calls))
		}
		for _, call := range calls {
			done.Add(1)
			call.Result = call.Arg + 1
		}
	})
	var callers sync.WaitGroup
	var got, failed atomic.Int64
	for i := range 8 {
		callers.Go(func() {
			for j := range 40 {
				ctx, cancel := t.Context(), func() {}
				if j%10 == i%10 {
					ctx, cancel = context.WithTimeout(ctx, time.Duration(j)*time.Microsecond)
				}
				v, err := b.Do(ctx, i*1000+j)
				cancel()
				if err == nil && v == i*1000+j+1 {
					got.Add(1)
				} else if errors.Is(err, context.DeadlineExceeded) {
					failed.Add(1)
				} else {
					t.Errorf("Do = %d, %v", v, err)
				}
			}
		})
	}
	callers.Wait()
	b.Close()
	if got.Load()+failed.Load() != 320 || done.Load() < got.Load() {
		t.Errorf("%d results, %d errors, %d calls done", got.Load(), failed.Load(), done.Load())
	}
}

// batcherTrip stands for what a call costs whatever it carries, such as a round trip
// on the one connection that there is.
func batcherTrip() {
	batcherConnection.mu.Lock()
	defer batcherConnection.mu.Unlock()
	for range 20_000 {
		batcherConnection.turns = batcherConnection.turns*5 + 1
	}
}

var batcherConnection struct {
	mu    sync.Mutex
	turns uint64
}

// Batching divides what every call costs, such as a round trip or a
// transaction, by the number of calls in a batch. 64 goroutines that make one call
// each need exactly one trip and not 64. The whole is more than 5 times faster here,
// where a trip keeps the only connection busy for longer than a goroutine takes to
// start. The gain shrinks with the part of the cost that depends on each item.
//
//claim:ask What is gained by batching calls?
//claim:expect trips/op of=single == 64
//claim:expect trips/op of=batched == 1
//claim:expect ns/op of=single > 5x of=batched
//claim:source https://pkg.go.dev/database/sql#DB.BeginTx
func BenchmarkBatcher(b *testing.B) {
	var trips atomic.Int64
	batcher := NewBatcher(b.Context(), 64, time.Hour, func(_ context.Context, calls []*BatchCall[int, int]) {
		trips.Add(1)
		batcherTrip()
		for _, call := range calls {
			call.Result = call.Arg + 1
		}
	})
	defer batcher.Close()
	for _, c := range []struct {
		name string
		do   func(ctx context.Context, arg int) (int, error)
	}{
		{"single", func(_ context.Context, arg int) (int, error) {
			trips.Add(1)
			batcherTrip()
			return arg + 1, nil
		}},
		{"batched", batcher.Do},
	} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			ctx := b.Context()
			trips.Store(0)
			for b.Loop() {
				var callers sync.WaitGroup
				for arg := range 64 {
					callers.Go(func() {
						if v, err := c.do(ctx, arg); v != arg+1 || err != nil {
							b.Error(v, err)
						}
					})
				}
				callers.Wait()
			}
			b.ReportMetric(float64(trips.Load())/float64(b.N), "trips/op")
		})
	}
}
