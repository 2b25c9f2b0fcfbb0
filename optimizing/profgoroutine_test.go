package optimizing

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// debug=0 is the compressed form for go tool pprof: one sample per different
// stack, with the number of goroutines as its value. debug=1 is the same as text.
// debug=2 prints every goroutine by itself, as a crash does, with its number and
// what it waits for. Use 1 to count and find a leak, and 2 to see a state or a
// deadlock. The value is a number of goroutines, not a time.
//
//claim:ask What do debug=0, debug=1 and debug=2 of the goroutine profile give?
//claim:source https://pkg.go.dev/runtime/pprof#Profile.WriteTo
func TestProfGoroutine(t *testing.T) {
	values := make(chan int)
	done := make(chan int)
	for range 5 {
		go func() { done <- profWaitChannel(values) }()
	}
	profWaitIn(t, "profWaitChannel", "chan receive", 5)
	text := func(debug int) string {
		var out bytes.Buffer
		require.NoError(t, pprof.Lookup("goroutine").WriteTo(&out, debug))
		return out.String()
	}
	p, err := profile.ParseData([]byte(text(0)))
	require.NoError(t, err)
	require.Equal(t, "goroutine/count", p.SampleType[0].Type+"/"+p.SampleType[0].Unit)
	groups := 0
	for _, s := range p.Sample {
		if profPasses(s, `optimizing\.profWaitChannel$`) {
			require.EqualValues(t, 5, s.Value[0])
			groups++
		}
	}
	require.Equal(t, 1, groups)

	require.Regexp(t, `(?m)^5 @ .*\n(#.*\n)*#.*optimizing\.profWaitChannel\+`, text(1))
	require.Len(t, regexp.MustCompile(`goroutine \d+ \[chan receive\]:\n(.*\n)*?.*optimizing\.profWaitChannel\(`).FindAllString(text(2), -1), 5)
	for range 5 {
		values <- 1
	}
	for range 5 {
		<-done
	}
}

// The number of threads that the runtime has made and that still exist. A
// goroutine that is locked to its thread or sits in a system call takes one, so a
// count far above GOMAXPROCS means blocking system calls, cgo or LockOSThread. It
// is no more than a number: the samples have no stack of your code, because
// threads are made by the scheduler. You may read that it shows what led to the
// creation of threads; that has not worked for years.
//
//claim:ask What is the threadcreate profile good for?
//claim:source https://pkg.go.dev/runtime/pprof#Profile
//claim:source https://go.dev/issue/6104
func TestProfThreadCreate(t *testing.T) {
	const locked = 5
	ready, release, done := make(chan bool), make(chan bool), make(chan bool)
	for range locked {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ready <- true
			<-release
			done <- true
		}()
	}
	for range locked {
		<-ready
	}
	p := profLookup(t, "threadcreate")
	require.Equal(t, "threadcreate", p.SampleType[0].Type)
	require.GreaterOrEqual(t, profSumAll(p), int64(locked))
	for _, s := range p.Sample {
		require.False(t, profPasses(s, `optimizing\.`), "%v", profFrames(s))
	}
	for range locked {
		release <- true
	}
	for range locked {
		<-done
	}
}

// profSumAll adds up the first value of all samples.
func profSumAll(p *profile.Profile) (sum int64) {
	for _, s := range p.Sample {
		sum += s.Value[0]
	}
	return sum
}

