package patterns

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errPipelineTest = errors.New("stage failed")

// pipelineNumbers yields 0 to n-1 and counts what it has yielded.
func pipelineNumbers(n int, yielded *atomic.Int64) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			yielded.Add(1)
			if !yield(i) {
				return
			}
		}
	}
}

func pipelineDouble(_ context.Context, v int) (int, error) { return 2 * v, nil }

func pipelineCollect[T any](c <-chan T) (all []T) {
	for v := range c {
		all = append(all, v)
	}
	return all
}

// Each stage is a function that takes a receive channel and returns one, and runs
// its loop in goroutines of its own. The stage that sends to a channel closes it,
// once, when its last goroutine has ended; receivers never close. So the end of
// the source travels through all stages, and a range over the last channel is the
// whole protocol for the consumer. A nil error from Wait then says that nothing
// was left out.
//
//claim:ask How do you build a pipeline of stages connected by channels, and who closes which channel?
//claim:source https://go.dev/blog/pipelines
func TestPipelineCloses(t *testing.T) {
	p := NewPipeline(t.Context())
	var yielded atomic.Int64
	numbers := PipelineGenerate(p, pipelineNumbers(100, &yielded))
	even := PipelineFilter(p, numbers, func(v int) bool { return v%2 == 0 })
	doubled := PipelineMap(p, 3, even, pipelineDouble)
	got := pipelineCollect(doubled)
	if err := p.Wait(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if len(got) != 50 || got[0] != 0 || got[49] != 196 {
		t.Errorf("received %v", got)
	}
	for _, c := range []<-chan int{numbers, even, doubled} {
		if _, open := <-c; open {
			t.Error("a channel is open")
		}
	}
	if err := p.Stop(); err != nil || p.Wait() != nil {
		t.Errorf("Stop after Wait = %v", err)
	}
}

// A consumer that leaves early must say so, because a stage that waits to send
// cannot see it. Cancel a context that every send and every receive of the stages
// selects on, then wait for the stages: here Stop does both, and belongs in a
// defer. Stages wait at most for the function that they are calling. The source
// has made only the few values that were under way.
//
//claim:ask How do you cancel a pipeline early without leaking its goroutines?
//claim:source https://go.dev/blog/pipelines
func TestPipelineStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a goroutine that stays fails this test
		p := NewPipeline(t.Context())
		var yielded atomic.Int64
		out := PipelineMap(p, 4, PipelineGenerate(p, pipelineNumbers(1_000_000, &yielded)), pipelineDouble)
		for range out {
			break
		}
		if err := p.Stop(); err != nil {
			t.Errorf("Stop = %v, want nil: it is no failure", err)
		}
		if n := yielded.Load(); n > 10 {
			t.Errorf("the source has made %d values", n)
		}
		for range out { // ends, so it is closed
		}
	})
}

// pipelineNaive is the stage as it is often written: no way out of the send.
func pipelineNaive(n int, ended *atomic.Bool) <-chan int {
	out := make(chan int)
	go func() {
		defer ended.Store(true)
		defer close(out)
		for i := range n {
			out <- i
		}
	}()
	return out
}

// A producer that just sends leaks: once the consumer has left the loop, nobody
// receives, and the goroutine waits in its send for ever. A deferred close does not
// help, because it is not reached. A buffer helps only if it has room for all that
// is still to come. Either the consumer drains the channel, or the send is in a
// select with a done channel or ctx.Done.
//
//claim:ask What happens to a producer goroutine if the consumer breaks out of the range over its channel?
//claim:source https://go.dev/blog/pipelines
func TestPipelineNaiveLeaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		out := pipelineNaive(3, &ended)
		for range out {
			break
		}
		synctest.Wait()
		if ended.Load() {
			t.Fatal("the producer ended without a receiver")
		}
		time.Sleep(24 * time.Hour)
		if ended.Load() {
			t.Fatal("the producer ended without a receiver")
		}
		for range out { // only this ends it
		}
		synctest.Wait()
		if !ended.Load() {
			t.Fatal("the producer did not end")
		}
	})
}

