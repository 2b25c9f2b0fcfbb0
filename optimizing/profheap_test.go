package optimizing

import (
	"bytes"
	"maps"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

const profDefaultRate = 512 << 10

// profExactly makes heap profiles exact until the end of the test: nothing is
// recorded but what f allocates, and nothing is scaled. Reading a profile
// allocates too, so it is left out.
func profExactly(t testing.TB, f func()) {
	rate := runtime.MemProfileRate
	t.Cleanup(func() { runtime.MemProfileRate, profKept, profPage, profUnused = rate, nil, nil, nil })
	runtime.MemProfileRate = 1
	f()
	runtime.MemProfileRate = 0
}

// profCollectByHand leaves no collection but those of runtime.GC.
func profCollectByHand(t *testing.T) {
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	runtime.GC()
}

// profLookup returns a profile of this process as it is now.
func profLookup(t *testing.T, name string) *profile.Profile {
	t.Helper()
	var data bytes.Buffer
	require.NoError(t, pprof.Lookup(name).WriteTo(&data, 0))
	p, err := profile.ParseData(data.Bytes())
	require.NoError(t, err)
	return p
}

// profHeapOf runs f and returns the heap profile as of a collection after it, in
// which every allocation of f is.
func profHeapOf(t *testing.T, f func()) *profile.Profile {
	t.Helper()
	profExactly(t, f)
	runtime.GC()
	return profLookup(t, "heap")
}

func TestProfHeapViews(t *testing.T) {
	proof.OnceUnderRace(t)
	p := profHeapOf(t, profFourViews)
	for view, want := range map[string]string{
		"inuse_space":   "profKeepLarge",
		"inuse_objects": "profKeepSmall",
		"alloc_space":   "profDropLarge",
		"alloc_objects": "profDropSmall",
	} {
		sums := make(map[int64]string)
		for _, f := range []string{"profKeepLarge", "profKeepSmall", "profDropLarge", "profDropSmall"} {
			sums[profSum(t, p, view, `optimizing\.`+f+`$`)] = f
		}
		require.Equal(t, want, sums[slices.Max(slices.Collect(maps.Keys(sums)))], view)
	}
	require.EqualValues(t, 256<<10, profSum(t, p, "inuse_space", `optimizing\.profKeepLarge$`))
	require.Len(t, profPage, 256<<10)
	require.Nil(t, profUnused)
	garbage := profSum(t, p, "inuse_objects", `optimizing\.profDrop`)
	require.LessOrEqual(t, garbage, int64(4), "of 4004: garbage is in no inuse view, unless a register still has it")
}

// Each answers another question, and each can name another function. inuse_space:
// who holds the memory now, for leaks and a large heap. inuse_objects: who holds
// many small objects that the collector has to mark. alloc_space: who makes the
// garbage, in bytes, which decides how often the collector runs. alloc_objects:
// who calls the allocator most, which costs CPU. For speed look at the alloc
// views; garbage is in no inuse view. All four are in one file: go tool pprof
// -sample_index.
//
//claim:ask What do inuse_space, inuse_objects, alloc_space and alloc_objects tell, and which one do I need?
//claim:profile alloc_space optimizing\.profDropLarge >= 60%
//claim:profile alloc_objects optimizing\.profDropSmall >= 60%
//claim:source https://pkg.go.dev/runtime/pprof#hdr-Heap_profile
func BenchmarkProfHeapViews(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		profFourViews()
	}
}

// The same samples with another default. heap and allocs both hold all four
// views: heap opens with inuse_space, allocs with alloc_space. So a leak can be
// found in the file that go test -memprofile writes, which is an allocs profile,
// if you pass -sample_index=inuse_space, and garbage in a heap profile.
//
//claim:ask What is the difference between the heap profile and the allocs profile?
//claim:source https://pkg.go.dev/runtime/pprof#hdr-Allocs_profile
func TestProfHeapAllocs(t *testing.T) {
	proof.OnceUnderRace(t)
	profCollectByHand(t)
	heap := profHeapOf(t, profFourViews)
	allocs := profLookup(t, "allocs")
	for _, view := range []string{"inuse_space", "inuse_objects", "alloc_space", "alloc_objects"} {
		sum := profSum(t, heap, view, `optimizing\.prof(Keep|Drop)`)
		require.Positive(t, sum, view)
		require.Equal(t, sum, profSum(t, allocs, view, `optimizing\.prof(Keep|Drop)`), view)
	}
	require.Equal(t, "alloc_space", allocs.DefaultSampleType)
	require.Empty(t, heap.DefaultSampleType, "the last type is the default")
	require.Equal(t, "inuse_space", heap.SampleType[3].Type)
}

