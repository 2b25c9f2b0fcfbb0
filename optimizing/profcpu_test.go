package optimizing

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// profFrames returns the names of the functions of a sample, leaf first. An
// inlined function has a name of its own in the location of its caller.
func profFrames(s *profile.Sample) (names []string) {
	for _, location := range s.Location {
		for _, line := range location.Line {
			names = append(names, line.Function.Name)
		}
	}
	return names
}

// profPasses reports whether a function that matches is on the stack.
func profPasses(s *profile.Sample, frame string) bool {
	return slices.ContainsFunc(profFrames(s), regexp.MustCompile(frame).MatchString)
}

// profSum adds up the values of one sample type over the stacks that contain a
// matching function: its cumulative value.
func profSum(t *testing.T, p *profile.Profile, sampleType, frame string) (sum int64) {
	t.Helper()
	index, err := p.SampleIndexByName(sampleType)
	require.NoError(t, err)
	for _, s := range p.Sample {
		if profPasses(s, frame) {
			sum += s.Value[index]
		}
	}
	return sum
}

// profPhases is the program that the tests take a CPU profile of. While it runs,
// another goroutine waits in profSleeper.
var profPhases = map[string]func(data []byte){
	"hash": func(data []byte) { profHandle(data) },
	"box":  func(data []byte) { profBox(data[:4096]) },
	"copy": func(data []byte) { profCopy(data[:len(data)/2], data[len(data)/2:]) },
	"deep": func(data []byte) { profRoot(100, func() { profHash(data) }) },
}

//go:noinline
func profSleeper(wake chan bool) { <-wake }

// profRecordCPU takes a CPU profile of f. It returns nil if somebody else is
// taking one, as with go test -cpuprofile.
func profRecordCPU(f func()) (*profile.Profile, error) {
	var data bytes.Buffer
	if pprof.StartCPUProfile(&data) != nil {
		return nil, nil
	}
	f()
	pprof.StopCPUProfile()
	return profile.ParseData(data.Bytes())
}

// profWanted is a function that some sample of each phase must have as its leaf,
// before the profile is enough for the tests.
var profWanted = map[string]string{
	"hash": `optimizing\.profMix$`,
	"box":  `^runtime\.`,
	"copy": `^runtime\.memmove$`,
	"deep": `optimizing\.prof(Mix|Hash)$`,
}

// profRecorded is one CPU profile for all tests: the phases one after the other,
// again and again until it is enough, at most 20 times.
var profRecorded = sync.OnceValues(func() (all *profile.Profile, err error) {
	data := make([]byte, 256<<10)
	for range 20 {
		p, err := profRecordCPU(func() {
			wake := make(chan bool)
			go profSleeper(wake)
			for name, phase := range profPhases {
				pprof.Do(context.Background(), pprof.Labels("phase", name), func(context.Context) {
					for start := time.Now(); time.Since(start) < 20*time.Millisecond; {
						phase(data)
					}
				})
			}
			close(wake)
		})
		if p == nil || err != nil {
			return nil, err
		}
		if all != nil {
			if p, err = profile.Merge([]*profile.Profile{all, p}); err != nil {
				return nil, err
			}
		}
		all = p
		missing := len(profWanted)
		for name, leaf := range profWanted {
			wanted := regexp.MustCompile(leaf)
			if slices.ContainsFunc(profPhase(all, name), func(s *profile.Sample) bool {
				return wanted.MatchString(profFrames(s)[0])
			}) {
				missing--
			}
		}
		if missing == 0 {
			break
		}
	}
	return all, nil
})

func profRecordedPhases(t *testing.T) *profile.Profile {
	t.Helper()
	if proof.RaceEnabled {
		t.Skip("the race detector takes the time, in code of which the profile has no stack")
	}
	p, err := profRecorded()
	require.NoError(t, err)
	if p == nil {
		t.Skip("another CPU profile is being taken")
	}
	return p
}

// profPhase returns the samples of one phase.
func profPhase(p *profile.Profile, name string) (samples []*profile.Sample) {
	for _, s := range p.Sample {
		if s.HasLabel("phase", name) {
			samples = append(samples, s)
		}
	}
	return samples
}

func TestProfCPU(t *testing.T) {
	hash := profPhase(profRecordedPhases(t), "hash")
	require.NotEmpty(t, hash)
	var under, all int64
	for _, s := range hash {
		all += s.Value[0]
		if profPasses(s, `optimizing\.profHash$`) {
			under += s.Value[0]
			require.True(t, profPasses(s, `optimizing\.profHandle$`), "its only caller in this phase")
		}
	}
	require.Positive(t, under, "of %d samples", all)
	require.Equal(t, []int{0, 3, 4}, []int{len(profBox(nil)), len(profBox([]byte("abc"))), profCopy(make([]byte, 4), []byte("abcd"))})
	require.Equal(t, profHash([]byte("ab"))+profHash([]byte("a")), profHandle([]byte("ab")))
}