// The first failure cancels the context that all stages share, every stage
// closes its channel, the consumer's range ends, and Wait returns the failure. A
// stage cannot return its error to anybody at the time it fails, so the owner of the
// stages collects it. Sending structs of value and error through the channels works
// too, and is right if an error concerns one value only and the others go on.
// Check the error after the loop, always: the closed channel looks like success.
//
//claim:ask How does the error of a pipeline stage reach the consumer?
//claim:source https://pkg.go.dev/context#WithCancelCause
func TestPipelineFaultError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPipeline(t.Context())
		var yielded atomic.Int64
		numbers := PipelineGenerate(p, pipelineNumbers(1_000_000, &yielded))
		out := PipelineMap(p, 2, numbers, func(ctx context.Context, v int) (int, error) {
			if v == 3 {
				return 0, errPipelineTest
			}
			return v, nil
		})
		got := pipelineCollect(PipelineMap(p, 2, out, pipelineDouble))
		if err := p.Wait(); err != errPipelineTest {
			t.Errorf("Wait = %v", err)
		}
		if len(got) > 10 {
			t.Errorf("received %d values after the error", len(got))
		}
	})
}

// pipelineRecovered returns the error that f panics with.
func pipelineRecovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// A panic in a goroutine that nobody guards ends the whole program, and the caller
// cannot recover it. So each stage recovers, cancels the others, and the owner
// panics again in the goroutine that calls Wait, with the stack of the stage in
// the message. A function that calls runtime.Goexit, as t.FailNow does, is found
// by a flag that is set on normal return, and becomes an error. Panics are
// reported even if they come after Stop.
//
//claim:ask What happens if a stage of a pipeline panics?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestPipelineFaultPanic(t *testing.T) {
	stages := map[string]func(p *Pipeline, panics func()) <-chan int{
		"generate": func(p *Pipeline, panics func()) <-chan int {
			return PipelineGenerate(p, func(yield func(int) bool) { panics() })
		},
		"map": func(p *Pipeline, panics func()) <-chan int {
			in := PipelineGenerate(p, slices.Values([]int{1, 2, 3}))
			return PipelineMap(p, 3, in, func(context.Context, int) (int, error) { panics(); return 0, nil })
		},
		"filter": func(p *Pipeline, panics func()) <-chan int {
			in := PipelineGenerate(p, slices.Values([]int{1, 2, 3}))
			return PipelineFilter(p, in, func(int) bool { panics(); return true })
		},
		"go": func(p *Pipeline, panics func()) <-chan int {
			out := make(chan int)
			p.Go(func(context.Context) error { defer close(out); panics(); return nil })
			return out
		},
	}
	for name, stage := range stages {
		synctest.Test(t, func(t *testing.T) {
			p := NewPipeline(t.Context())
			pipelineCollect(stage(p, func() { panic(errPipelineTest) }))
			for range 2 {
				err := pipelineRecovered(func() { p.Wait() })
				if !errors.Is(err, errPipelineTest) || !strings.Contains(err.Error(), "pipeline_test.go") {
					t.Errorf("%s: panicked with %v", name, err)
				}
			}

			p = NewPipeline(t.Context())
			pipelineCollect(stage(p, runtime.Goexit))
			if err := p.Wait(); err == nil || !strings.Contains(err.Error(), "Goexit") {
				t.Errorf("%s: Wait = %v", name, err)
			}
		})
	}

	synctest.Test(t, func(t *testing.T) {
		p := NewPipeline(t.Context())
		p.Go(func(ctx context.Context) error { <-ctx.Done(); panic("late") })
		if err := pipelineRecovered(func() { p.Stop() }); err == nil || errors.Unwrap(err) != nil {
			t.Errorf("panicked with %v", err)
		}
	})
}

// A slow consumer slows the source: with unbuffered channels each goroutine of a
// stage holds one value and can take no other before it is received. Here, with a
// map of two workers and a consumer that does not receive, the source has made
// exactly three values: one in each worker, and one that it waits to send. Buffers
// add their capacity to that; they smooth bursts and do not help against a
// stage that is slower all the time.
//
//claim:ask How many values are in flight in a pipeline if the consumer is slow?
//claim:source https://go.dev/ref/spec#Send_statements
func TestPipelineBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPipeline(t.Context())
		defer p.Stop()
		var yielded atomic.Int64
		out := PipelineMap(p, 2, PipelineGenerate(p, pipelineNumbers(1000, &yielded)), pipelineDouble)
		synctest.Wait()
		if n := yielded.Load(); n != 3 {
			t.Errorf("the source has made %d values", n)
		}
		<-out
		synctest.Wait()
		if n := yielded.Load(); n != 4 {
			t.Errorf("the source has made %d values", n)
		}
	})
}

