package patterns

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"
)

// walkBinary visits a binary tree of the given depth: node n has the children
// 2n and 2n+1.
func walkBinary(depth int, visit func(ctx context.Context, node int) error) func(context.Context, int) ([]int, error) {
	return func(ctx context.Context, node int) ([]int, error) {
		if err := visit(ctx, node); err != nil {
			return nil, err
		}
		if node >= 1<<(depth-1) {
			return nil, nil
		}
		return []int{2 * node, 2*node + 1}, nil
	}
}

// Use TryGo, and do the work in place when no goroutine is free. Here 127
// nodes of a tree, a second each, are visited by at most 4 goroutines.
//
//claim:ask How do you walk a tree concurrently with a limit, when each node creates more work?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#Group.TryGo
func TestWalkLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		seen := make([]atomic.Int64, 128)
		start := time.Now()
		err := Walk(t.Context(), 4, 1, walkBinary(7, func(_ context.Context, node int) error {
			seen[node].Add(1)
			now := running.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			time.Sleep(time.Second)
			running.Add(-1)
			return nil
		}))
		if err != nil || most.Load() != 4 {
			t.Errorf("error %v, %d at a time", err, most.Load())
		}
		for node := 1; node < 128; node++ {
			if seen[node].Load() != 1 {
				t.Errorf("node %d seen %d times", node, seen[node].Load())
			}
		}
		if took := time.Since(start); took < 32*time.Second || took >= 64*time.Second {
			t.Errorf("took %v; 127 seconds by 4 are 32", took)
		}
	})
}

// Go waits until a goroutine of the group ends. Here, with a limit of one, it
// waits for the one task that runs. If that task itself calls Go, it waits for
// its own end, and so does a group of a hundred whose hundred tasks all call
// Go. TryGo reports that there is no place, and the task can do the work itself.
//
//claim:ask Why can an errgroup with SetLimit deadlock when a task calls Go?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#Group.SetLimit
func TestWalkGroupDeadlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group errgroup.Group
		group.SetLimit(1)
		var inner atomic.Bool
		waiting := make(chan struct{})
		group.Go(func() error {
			go func() { // in the task itself, this call would never return
				group.Go(func() error { inner.Store(true); return nil })
				close(waiting)
			}()
			time.Sleep(time.Hour)
			if inner.Load() || group.TryGo(func() error { return nil }) {
				t.Error("a second task was started")
			}
			return nil
		})
		<-waiting
		if err := group.Wait(); err != nil || !inner.Load() {
			t.Errorf("error %v, inner ran: %v", err, inner.Load())
		}
	})
}

func TestWalkFaultError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		var visits atomic.Int64
		err := Walk(t.Context(), 4, 1, walkBinary(8, func(context.Context, int) error {
			visit := visits.Add(1)
			time.Sleep(time.Second)
			if visit == 10 {
				return broken
			}
			return nil
		}))
		// Three others run meanwhile, and may each start one more at the
		// moment of the error.
		if err != broken || visits.Load() > 16 {
			t.Errorf("error %v after %d visits", err, visits.Load())
		}
	})
}

func TestWalkFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Second+time.Millisecond, func() { cancel(cause) })
		var visits atomic.Int64
		err := Walk(ctx, 2, 1, walkBinary(20, func(context.Context, int) error {
			visits.Add(1)
			time.Sleep(time.Second) // does not look at the context
			return nil
		}))
		// One visit in the first second, two in each further one.
		if err != cause || visits.Load() != 21 {
			t.Errorf("error %v after %d visits", err, visits.Load())
		}
		err = Walk(ctx, 2, 1, walkBinary(2, func(context.Context, int) error { visits.Add(1); return nil }))
		if err != cause || visits.Load() != 21 {
			t.Errorf("cancelled before: error %v, %d visits", err, visits.Load())
		}
	})
}

func TestWalkFaultPanic(t *testing.T) {
	broken := errors.New("broken")
	for _, limit := range []int{0, 1, 4} {
		func() {
			defer func() {
				err, ok := recover().(error)
				if !ok || !errors.Is(err, broken) || !strings.Contains(err.Error(), "walkPanics") {
					t.Errorf("recovered %v", err)
				}
			}()
			err := Walk(t.Context(), limit, 1, walkBinary(7, func(_ context.Context, node int) error {
				if node == 100 {
					walkPanics(broken)
				}
				return nil
			}))
			t.Errorf("no panic, error %v", err)
		}()
	}
}

func walkPanics(value any) { panic(value) }

func TestWalkFaultGoexit(t *testing.T) {
	for _, limit := range []int{1, 4} {
		err := Walk(t.Context(), limit, 1, walkBinary(7, func(_ context.Context, node int) error {
			if node == 20 {
				runtime.Goexit()
			}
			return nil
		}))
		if err == nil || !strings.Contains(err.Error(), "Goexit") {
			t.Errorf("limit %d: error %v", limit, err)
		}
	}
}

// walkNaive starts a goroutine for each child.
func walkNaive(node int, visit func(int) []int) {
	var wg sync.WaitGroup
	for _, child := range visit(node) {
		wg.Go(func() { walkNaive(child, visit) })
	}
	wg.Wait()
}

// Walking a child in place when no goroutine is free costs less than a third of
// starting a goroutine for every node of a tree whose visits are short, and
// the memory of the stacks is bounded too. If visits wait for a disk or a
// network, start as many as the other side can bear.
//
//claim:ask What does a goroutine for each node of a tree cost, compared to a few that share the walk?
//claim:expect ns/op of=naive > 3x of=walk
//claim:expect B/op of=naive > 1x of=walk
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#Group.TryGo
func BenchmarkWalk(b *testing.B) {
	b.Run("of=walk", func(b *testing.B) {
		b.ReportAllocs()
		visit := walkBinary(10, func(context.Context, int) error { return nil })
		for b.Loop() {
			_ = Walk(b.Context(), 2, 1, visit)
		}
	})
	b.Run("of=naive", func(b *testing.B) {
		b.ReportAllocs()
		visit := walkBinary(10, func(context.Context, int) error { return nil })
		for b.Loop() {
			walkNaive(1, func(node int) []int { children, _ := visit(b.Context(), node); return children })
		}
	})
}

func TestWalkRivalsAgree(t *testing.T) {
	var walked, naive atomic.Int64
	visit := walkBinary(10, func(_ context.Context, node int) error { walked.Add(int64(node)); return nil })
	_ = Walk(t.Context(), 2, 1, visit)
	visit = walkBinary(10, func(_ context.Context, node int) error { naive.Add(int64(node)); return nil })
	walkNaive(1, func(node int) []int { children, _ := visit(t.Context(), node); return children })
	if walked.Load() != 1023*512 || naive.Load() != walked.Load() {
		t.Errorf("sums %d and %d", walked.Load(), naive.Load())
	}
}
