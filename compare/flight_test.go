package compare

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/go-deep-dive/godeep/patterns"
)

// A flightDo calls load, or waits for a call that is running for the key. Both
// candidates get the same closure around load.
type flightDo func(ctx context.Context, key string, load func() (int, error)) (int, error)

func flightGodeep() flightDo {
	var f patterns.Flight[string, int]
	return func(ctx context.Context, key string, load func() (int, error)) (int, error) {
		v, _, err := f.Do(ctx, key, func(context.Context) (int, error) { return load() })
		return v, err
	}
}

// flightXsync ignores ctx, as singleflight.Group.Do has none.
func flightXsync() flightDo {
	var g singleflight.Group
	return func(_ context.Context, key string, load func() (int, error)) (int, error) {
		v, err, _ := g.Do(key, func() (any, error) { return load() })
		return v.(int), err
	}
}

// flightXsyncChan is how a caller of singleflight can leave early.
func flightXsyncChan() flightDo {
	var g singleflight.Group
	return func(ctx context.Context, key string, load func() (int, error)) (int, error) {
		select {
		case r := <-g.DoChan(key, func() (any, error) { return load() }):
			return r.Val.(int), r.Err
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

func TestFlightCandidatesAgree(t *testing.T) {
	for name, make := range map[string]func() flightDo{"godeep": flightGodeep, "singleflight": flightXsync, "singleflightchan": flightXsyncChan} {
		synctest.Test(t, func(t *testing.T) {
			do := make()
			var loads atomic.Int64
			var callers sync.WaitGroup
			for range 10 {
				callers.Go(func() {
					v, err := do(t.Context(), "key", func() (int, error) {
						loads.Add(1)
						time.Sleep(time.Second)
						return 1000, nil
					})
					if v != 1000 || err != nil {
						t.Errorf("%s: %d, %v", name, v, err)
					}
				})
			}
			callers.Wait()
			if loads.Load() != 1 {
				t.Errorf("%s: %d loads, want 1", name, loads.Load())
			}
		})
	}
}

func benchmarkFlight(b *testing.B, name string, do flightDo, ctx context.Context) {
	b.Run("of="+name, func(b *testing.B) {
		b.ReportAllocs()
		load := func() (int, error) { return 1000, nil }
		for b.Loop() {
			do(ctx, "key", load)
		}
	})
}

// With no cancellation asked for, as in singleflight's Do, a call that nobody
// joins is faster, because the record of the call is used again and the value
// is not put into an interface. The promises are the same: one call at a time,
// shared errors, panics in every caller.
//
//claim:ask Is a generic single flight slower than golang.org/x/sync/singleflight?
//claim:expect ns/op of=godeep <= 1x of=singleflight
//claim:expect allocs/op of=godeep < 1x of=singleflight
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.Do
func BenchmarkFlightAlone(b *testing.B) {
	benchmarkFlight(b, "godeep", flightGodeep(), context.Background())
	benchmarkFlight(b, "singleflight", flightXsync(), context.Background())
}

// To let a caller leave early, singleflight offers DoChan and a select. That
// needs a goroutine, like godeep's call with a context that can be cancelled.
// DoChan promises less: the work is never cancelled, and a panic in it ends the
// program. The context that godeep makes for this costs more memory; the time
// is less than 2 times that of DoChan.
//
//claim:ask What does it cost that shared work is cancelled when all callers have left?
//claim:expect ns/op of=godeep < 2x of=singleflight
//claim:expect B/op of=godeep > 1x of=singleflight
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.DoChan
func BenchmarkFlightLeave(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	benchmarkFlight(b, "godeep", flightGodeep(), ctx)
	benchmarkFlight(b, "singleflight", flightXsyncChan(), ctx)
}

// A second caller that joins costs a wait and a wake-up in both, which is most
// of the time. Godeep waits on a channel, so that a caller can leave;
// singleflight waits on a WaitGroup, and cannot. The times differ by less than
// 2 times.
//
//claim:ask What does a caller cost that joins a running call?
//claim:vary GOMAXPROCS 1
//claim:expect loads/op GOMAXPROCS=1 == 1
//claim:expect ns/op of=godeep < 2x of=singleflight
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.Do
func BenchmarkFlightJoin(b *testing.B) {
	run := func(name string, do flightDo) {
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			ctx := context.Background()
			loads := 0
			load := func() (int, error) { loads++; return 1000, nil }
			for b.Loop() {
				var second sync.WaitGroup
				do(ctx, "key", func() (int, error) {
					second.Go(func() { do(ctx, "key", load) })
					// On one P this lets the second caller run until it waits. Now and
					// then the scheduler takes us first, so once is not enough.
					runtime.Gosched()
					runtime.Gosched()
					return load()
				})
				second.Wait()
			}
			b.ReportMetric(float64(loads)/float64(b.N), "loads/op")
		})
	}
	run("godeep", flightGodeep())
	run("singleflight", flightXsync())
}