// A heap profile shows the state as of the end of the last collection. What was
// allocated since is not in it, in no view, and what became garbage since is
// still live in it. So call runtime.GC first, or fetch /debug/pprof/heap?gc=1, if
// you want to see the effect of what was just done. Without that, a steady
// service loses nothing: it collects often. The delay is on purpose: otherwise
// young garbage would count as live memory.
//
//claim:ask I have just allocated a lot. Why is it not in the heap profile?
//claim:source https://pkg.go.dev/runtime/pprof#hdr-Heap_profile
//claim:source runtime/mprof.go
func TestProfHeapLag(t *testing.T) {
	proof.OnceUnderRace(t)
	profExactly(t, func() {})
	profCollectByHand(t)
	count := func(view string) int64 { return profSum(t, profLookup(t, "heap"), view, `optimizing\.profLoad$`) }
	allocated := count("alloc_objects")
	profExactly(t, func() {
		profKept = make([]*profRow, 10)
		for i := range profKept {
			profKept[i] = profLoad()
		}
	})
	require.Zero(t, count("inuse_objects"))
	require.Equal(t, allocated, count("alloc_objects"), "not counted as allocated either")
	runtime.GC()
	require.EqualValues(t, 10, count("inuse_objects"))
	require.Equal(t, allocated+10, count("alloc_objects"))
	profKept = nil
	require.EqualValues(t, 10, count("inuse_objects"), "garbage, but nobody knows yet")
	runtime.GC()
	require.LessOrEqual(t, count("inuse_objects"), int64(1), "a register may still have one")
}

// One allocation is recorded per 512 KiB allocated, on average, at random places.
// A large object is nearly always recorded and a small one seldom, so each record
// is scaled up by how unlikely it was. The sums are estimates that are right on
// average: good for what allocates much, useless for a site with a few kilobytes,
// which mostly is not there at all. That is why a profile of a small test looks
// empty; -memprofilerate=1 records everything.
//
//claim:ask How exact is a heap profile?
//claim:source https://pkg.go.dev/runtime#MemProfileRate
//claim:source runtime/pprof/protomem.go
func TestProfHeapSampling(t *testing.T) {
	proof.OnceUnderRace(t)
	if runtime.MemProfileRate != profDefaultRate {
		t.Skip("not the default rate")
	}
	// 16 MiB in objects of 1 KiB: about 32 records are expected.
	const objects, size = 16 << 10, 1 << 10
	recorded := func() (n int64) {
		runtime.GC()
		records := make([]runtime.MemProfileRecord, 10_000)
		m, ok := runtime.MemProfile(records, true)
		require.True(t, ok)
		for _, r := range records[:m] {
			if frame, _ := runtime.CallersFrames(r.Stack()).Next(); strings.HasSuffix(frame.Function, ".profSampledSite") {
				n += r.AllocObjects
			}
		}
		return n
	}
	estimate := func() int64 {
		runtime.GC()
		return profSum(t, profLookup(t, "heap"), "alloc_space", `optimizing\.profSampledSite$`)
	}
	records, bytesBefore := recorded(), estimate()
	for range objects {
		profSampledSite(size)
	}
	profUnused = nil
	require.Less(t, recorded()-records, int64(objects/64), "few are recorded")
	require.InDelta(t, objects*size, estimate()-bytesBefore, 0.95*objects*size, "and stand for the others")
}

//go:noinline
func profSampledSite(size int) { profUnused = make([]byte, size) }

// Once, at the very start of main, or with go test -memprofilerate. The profile
// scales all records by the rate at the time of writing: what was recorded under
// another rate comes out wrong, here by a factor of more than a thousand. The
// rate 1 records every allocation; 0 none, but for the first on each P after the
// change.
//
//claim:ask When may MemProfileRate be changed?
//claim:source https://pkg.go.dev/runtime#MemProfileRate
func TestProfHeapRateChanged(t *testing.T) {
	proof.OnceUnderRace(t)
	count := func() int64 { return profSum(t, profLookup(t, "heap"), "inuse_objects", `optimizing\.profLoad$`) }
	load := func() {
		for i := range profKept {
			profKept[i] = profLoad()
		}
	}
	profKept = make([]*profRow, 100)
	profExactly(t, load)
	runtime.GC()
	require.EqualValues(t, 100, count())
	runtime.MemProfileRate = profDefaultRate
	require.Greater(t, count(), int64(100*1000), "still the same 100 rows")

	runtime.MemProfileRate = 0
	load()
	runtime.GC()
	require.LessOrEqual(t, count(), int64(runtime.GOMAXPROCS(0)), "recorded while the rate is 0: at most the first on each P")
}

