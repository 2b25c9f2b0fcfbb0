package memory

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

//go:noinline
func profiledLeak() { leakSink = &leakItem{next: leakSink} }

//go:noinline
func profiledGarbage() { new(leakItem).keepOnHeap() }

//go:noinline
func (item *leakItem) keepOnHeap() {
	leakSink, item.next = item, leakSink
	leakSink, item.next = item.next, nil
}

// parsedProfile returns the named profile of this process as it is now.
func parsedProfile(t *testing.T, name string) *profile.Profile {
	t.Helper()
	var data bytes.Buffer
	require.NoError(t, pprof.Lookup(name).WriteTo(&data, 0))
	p, err := profile.ParseData(data.Bytes())
	require.NoError(t, err)
	return p
}

// heapProfile returns the heap profile as of a collection now.
func heapProfile(t *testing.T) *profile.Profile {
	t.Helper()
	runtime.GC()
	return parsedProfile(t, "heap")
}

// profileSum adds up the values of one sample type over all stacks that
// contain the function.
func profileSum(t *testing.T, p *profile.Profile, sampleType, function string) (sum int64) {
	t.Helper()
	index, err := p.SampleIndexByName(sampleType)
	require.NoError(t, err)
	for _, sample := range p.Sample {
		for _, location := range sample.Location {
			for _, line := range location.Line {
				if strings.HasSuffix(line.Function.Name, "memory."+function) {
					sum += sample.Value[index]
				}
			}
		}
	}
	return sum
}

// Take two heap profiles some time apart and subtract the first from the
// second (go tool pprof -diff_base). In sample type inuse_space the garbage of
// both is gone and what has grown is left, with the stack that allocated it.
// alloc_space is the wrong view: it counts all that was ever allocated, so it
// shows who makes garbage. The profile shows where memory was allocated and not
// who holds it. It is sampled, one in 512 KiB, so small leaks show late.
//
//claim:ask How do you find the code whose memory is leaking?
//claim:source https://pkg.go.dev/runtime/pprof#Profile
//claim:source https://pkg.go.dev/runtime#pkg-variables
func TestHeapProfileDiff(t *testing.T) {
	require.Equal(t, 512<<10, runtime.MemProfileRate)
	t.Cleanup(func() { runtime.MemProfileRate, leakSink = 512<<10, nil })
	runtime.MemProfileRate = 1 // every allocation, for exact numbers

	const leaks, garbage, size = 5, 50, leakItemSize
	run := func() {
		for range leaks {
			profiledLeak()
		}
		for range garbage {
			profiledGarbage()
		}
	}
	run()
	first := heapProfile(t)
	run()
	second := heapProfile(t)

	first.Scale(-1)
	diff, err := profile.Merge([]*profile.Profile{first, second})
	require.NoError(t, err)
	require.EqualValues(t, leaks*size, profileSum(t, diff, "inuse_space", "profiledLeak"))
	require.EqualValues(t, leaks, profileSum(t, diff, "inuse_objects", "profiledLeak"))
	require.Zero(t, profileSum(t, diff, "inuse_space", "profiledGarbage"))
	require.EqualValues(t, leaks*size, profileSum(t, diff, "alloc_space", "profiledLeak"))
	require.EqualValues(t, garbage*size, profileSum(t, diff, "alloc_space", "profiledGarbage"))
}

//go:noinline
func waitAtDoor(door chan bool) { <-door }

// The goroutine profile lists every goroutine, grouped by stack with a count.
// A leak is a large group that grows, waiting at one line. Read it as text with
// debug=1, at /debug/pprof/goroutine of a program that serves net/http/pprof, or
// by sending SIGQUIT. runtime.NumGoroutine tells that there is a leak, the profile
// where it is.
//
//claim:ask The number of goroutines grows. How do you find which ones leak?
//claim:source https://pkg.go.dev/runtime/pprof#Profile
func TestGoroutineProfile(t *testing.T) {
	door := make(chan bool)
	for range 7 {
		go waitAtDoor(door)
	}
	waitGoroutinesIn(t, "waitAtDoor", 7)
	var text bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&text, 1))
	require.Regexp(t, `(?m)^7 @ .*\n(#.*\n)*#.*memory\.waitAtDoor\+`, text.String(), "one group of seven")
	require.GreaterOrEqual(t, runtime.NumGoroutine(), 8)
	close(door)
	waitGoroutinesIn(t, "waitAtDoor", 0)
}

//go:noinline
func leakGoroutine() { go waitAtDoor(make(chan bool)) }

//go:noinline
func waitAtGlobalDoor() { <-globalDoor }

var globalDoor = make(chan bool)

// Go 1.27 can find goroutines that can never wake up: the profile goroutineleak
// collects without counting blocked goroutines as roots, and lists those that
// wait on a channel or lock which no other goroutine can reach. It reports no
// goroutine that could still be woken, so it misses one that waits on a global
// channel nobody uses; there the goroutine profile and patience are left. In Go
// 1.26 it was an experiment. Count is 0 until the profile was written once.
//
//claim:ask Can Go itself find leaked goroutines?
//claim:needs go>=1.27
//claim:source https://pkg.go.dev/runtime/pprof#Profile
//claim:source https://go.dev/doc/go1.27
func TestGoroutineLeakProfile(t *testing.T) {
	if !proof.GoAtLeast("go1.27") {
		if !strings.Contains(runtime.Version(), "goroutineleakprofile") {
			require.Nil(t, pprof.Lookup("goroutineleak"))
		}
		t.Skip("needs Go 1.27")
	}
	if proof.InChild(t) {
		// In a process of its own: nothing can end these goroutines.
		leakGoroutine()
		leakGoroutine()
		go waitAtGlobalDoor()
		waitGoroutinesIn(t, "waitAtDoor", 2)
		waitGoroutinesIn(t, "waitAtGlobalDoor", 1)
		leaks := pprof.Lookup("goroutineleak")
		var text bytes.Buffer
		count := leaks.Count()
		require.NoError(t, leaks.WriteTo(&text, 1))
		fmt.Printf("count %d, then %d\n%s", count, leaks.Count(), &text)
		os.Exit(1) // before goleak, which finds them too
	}
	if testing.Short() {
		t.Skip("starts a process")
	}
	output, _ := proof.Child(t)
	require.Contains(t, output, "count 0, then 2")
	require.Contains(t, output, "goroutineleak profile: total 2")
	require.Contains(t, output, "memory.waitAtDoor")
	require.NotContains(t, output, "memory.waitAtGlobalDoor")
}