// A CPU profile is a count of interrupted stacks. While a thread runs, it is
// interrupted about a hundred times per second of its CPU time, and the stack of
// the running goroutine is recorded. The share of samples with a function on the
// stack estimates the share of CPU time spent in it and below: here more than 80
// percent pass through profHash. It counts samples, not calls, and a function
// with few samples is known badly: take the profile under real load, for 30
// seconds or so.
//
//claim:ask A program eats CPU. What does a CPU profile record, and what do its percentages mean?
//claim:profile cpu optimizing\.profHash >= 80%
//claim:source https://pkg.go.dev/runtime/pprof#StartCPUProfile
//claim:source runtime/cpuprof.go
func BenchmarkProfCPU(b *testing.B) {
	data := make([]byte, 16<<10)
	b.ReportAllocs()
	for b.Loop() {
		profHandle(data)
	}
}

// No: it shows only goroutines that are running. A goroutine that sleeps or waits
// for a channel, a lock, the network or a disk uses no CPU and gets no sample,
// however long the user waits for it. If a request is slow and the CPU is idle,
// the CPU profile is empty or shows something else. Use the block profile, the
// goroutine profile or an execution trace then.
//
//claim:ask Requests take two seconds. Does the CPU profile show where the time goes?
//claim:source https://pkg.go.dev/runtime/pprof#Profile
//claim:source https://go.dev/doc/diagnostics#profiling
func TestProfCPUOnlyRunning(t *testing.T) {
	p := profRecordedPhases(t)
	require.Positive(t, profSum(t, p, "cpu", `optimizing\.profHash$`))
	require.Zero(t, profSum(t, p, "cpu", `optimizing\.profSleeper$`), "it was there all the time, waiting")
}

// There is one CPU profile in a process: a second StartCPUProfile returns an
// error until the first is stopped. So two people cannot take one from the same
// server at once, and code under go test -cpuprofile cannot start its own.
// StopCPUProfile returns when the profile is written, complete. A second Stop is
// harmless.
//
//claim:ask Can two CPU profiles be taken at the same time?
//claim:source https://pkg.go.dev/runtime/pprof#StartCPUProfile
func TestProfCPUOneAtATime(t *testing.T) {
	var first, second bytes.Buffer
	if pprof.StartCPUProfile(&first) != nil {
		t.Skip("another CPU profile is being taken")
	}
	require.EqualError(t, pprof.StartCPUProfile(&second), "cpu profiling already in use")
	pprof.StopCPUProfile()
	_, err := profile.ParseData(first.Bytes())
	require.NoError(t, err)
	require.Zero(t, second.Len())
	pprof.StopCPUProfile()
}

// A hundred samples per second of CPU time: the period in the profile is 10
// milliseconds, and each sample stands for that. So the time of a function is
// always a multiple of the period, counted and never measured: one call of a
// microsecond is not seen, and a million of them are. For more detail take a
// longer profile. The rate is per running thread, so several busy cores give a
// total above the duration.
//
//claim:ask How often does the CPU profiler sample, and can it measure one short call?
//claim:source https://pkg.go.dev/runtime#SetCPUProfileRate
//claim:source runtime/pprof/pprof.go
func TestProfCPURate(t *testing.T) {
	p := profRecordedPhases(t)
	require.Equal(t, 10*time.Millisecond, time.Duration(p.Period))
	require.Equal(t, "cpu/nanoseconds", p.PeriodType.Type+"/"+p.PeriodType.Unit)
	require.Len(t, p.SampleType, 2)
	require.Equal(t, []string{"samples", "cpu"}, []string{p.SampleType[0].Type, p.SampleType[1].Type})
	for _, s := range p.Sample {
		require.Equal(t, s.Value[0]*p.Period, s.Value[1], "samples times period")
	}
}

// They have names of their own. The compiler keeps, for each instruction, the
// functions that it was inlined from; the profile stores them as several lines of
// one location, and pprof shows them like calls, marked (inline) in -list and
// -peek. So profiles need no build without inlining, which would measure another
// program. With -noinlines pprof adds them to the caller. What is lost is the
// time of the call itself: there was none.
//
//claim:ask Do inlined functions appear in a profile?
//claim:source https://pkg.go.dev/runtime#CallersFrames
//claim:source https://github.com/google/pprof/blob/main/proto/profile.proto
func TestProfCPUInlined(t *testing.T) {
	seen := false
	for _, s := range profPhase(profRecordedPhases(t), "hash") {
		for _, location := range s.Location {
			if len(location.Line) == 2 {
				require.Regexp(t, `optimizing\.profMix$`, location.Line[0].Function.Name)
				require.Regexp(t, `optimizing\.profHash$`, location.Line[1].Function.Name)
				seen = true
			}
		}
	}
	require.True(t, seen, "a sample in profMix, inlined into profHash")
}