// The default rate is made to be left on: an allocation only counts down the
// bytes to the next sample, and switching profiling off with rate 0 saves less
// than half of the time. With rate 1 each allocation walks the stack, and an
// allocation of 32 bytes takes more than 3 times as long. Use 1 in tests, not in
// production.
//
//claim:ask What does heap profiling cost, and must I switch it on?
//claim:expect ns/op rate=every > 3x rate=default
//claim:expect ns/op rate=default < 2x rate=off
//claim:source https://pkg.go.dev/runtime#MemProfileRate
func BenchmarkProfHeapRate(b *testing.B) {
	for _, setting := range []struct {
		name string
		rate int
	}{{"off", 0}, {"default", profDefaultRate}, {"every", 1}} {
		b.Run("rate="+setting.name, func(b *testing.B) {
			profExactly(b, func() {}) // restores the rate
			runtime.MemProfileRate = setting.rate
			profKept = make([]*profRow, 1)
			b.ReportAllocs()
			for b.Loop() {
				profKept[0] = profLoad()
			}
		})
	}
}

// No. The stack in a heap profile is that of the allocation: it names the
// function that made the object and its callers at that time, never the variable
// or the object that keeps it alive. If a cache holds rows that a loader makes,
// the loader is in the profile and the cache is not. Find the holder by reading
// where the results of that function go.
//
//claim:ask Does the heap profile show who keeps the memory alive?
//claim:source https://pkg.go.dev/runtime/pprof#Profile
func TestProfHeapHolder(t *testing.T) {
	proof.OnceUnderRace(t)
	cache := profCache{rows: make([]*profRow, 1)}
	p := profHeapOf(t, func() { cache.keep(profLoad()) })
	require.EqualValues(t, 1, profSum(t, p, "inuse_objects", `optimizing\.profLoad$`))
	require.Zero(t, profSum(t, p, "inuse_objects", `optimizing\.\(\*profCache\)\.keep`))
	runtime.KeepAlive(&cache)
}

// Because it counts live heap objects only. The process also has the stacks of
// goroutines, garbage that is not collected yet (with GOGC=100 up to about as
// much as is live), free pages not yet returned to the system, the runtime's own
// tables, and memory of C code or mmap. runtime.MemStats or runtime/metrics show
// most of these parts. If the heap profile is small and the process large, look
// at the number of goroutines and at the garbage.
//
//claim:ask The process uses 2 GB, and the heap profile adds up to 900 MB. Where is the rest?
//claim:source https://pkg.go.dev/runtime#MemStats
//claim:source https://go.dev/doc/gc-guide
func TestProfHeapNotAll(t *testing.T) {
	proof.OnceUnderRace(t)
	profExactly(t, func() {})
	profCollectByHand(t)
	stats := func() (m runtime.MemStats) {
		runtime.ReadMemStats(&m)
		return m
	}
	live := func() int64 { return profSum(t, profLookup(t, "heap"), "inuse_space", "optimizing") }

	before, liveBefore := stats(), live()
	profExactly(t, profDropLarge)
	require.GreaterOrEqual(t, stats().HeapAlloc, before.HeapAlloc+1<<20, "garbage takes memory")
	require.InDelta(t, liveBefore, live(), 64<<10, "and is not in the profile")

	ready, done := make(chan bool), make(chan bool)
	profExactly(t, func() {
		go profRoot(20_000, func() { ready <- true; <-done; ready <- true })
		<-ready
	})
	require.GreaterOrEqual(t, stats().StackInuse, before.StackInuse+1<<19, "so do stacks")
	runtime.GC()
	require.InDelta(t, liveBefore, live(), 64<<10)
	done <- true
	<-ready
}

// Yes: each sample carries the size of its objects as the label bytes. Two sizes
// from one line are two samples, and go tool pprof -tags lists the sizes with
// their share. So the profile tells many small objects from few large ones at one
// line. The size is that of the class that the allocator rounds up to, not the
// one asked for.
//
//claim:ask Does a heap profile tell which sizes a line allocates?
//claim:source runtime/pprof/protomem.go
func TestProfHeapSizes(t *testing.T) {
	proof.OnceUnderRace(t)
	p := profHeapOf(t, func() {
		for range 3 {
			profSampledSite(100)
			profSampledSite(5000)
		}
	})
	sizes := make(map[int64]int64)
	for _, s := range p.Sample {
		if profPasses(s, `optimizing\.profSampledSite$`) {
			require.Len(t, s.NumLabel["bytes"], 1)
			sizes[s.NumLabel["bytes"][0]] += s.Value[0]
		}
	}
	require.GreaterOrEqual(t, sizes[112], int64(3), "100 rounded up")
	require.GreaterOrEqual(t, sizes[5376], int64(3), "5000 rounded up")
}

// What a compiler removes is in no profile: an object that does not escape is on
// the stack, and no allocation is recorded. So the heap profile is the list of
// allocations that really happen; compare it before and after a change.
//
//claim:ask Does an object on the stack appear in the heap profile?
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func TestProfHeapStackObject(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	p := profHeapOf(t, func() { require.EqualValues(t, 6, profOnStack()) })
	require.Zero(t, profSum(t, p, "alloc_objects", `optimizing\.profOnStack$`))
}