// Fan-out means that several goroutines receive from one channel: each value
// goes to one of them, so the work is shared without further locks. The order is
// lost, because a quick result overtakes a slow one: of three values that take
// three, two and one seconds the last comes first, and all are there after three
// seconds and not six. With one worker the order stays. To have both, use
// [MapOrdered].
//
//claim:ask What is fan-out, and does a parallel stage keep the order of the values?
//claim:source https://go.dev/blog/pipelines
func TestPipelineMapOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		for workers, want := range map[int][]int{1: {3, 2, 1}, 3: {1, 2, 3}} {
			p := NewPipeline(t.Context())
			in := PipelineGenerate(p, slices.Values([]int{3, 2, 1}))
			got := pipelineCollect(PipelineMap(p, workers, in, func(_ context.Context, v int) (int, error) {
				time.Sleep(time.Duration(v) * time.Second)
				return v, nil
			}))
			if err := p.Wait(); err != nil || !slices.Equal(got, want) {
				t.Errorf("%d workers: %v, %v", workers, got, err)
			}
		}
		if d := time.Since(start); d != 6*time.Second+3*time.Second {
			t.Errorf("took %v", d)
		}
	})
}

// Fan-in runs one goroutine for each input, all sending to one channel. None of
// them may close it, because the others still send: a send on a closed channel
// panics, and so does the second close. The last one closes, known by a
// counter or by a WaitGroup that one more goroutine waits for. Values of one
// input stay in order, values of different inputs mix.
//
//claim:ask How do you merge several channels into one, and who closes the merged channel?
//claim:source https://go.dev/ref/spec#Close
func TestPipelineMerge(t *testing.T) {
	p := NewPipeline(t.Context())
	got := pipelineCollect(PipelineMerge(p,
		PipelineGenerate(p, slices.Values([]int{1, 2, 3})),
		PipelineGenerate(p, slices.Values([]int(nil))),
		PipelineGenerate(p, slices.Values([]int{-1, -2, -3}))))
	if err := p.Wait(); err != nil {
		t.Fatal(err)
	}
	positive := slices.DeleteFunc(slices.Clone(got), func(v int) bool { return v < 0 })
	negative := slices.DeleteFunc(slices.Clone(got), func(v int) bool { return v > 0 })
	if !slices.Equal(positive, []int{1, 2, 3}) || !slices.Equal(negative, []int{-1, -2, -3}) {
		t.Errorf("received %v", got)
	}
	if _, open := <-PipelineMerge[int](p); open {
		t.Error("no inputs, but a value")
	}
}

// Collect values in a slice and send it when it is full, when its first value
// has waited long enough, or when the input ends. The timer starts with the
// first value of a batch, not with the last batch, so an idle stage has no timer
// and no value waits longer than the limit plus the time the receiver takes. Each
// batch is a new slice, because the receiver may still use the one before. Since Go
// 1.23 a time.After that is not waited for is collected, so none needs a Stop.
//
//claim:ask How do you batch the values of a channel by size or by time?
//claim:source https://pkg.go.dev/time#After
func TestPipelineBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPipeline(t.Context())
		start := time.Now()
		in := make(chan int)
		p.Go(func(ctx context.Context) error {
			defer close(in)
			for i, pause := range []int{0, 0, 0, 7, 2, 7, 1} { // seconds before each value
				time.Sleep(time.Duration(pause) * time.Second)
				in <- i
			}
			return nil
		})
		type sent struct {
			at    time.Duration
			batch []int
		}
		var got []sent
		for batch := range PipelineBatch(p, in, 3, 5*time.Second) {
			got = append(got, sent{time.Since(start), batch})
		}
		want := []sent{
			{0, []int{0, 1, 2}},             // full
			{12 * time.Second, []int{3, 4}}, // five seconds after value 3
			{17 * time.Second, []int{5, 6}}, // end of input
		}
		if !slices.EqualFunc(got, want, func(a, b sent) bool { return a.at == b.at && slices.Equal(a.batch, b.batch) }) {
			t.Errorf("got %v, want %v", got, want)
		}
		if err := p.Wait(); err != nil {
			t.Error(err)
		}

		p = NewPipeline(t.Context())
		if got := pipelineCollect(PipelineBatch(p, PipelineGenerate(p, slices.Values([]int{1, 2})), -1, 0)); len(got) != 2 {
			t.Errorf("size -1: %v", got)
		}
		if got := pipelineCollect(PipelineBatch(p, PipelineGenerate(p, slices.Values([]int{1, 2})), math.MaxInt, 0)); len(got) != 1 {
			t.Errorf("huge size: %v", got)
		}
		if got := pipelineCollect(PipelineBatch(p, PipelineGenerate(p, slices.Values([]int{})), 2, time.Second)); got != nil {
			t.Errorf("no input: %v", got)
		}
		if err := p.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// One goroutine receives each value and sends it to both outputs, whichever is