// The CPU profile keeps the 64 frames nearest to the leaf. Of a deeper stack, as
// recursion or long chains of middleware make it, the root is cut off: the sample
// counts for the leaf, and main or the handler at the top gets less than its due
// in cum, and a flame graph has towers beside the root. The other profiles keep
// 128 frames since Go 1.23 (32 before), and GODEBUG=profstackdepth changes that
// number.
//
//claim:ask Why is the sum under my top-level function too small in a CPU profile?
//claim:source runtime/cpuprof.go
//claim:source runtime/extern.go
//claim:source https://go.dev/doc/go1.23
func TestProfCPUTruncated(t *testing.T) {
	for _, s := range profPhase(profRecordedPhases(t), "deep") {
		if profPasses(s, `optimizing\.profHash$`) {
			require.Equal(t, 64, len(profFrames(s)))
			require.False(t, profPasses(s, `optimizing\.profRoot$`))
		}
	}
	if strings.Contains(os.Getenv("GODEBUG"), "profstackdepth") {
		return
	}
	p, found := profHeapOf(t, func() { profRoot(200, func() { profKept = []*profRow{new(profRow)} }) }), false
	for _, s := range p.Sample {
		if profPasses(s, `optimizing\.profDescend$`) {
			require.InDelta(t, 128, len(profFrames(s)), 8, "some are of the allocator itself")
			require.False(t, profPasses(s, `optimizing\.profRoot$`))
			found = true
		}
	}
	require.True(t, found)
}

// The price of a running profile is a signal and a walk of one stack a hundred
// times per second for each busy thread, so it is small at any load: a loop takes
// less than twice its time here, and the real difference is a few percent at
// most. A CPU profile can be taken in production. When none is taken, the cost is
// nothing. The other kinds differ: goroutine stops the world, block and mutex
// with a rate of 1 record each event, and a heap profile with MemProfileRate 1
// each allocation.
//
//claim:ask Can I take a CPU profile in production?
//claim:expect ns/op of=profiled < 2x of=plain
//claim:source https://go.dev/doc/diagnostics#profiling
func BenchmarkProfCPUCost(b *testing.B) {
	data := make([]byte, 4096)
	run := func(name string, before, after func()) {
		b.Run(name, func(b *testing.B) {
			before()
			b.ReportAllocs()
			for b.Loop() {
				profHandle(data)
			}
			after()
		})
	}
	run("of=plain", func() {}, func() {})
	run("of=profiled", func() {
		if err := pprof.StartCPUProfile(io.Discard); err != nil {
			b.Skip(err)
		}
	}, pprof.StopCPUProfile)
}

func TestProfCPURuntimeOnTop(t *testing.T) {
	p := profRecordedPhases(t)
	leaf := func(phase, function string) (n int) {
		for _, s := range profPhase(p, phase) {
			if regexp.MustCompile(function).MatchString(profFrames(s)[0]) {
				n++
			}
		}
		return n
	}
	require.Positive(t, leaf("copy", `^runtime\.memmove$`))
	require.Zero(t, leaf("copy", `optimizing\.profCopy$`), "copy is a call of memmove: no flat time")
	for _, s := range profPhase(p, "box") {
		if profPasses(s, `^runtime\.(mallocgc|newobject)`) {
			require.True(t, profPasses(s, `optimizing\.profBox$`), "the caller that allocates is on the stack")
		}
	}
}

// They are work that your code asked for. runtime.mallocgc and newobject are
// allocation, growslice is append, memmove is copying, gcBgMarkWorker and
// gcAssistAlloc are the collector. More than a third of the time of profBox is in
// the allocator or the collector, so its loop is not what to improve: allocate
// less. Look who calls them, with pprof -peek 'runtime.mallocgc$', or sort by
// cum. The mark workers are goroutines of their own, without your functions on
// the stack; the alloc_space view of a heap profile leads to their cause.
//
//claim:ask The top of my CPU profile is runtime.mallocgc, memmove and gcBgMarkWorker. What now?
//claim:profile cpu runtime\.(mallocgc|newobject|growslice|gcBgMarkWorker|gcAssistAlloc|bgsweep) >= 35%
//claim:source https://go.dev/doc/gc-guide#Identifying_costs
func BenchmarkProfCPURuntimeOnTop(b *testing.B) {
	data := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		profBox(data)
	}
}