// Since Go 1.27, writing the profile goroutineleak runs a collection of its own
// kind, and the profile then has the goroutines that no reachable channel or lock
// can wake. So it costs a full collection for each call, and is for a check now
// and then or at the end of a test. Its samples have the form of the goroutine
// profile, with the type goroutineleak, and only leaked goroutines are in it. In
// Go 1.26 it exists under GOEXPERIMENT=goroutineleakprofile.
//
//claim:ask What does it cost to read the goroutineleak profile, and what is in the file?
//claim:needs go>=1.27
//claim:source https://pkg.go.dev/runtime/pprof#Profile
//claim:source https://go.dev/doc/go1.27
func TestProfGoroutineLeak(t *testing.T) {
	if !proof.GoAtLeast("go1.27") {
		t.Skip("needs Go 1.27")
	}
	if proof.InChild(t) {
		for range 3 {
			go profWaitChannel(make(chan int))
		}
		reachable := make(chan int)
		go profWaitSelect(reachable)
		profWaitIn(t, "profWaitChannel", "chan receive", 3)
		profWaitIn(t, "profWaitSelect", "select", 1)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p := profLookup(t, "goroutineleak")
		runtime.ReadMemStats(&after)
		fmt.Println("collected:", after.NumGC > before.NumGC)
		fmt.Println("type:", p.SampleType[0].Type)
		for _, s := range p.Sample {
			fmt.Println("leaked:", s.Value[0], profPasses(s, `optimizing\.profWaitChannel$`))
		}
		runtime.KeepAlive(reachable)
		os.Exit(0) // before goleak, which finds them too
	}
	if testing.Short() {
		t.Skip("starts a process")
	}
	output, err := proof.Child(t)
	require.NoError(t, err, output)
	require.Contains(t, output, "collected: true\ntype: goroutineleak\nleaked: 3 true\n")
	require.Equal(t, 1, strings.Count(output, "leaked:"))
}

// profHandles is a profile of our own. The name must be new in the process, so it
// belongs in a variable of the package.
var profHandles = pprof.NewProfile("github.com/go-deep-dive/godeep/optimizing.handles")

type profResource struct{ name string }

//go:noinline
func profOpen(name string) *profResource {
	h := &profResource{name}
	profHandles.Add(h, 2)
	return h
}

// profLeafs counts the entries of profHandles whose stack begins with the
// function.
func profLeafs(t *testing.T, function string) (n int) {
	t.Helper()
	for _, s := range profLookup(t, profHandles.Name()).Sample {
		if regexp.MustCompile(function).MatchString(profFrames(s)[0]) {
			n++
		}
	}
	return n
}

func (h *profResource) close() { profHandles.Remove(h) }

// Yes: pprof.NewProfile makes one. Add records the caller's stack under a value,
// Remove takes it out again, and the profile is the list of what is open now and
// where it was opened. So it finds files, connections or transactions that are
// never closed. Each Add walks the stack and takes a lock: it is for resources,
// not for each small object. The stack begins with Add for skip 0, with its
// caller for 1 and with the caller of that for 2. The value must be unique: Add
// of the same value twice panics, and the profile keeps the value reachable until
// Remove. The predefined profiles refuse Add.
//
//claim:ask Can I make a profile of my own, for example of open connections?
//claim:source https://pkg.go.dev/runtime/pprof#NewProfile
func TestProfCustom(t *testing.T) {
	first, second := profOpen("first"), profOpen("second")
	require.Equal(t, 2, profHandles.Count())
	require.EqualValues(t, 2, profSumAll(profLookup(t, profHandles.Name())))
	for _, s := range profLookup(t, profHandles.Name()).Sample {
		require.Regexp(t, `optimizing\.TestProfCustom$`, profFrames(s)[0], "skip 2 leaves out profOpen")
	}
	profHandles.Add(0, 0)
	require.Equal(t, 1, profLeafs(t, `pprof\.\(\*Profile\)\.Add$`), "skip 0 begins with Add itself")
	profHandles.Remove(0)
	first.close()
	require.Equal(t, 1, profHandles.Count())
	require.Panics(t, func() { profHandles.Add(second, 0) })
	require.Panics(t, func() { pprof.NewProfile(profHandles.Name()) })
	require.Panics(t, func() { pprof.Lookup("heap").Add(second, 0) })
	second.close()
	second.close() // does nothing
	require.Zero(t, profHandles.Count())
	require.Equal(t, []string{"first", "second"}, []string{first.name, second.name})
}