// ready first, before it takes the next value. So both outputs see all values in
// order, and the slower one sets the pace: a receiver that stops
// receiving stops the other one, after at most one more value. If one side may
// lag or lose values, give it a buffer or a send with default.
//
//claim:ask How do you send each value of a channel to two receivers, and what if one of them is slow?
//claim:source https://go.dev/ref/spec#Select_statements
func TestPipelineTee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPipeline(t.Context())
		one, other := PipelineTee(p, PipelineGenerate(p, slices.Values([]int{1, 2, 3, 4})))
		var quick atomic.Int64
		p.Go(func(ctx context.Context) error {
			for range PipelineOrDone(ctx, one) {
				quick.Add(1)
			}
			return nil
		})
		synctest.Wait()
		if n := quick.Load(); n != 1 {
			t.Errorf("the quick side has %d values, the slow one 0", n)
		}
		<-other
		synctest.Wait()
		if n := quick.Load(); n != 2 {
			t.Errorf("the quick side has %d values, the slow one 1", n)
		}
		if rest := pipelineCollect(other); !slices.Equal(rest, []int{2, 3, 4}) {
			t.Errorf("the slow side received %v", rest)
		}
		if err := p.Wait(); err != nil || quick.Load() != 4 {
			t.Errorf("the quick side has %d values, Wait = %v", quick.Load(), err)
		}
	})
}

// A select takes one of the ready cases at random, so a loop that selects on a
// channel and on ctx.Done may receive values after the cancellation: here, with
// both always ready, 1000 such loops do not all start with the same case. It stops
// soon, since each turn is a coin toss, but not at once. Where no value may be
// handled after the cancellation, check ctx.Err once more after the receive.
//
//claim:ask Can a loop with select on ctx.Done still receive values after the cancellation?
//claim:source https://go.dev/ref/spec#Select_statements
func TestPipelineOrDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ready := make(chan int, 1)
	received := 0
	for range 1000 {
		select {
		case ready <- 1:
		default:
		}
		for range PipelineOrDone(ctx, ready) {
			received++
			break
		}
	}
	if received == 0 || received == 1000 {
		t.Errorf("received in %d of 1000 loops", received)
	}
	for range PipelineOrDone(ctx, make(chan int)) { // ends
	}
	close(ready)
	for range PipelineOrDone(context.Background(), ready) { // ends
	}
}

// Cancelling the context of the pipeline ends every kind of stage, also those
// that wait for a channel from outside that is never closed. Wait returns the
// cause of the cancellation: values are missing, so it is a failure. If all stages
// had ended before, it is none.
func TestPipelineFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := make(chan int)
		silents := make(chan (<-chan int), 1)
		silents <- silent
		ctx, cancel := context.WithCancelCause(t.Context())
		p := NewPipeline(ctx)
		one, other := PipelineTee(p, silent)
		full, ignored := PipelineTee(p, PipelineGenerate(p, slices.Values([]int{1})))
		outs := []<-chan int{
			PipelineMap(p, 0, silent, pipelineDouble), PipelineFilter(p, silent, func(int) bool { return true }), PipelineMerge(p, silent, one, other),
			PipelineBridge(p, silents), full, ignored,
		}
		batches := PipelineBatch(p, silent, 2, time.Second)
		synctest.Wait()
		silent <- 7 // to any of them
		synctest.Wait()
		cancel(errPipelineTest)
		for _, out := range outs {
			pipelineCollect(out)
		}
		pipelineCollect(batches)
		if err := p.Wait(); err != errPipelineTest {
			t.Errorf("Wait = %v", err)
		}

		p = NewPipeline(ctx) // cancelled before
		pipelineCollect(PipelineMap(p, 1, silent, pipelineDouble))
		if err := p.Wait(); err != errPipelineTest {
			t.Errorf("Wait = %v", err)
		}

		ctx, cancelLate := context.WithCancel(t.Context())
		p = NewPipeline(ctx)
		pipelineCollect(PipelineGenerate(p, slices.Values([]int{1})))
		synctest.Wait()
		cancelLate()
		if err := p.Wait(); err != nil {
			t.Errorf("cancelled after the end: Wait = %v", err)
		}

		p = NewPipeline(t.Context())
		p.Go(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		if err := p.Stop(); err != nil {
			t.Errorf("Stop = %v", err)
		}
	})
}

