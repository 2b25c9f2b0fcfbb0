package compare

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"
	"github.com/stretchr/testify/assert"
	"golang.org/x/sync/errgroup"

	"github.com/go-deep-dive/godeep/patterns"
)

// poolWorkers is the number of goroutines in each pool of this comparison.
const poolWorkers = 4

// A runner submits n tasks to a pool of poolWorkers goroutines and returns
// when all of them have ended, with the first error.
type runner func(n int, task func(i int) error) error

func runGodeep(n int, task func(i int) error) error {
	p := patterns.NewPool(context.Background(), poolWorkers)
	for i := range n {
		if err := p.Submit(func(context.Context) error { return task(i) }); err != nil {
			break
		}
	}
	return p.Wait()
}

func runErrgroup(n int, task func(i int) error) error {
	g, _ := errgroup.WithContext(context.Background())
	g.SetLimit(poolWorkers)
	for i := range n {
		g.Go(func() error { return task(i) })
	}
	return g.Wait()
}

func runConc(n int, task func(i int) error) error {
	p := pool.New().WithErrors().WithFirstError().WithMaxGoroutines(poolWorkers)
	for i := range n {
		p.Go(func() error { return task(i) })
	}
	return p.Wait()
}

func runPond(n int, task func(i int) error) error {
	p := pond.NewPool(poolWorkers)
	defer p.StopAndWait()
	group := p.NewGroup()
	for i := range n {
		group.SubmitErr(func() error { return task(i) })
	}
	return group.Wait()
}

// ants returns no errors and waits for no tasks, so both are added here.
func runAnts(n int, task func(i int) error) error {
	p, err := ants.NewPool(poolWorkers)
	if err != nil {
		return err
	}
	defer p.Release()
	var wg sync.WaitGroup
	var first atomic.Pointer[error]
	for i := range n {
		wg.Add(1)
		if err := p.Submit(func() {
			defer wg.Done()
			if err := task(i); err != nil {
				first.CompareAndSwap(nil, &err)
			}
		}); err != nil {
			return err
		}
	}
	wg.Wait()
	if err := first.Load(); err != nil {
		return *err
	}
	return nil
}

var runners = []struct {
	name string
	run  runner
}{
	{"godeep", runGodeep}, {"errgroup", runErrgroup}, {"conc", runConc}, {"pond", runPond}, {"ants", runAnts},
}

// Submitting a short task to [patterns.Pool] and waiting for it takes less than
// half the time of the fastest of errgroup, conc, pond and ants, each with
// four workers, the first error and a wait at the end. The pool allocates
// nothing for a task but the closure of the caller, where each of the others
// needs at least one allocation more. The others start or wake a goroutine for
// a task; the pool's workers take the next one from a ring, with one atomic step.
// The difference is less than a microsecond for each task, so it does not
// matter for tasks that take a millisecond.
//
//claim:ask Is a pool library faster than a queue and a few goroutines?
//claim:expect ns/op of=errgroup > 2x of=godeep
//claim:expect ns/op of=conc > 2x of=godeep
//claim:expect ns/op of=pond > 2x of=godeep
//claim:expect ns/op of=ants > 2x of=godeep
//claim:expect allocs/op of=godeep <= 1050
//claim:expect allocs/op of=errgroup >= 1900
//claim:expect allocs/op of=conc >= 1900
//claim:expect allocs/op of=pond >= 1900
//claim:expect allocs/op of=ants >= 1900
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup
func BenchmarkPoolSubmit(b *testing.B) {
	for _, r := range runners {
		b.Run("of="+r.name, func(b *testing.B) {
			b.ReportAllocs()
			var done atomic.Int64
			for b.Loop() {
				if err := r.run(1000, func(i int) error { done.Add(1); return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestPoolRunners(t *testing.T) {
	broken := errors.New("broken")
	for _, r := range runners {
		var sum atomic.Int64
		err := r.run(1000, func(i int) error { sum.Add(int64(i)); return nil })
		assert.NoError(t, err, r.name)
		assert.EqualValues(t, 499500, sum.Load(), r.name)
		err = r.run(1000, func(i int) error {
			if i == 10 {
				return broken
			}
			return nil
		})
		assert.ErrorIs(t, err, broken, r.name)
	}
}
