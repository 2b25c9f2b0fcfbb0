package optimizing

import (
	"context"
	"fmt"
	"maps"
	"runtime/pprof"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// profLabelsOf returns the values of the label of all goroutines in the function,
// sorted; a goroutine without the label has "".
func profLabelsOf(t *testing.T, function, label string) (values []string) {
	t.Helper()
	for _, s := range profLookup(t, "goroutine").Sample {
		if profPasses(s, `optimizing\.`+function+`$`) {
			value := ""
			if v := s.Label[label]; len(v) > 0 {
				value = v[0]
			}
			for range s.Value[0] {
				values = append(values, value)
			}
		}
	}
	slices.Sort(values)
	return values
}

// Set labels with pprof.Do around the work: the route, the tenant, the kind of
// job. Each sample of the CPU profile then carries the labels of the goroutine
// that ran, and go tool pprof shows their shares with -tags, selects with
// -tagfocus=route=/x, or puts them above the stacks with -tagroot=route. So one
// profile answers which requests cost the CPU, where all of them end in the same
// functions. Background work of the runtime, such as marking, has no label of
// yours.
//
//claim:ask How do I see in a CPU profile which endpoint or tenant uses the CPU?
//claim:source https://pkg.go.dev/runtime/pprof#Do
func TestProfLabels(t *testing.T) {
	p := profRecordedPhases(t)
	phases := make(map[string]int64)
	for _, s := range p.Sample {
		for _, phase := range s.Label["phase"] {
			phases[phase] += s.Value[0]
		}
		if profPasses(s, `optimizing\.profRoot$`) {
			require.Equal(t, []string{"deep"}, s.Label["phase"])
		}
		if profPasses(s, `^runtime\.gcBgMarkWorker$`) {
			require.Empty(t, s.Label["phase"])
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(profPhases)), slices.Collect(maps.Keys(phases)))
}

// A goroutine inherits the labels that its creator has at the go statement. One
// that was started before, such as the worker of a pool, does not get them by
// taking a job from a channel: it has to set them itself, with pprof.Do and the
// context of the job. And labels set later on the creator do not reach its
// children.
//
//claim:ask Are profiler labels inherited by new goroutines, and do they reach a worker pool?
//claim:source https://pkg.go.dev/runtime/pprof#SetGoroutineLabels
func TestProfLabelsInherited(t *testing.T) {
	values, jobs := make(chan int), make(chan func())
	var all sync.WaitGroup
	all.Go(func() { (<-jobs)(); (<-jobs)() })
	wait := func() { profWaitChannel(values) }
	expect := func(want ...string) {
		t.Helper()
		profWaitIn(t, "profWaitChannel", "chan receive", len(want))
		require.Equal(t, want, profLabelsOf(t, "profWaitChannel", "route"))
		for range want {
			values <- 1
		}
		profWaitIn(t, "profWaitChannel", "", 0)
	}
	pprof.Do(t.Context(), pprof.Labels("route", "/a"), func(ctx context.Context) {
		all.Go(wait)
		jobs <- wait
		expect("", "/a")
		jobs <- func() { pprof.Do(ctx, pprof.Labels(), func(context.Context) { wait() }) }
		expect("/a")
	})
	all.Go(wait)
	expect("")
	all.Wait()
}

// Only the CPU profile and the goroutine profile. The heap, block and mutex
// profiles add up events per stack and have no room for labels, so an allocation
// cannot be assigned to a request in this way. The execution trace has tasks and
// regions for that purpose.
//
//claim:ask Which profiles carry the labels of pprof.Do?
//claim:source https://pkg.go.dev/runtime/pprof#Do
//claim:source https://go.dev/issue/23458
func TestProfLabelsKinds(t *testing.T) {
	proof.OnceUnderRace(t)
	profEvents(t)
	values := make(chan int)
	done := make(chan bool)
	pprof.Do(t.Context(), pprof.Labels("route", "/kinds"), func(context.Context) {
		go func() { profWaitChannel(values); done <- true }()
		profWaitIn(t, "profWaitChannel", "chan receive", 1)
		require.Equal(t, []string{"/kinds"}, profLabelsOf(t, "profWaitChannel", "route"))
		values <- 1
		<-done
		profCrowd(t, newProfTally(1), 3)
		heap := profHeapOf(t, profFourViews)
		require.Positive(t, profSum(t, heap, "alloc_objects", `optimizing\.profDropSmall$`))
		for _, s := range slices.Concat(heap.Sample, profLookup(t, "block").Sample, profLookup(t, "mutex").Sample) {
			require.Empty(t, s.Label["route"])
		}
	})
}

// Do takes the labels of the context you pass, adds or replaces those you give,
// and restores the labels of that context at its end. So nested calls add up if
// each passes on the context it got. A Do with context.Background inside drops
// the outer labels, and what is worse, they stay dropped after it.
// SetGoroutineLabels restores nothing by itself.
//
//claim:ask What happens to profiler labels if calls of pprof.Do are nested?
//claim:source https://pkg.go.dev/runtime/pprof#Do
//claim:source runtime/pprof/runtime.go
func TestProfLabelsNested(t *testing.T) {
	// What the goroutine has: a new goroutine inherits it and shows it.
	labels := func() string {
		values, done := make(chan int), make(chan bool)
		go func() { profWaitChannel(values); done <- true }()
		profWaitIn(t, "profWaitChannel", "chan receive", 1)
		text := ""
		for _, key := range []string{"route", "user"} {
			text += fmt.Sprint(profLabelsOf(t, "profWaitChannel", key)[0], ";")
		}
		values <- 1
		<-done
		return text
	}
	pprof.Do(t.Context(), pprof.Labels("route", "/a"), func(ctx context.Context) {
		require.Equal(t, "/a;;", labels())
		pprof.Do(ctx, pprof.Labels("user", "7"), func(ctx context.Context) {
			require.Equal(t, "/a;7;", labels())
			route, ok := pprof.Label(ctx, "route")
			require.True(t, ok)
			require.Equal(t, "/a", route)
		})
		require.Equal(t, "/a;;", labels())
		pprof.Do(context.Background(), pprof.Labels("user", "8"), func(context.Context) {
			require.Equal(t, ";8;", labels(), "the route is lost")
		})
		require.Equal(t, ";;", labels(), "and stays lost")
	})
	require.Equal(t, ";;", labels())
	ctx := pprof.WithLabels(t.Context(), pprof.Labels("user", "9"))
	require.Equal(t, ";;", labels(), "a context alone changes nothing")
	pprof.SetGoroutineLabels(ctx)
	require.Equal(t, ";9;", labels())
	pprof.SetGoroutineLabels(context.Background())
}

// Every different set of labels is a sample of its own: one hundred goroutines at
// one line are one sample, and one hundred with a request number each are one
// hundred. The profile grows and nothing in it adds up. Label with what has few
// values, such as a route, a tenant class or a job type, and leave the number of
// the request to logs and traces.
//
//claim:ask May I label profiles with the request ID?
//claim:source https://pkg.go.dev/runtime/pprof#Labels
func TestProfLabelsCardinality(t *testing.T) {
	const requests = 100
	samples := func(label func(i int) string) (n int) {
		values := make(chan int)
		var all sync.WaitGroup
		for i := range requests {
			pprof.Do(t.Context(), pprof.Labels("request", label(i)), func(context.Context) {
				all.Go(func() { profWaitChannel(values) })
			})
		}
		profWaitIn(t, "profWaitChannel", "chan receive", requests)
		for _, s := range profLookup(t, "goroutine").Sample {
			if profPasses(s, `optimizing\.profWaitChannel$`) {
				n++
			}
		}
		close(values)
		all.Wait()
		return n
	}
	require.Equal(t, 1, samples(func(int) string { return "any" }))
	require.Equal(t, requests, samples(func(i int) string { return fmt.Sprint(i) }))
}

// A handful of small allocations, at most 8: a set for the labels, the context
// that carries it and what they are built from. That is nothing for a request and
// much for an inner loop. Build the set once if it is always the same.
//
//claim:ask What does pprof.Do cost per call?
//claim:source runtime/pprof/label.go
func TestProfLabelsCost(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	ctx, nothing := context.Background(), func(context.Context) {}
	fixed := pprof.Labels("route", "/a")
	once := testing.AllocsPerRun(100, func() { pprof.Do(ctx, fixed, nothing) })
	each := testing.AllocsPerRun(100, func() { pprof.Do(ctx, pprof.Labels("route", "/a"), nothing) })
	require.Positive(t, once)
	require.Greater(t, each, once)
	require.LessOrEqual(t, each, 8.0)
}