func TestPipelineBridge(t *testing.T) {
	p := NewPipeline(t.Context())
	pages := PipelineMap(p, 1, PipelineGenerate(p, slices.Values([]int{1, 0, 2})), func(_ context.Context, n int) (<-chan int, error) {
		return PipelineGenerate(p, slices.Values(slices.Repeat([]int{n}, n))), nil
	})
	if got := pipelineCollect(PipelineBridge(p, pages)); !slices.Equal(got, []int{1, 2, 2}) {
		t.Errorf("received %v", got)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
}

// The three ways to do the same work: add up the doubles of 0 to n-1, where n is a
// multiple of pipelineChunk.
const pipelineChunk = 64

func pipelineSumLoop(ctx context.Context, n int) (sum int, err error) {
	var yielded atomic.Int64
	for v := range pipelineNumbers(n, &yielded) {
		double, err := pipelineDouble(ctx, v)
		if err != nil {
			return 0, err
		}
		sum += double
	}
	return sum, nil
}

func pipelineSumValues(ctx context.Context, n int) (sum int, err error) {
	var yielded atomic.Int64
	p := NewPipeline(ctx)
	for v := range PipelineMap(p, 1, PipelineGenerate(p, pipelineNumbers(n, &yielded)), pipelineDouble) {
		sum += v
	}
	return sum, p.Wait()
}

func pipelineSumChunks(ctx context.Context, n int) (sum int, err error) {
	var yielded atomic.Int64
	p := NewPipeline(ctx)
	chunks := PipelineGenerate(p, func(yield func([]int) bool) {
		var chunk []int
		for v := range pipelineNumbers(n, &yielded) {
			if chunk == nil {
				chunk = make([]int, 0, pipelineChunk)
			}
			if chunk = append(chunk, v); len(chunk) == pipelineChunk {
				if !yield(chunk) {
					return
				}
				chunk = nil
			}
		}
	})
	doubled := PipelineMap(p, 1, chunks, func(ctx context.Context, chunk []int) (_ []int, err error) {
		for i, v := range chunk {
			if chunk[i], err = pipelineDouble(ctx, v); err != nil {
				return nil, err
			}
		}
		return chunk, nil
	})
	for chunk := range doubled {
		for _, v := range chunk {
			sum += v
		}
	}
	return sum, p.Wait()
}

var pipelineSums = []struct {
	name string
	sum  func(ctx context.Context, n int) (int, error)
}{{"loop", pipelineSumLoop}, {"values", pipelineSumValues}, {"chunks", pipelineSumChunks}}

func TestPipelineSums(t *testing.T) {
	for _, c := range pipelineSums {
		if sum, err := c.sum(t.Context(), 1024); err != nil || sum != 1024*1023 {
			t.Errorf("%s: %d, %v", c.name, sum, err)
		}
	}
}

// Handing a value from one goroutine to the next costs many times a function
// call, so a pipeline of cheap stages is slower than one loop: more than 20 times
// here, for a source, a stage that doubles numbers and a sum. A pipeline pays if
// stages wait for something, or compute for much longer than a handover takes.
// Otherwise send slices: with 64 numbers in each it is more than 5 times faster
// than with single ones. The number of allocations does not depend on the number
// of values.
//
//claim:ask What does it cost to send every value through a channel from stage to stage?
//claim:expect ns/op of=values > 20x of=loop
//claim:expect ns/op of=values > 5x of=chunks
//claim:expect allocs/op of=values <= 30
//claim:source https://go.dev/blog/pipelines
func BenchmarkPipelineHandover(b *testing.B) {
	for _, c := range pipelineSums {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if sum, err := c.sum(b.Context(), 512); err != nil || sum != 512*511 {
					b.Fatal(sum, err)
				}
			}
		})
	}
}
