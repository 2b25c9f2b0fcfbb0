package schedgc

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// goCostParked starts n goroutines, each of which calls park and then waits. It
// returns when all wait. The function that it returns ends them and waits for
// that.
func goCostParked(n int, park func(wait func())) (end func()) {
	var started, ended sync.WaitGroup
	release := make(chan struct{})
	for range n {
		started.Add(1)
		ended.Go(func() {
			park(func() {
				started.Done()
				<-release
			})
		})
	}
	started.Wait()
	return func() {
		close(release)
		ended.Wait()
	}
}

// goCostDeep calls f with the given number of frames of about 100 bytes below it.
//
//go:noinline
func goCostDeep(frames int, f func()) (sum byte) {
	var frame [64]byte
	if frames == 0 {
		f()
		return 0
	}
	sum = goCostDeep(frames-1, f)
	for _, b := range frame {
		sum += b
	}
	return sum
}

// goCostSpike is what the child of TestGoroutineSpike prints.
type goCostSpike struct {
	StackBefore, StackPeak, StackAfter       uint64
	ObjectsBefore, ObjectsPeak, ObjectsAfter uint64
	SecondSpike                              uint64 // objects allocated by an equal spike
}

// The stacks come back, the descriptors do not. After 10,000 blocked goroutines
// have ended, a collection returns their stacks to the heap. The 10,000 objects
// that describe a goroutine, the g, stay for ever, on lists of dead goroutines:
// the runtime keeps a pointer to every g it has made. They are not lost. A
// second spike of the same size takes them from the lists and allocates no new
// ones. So the memory of a program after a spike is that of its largest number
// of goroutines, less the stacks.
//
//claim:ask A spike of goroutines is over. Does the program get its memory back?
//claim:source runtime/proc.go
func TestGoroutineSpike(t *testing.T) {
	const n = 10_000
	if proof.InChild(t) {
		var m runtime.MemStats
		read := func() (stack, objects uint64) {
			runtime.GC()
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.StackInuse, m.HeapObjects
		}
		var s goCostSpike
		park := func(wait func()) { wait() }
		s.StackBefore, s.ObjectsBefore = read()
		end := goCostParked(n, park)
		s.StackPeak, s.ObjectsPeak = read()
		end()
		s.StackAfter, s.ObjectsAfter = read()
		end = goCostParked(n, park)
		_, objects := read()
		s.SecondSpike = objects - s.ObjectsPeak
		if objects < s.ObjectsPeak {
			s.SecondSpike = 0
		}
		end()
		out, _ := json.Marshal(s)
		fmt.Printf("\nspike %s\n", out)
		return
	}
	out, err := proof.Child(t)
	require.NoError(t, err, out)
	_, text, _ := strings.Cut(out, "spike ")
	text, _, _ = strings.Cut(text, "\n")
	var s goCostSpike
	require.NoError(t, json.Unmarshal([]byte(text), &s), out)
	assert.Greater(t, s.StackPeak-s.StackBefore, uint64(n*2048-1), "a stack of 2 KiB each")
	assert.Less(t, s.StackAfter, s.StackBefore+(s.StackPeak-s.StackBefore)/2, "most stacks came back")
	assert.Greater(t, s.ObjectsAfter, s.ObjectsBefore+n*9/10, "the descriptors stay")
	assert.Less(t, s.SecondSpike, uint64(n/10), "the second spike uses them again")
}

// No. A goroutine that ends goes to a list of dead ones, and the next go
// statement takes it from there, often with its stack. In a program that runs
// for a while, starting a goroutine allocates no goroutine. What it does
// allocate is a closure, if the function needs values: go f() of a function
// without arguments needs none, go f(x, y) keeps f, x and y until it runs.
//
//claim:ask Does every go statement allocate a stack and a descriptor?
//claim:expect allocs/op of=plain <= 0
//claim:expect allocs/op of=arguments == 1
//claim:expect B/op of=arguments <= 64
//claim:source runtime/proc.go
func BenchmarkGoroutineReuse(b *testing.B) {
	b.Run("of=plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			go goCostSignal()
			<-goCostDone
		}
	})
	b.Run("of=arguments", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			i++
			go goCostSend(i, i)
			<-goCostDone
		}
	})
}

var goCostDone = make(chan int, 1)

func goCostSignal()       { goCostDone <- 0 }
func goCostSend(x, y int) { goCostDone <- x + y }

// A goroutine is more than 5 times cheaper to start and end than a thread. The
// runtime takes a dead goroutine from a list and puts it into a queue. A thread
// is made by the kernel, which maps a stack for it and schedules it. The
// benchmark forces a thread per goroutine: one that ends while it is locked to
// its thread takes the thread with it.
//
//claim:ask How much cheaper is a goroutine than a thread?
//claim:expect ns/op of=thread > 5x of=goroutine
//claim:source https://pkg.go.dev/runtime#LockOSThread
//claim:source https://go.dev/doc/faq#goroutines
func BenchmarkGoroutineThread(b *testing.B) {
	b.Run("of=goroutine", func(b *testing.B) {
		for b.Loop() {
			go goCostSignal()
			<-goCostDone
		}
	})
	b.Run("of=thread", func(b *testing.B) {
		for b.Loop() {
			go func() {
				runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
				goCostDone <- 0
			}()
			<-goCostDone
		}
	})
}

// No. The scheduler never looks at a goroutine that waits: it is in the queue
// of what it waits for, and in no run queue. Starting and ending a goroutine
// takes less than twice as long beside 20,000 parked ones as alone. Parked
// goroutines cost memory, and time in each collection (GCParked).
//
//claim:ask Do many waiting goroutines slow down those that run?
//claim:expect ns/op parked=20000 < 2x parked=0
//claim:vary GOGC off
//claim:source runtime/proc.go
func BenchmarkGoroutineParked(b *testing.B) {
	for _, n := range []int{0, 20_000} {
		b.Run(fmt.Sprintf("parked=%d", n), func(b *testing.B) {
			end := goCostParked(n, func(wait func()) { wait() })
			defer end()
			for b.Loop() {
				go goCostSignal()
				<-goCostDone
			}
		})
	}
}

// It scans the stack of each goroutine, blocked or not: 10,000 parked goroutines
// make a cycle more than 4 times as long as none, with the same heap. Each is stopped,
// its frames are walked with the help of tables that say which words are
// pointers, and it goes on. This is why "goroutines are nearly free" ends
// somewhere between thousands and millions.
//
//claim:ask What do many blocked goroutines cost the garbage collector?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op parked=10000 > 4x parked=0
//claim:source https://go.dev/doc/gc-guide
func BenchmarkGCParked(b *testing.B) {
	for _, n := range []int{0, 10_000} {
		b.Run(fmt.Sprintf("parked=%d", n), func(b *testing.B) {
			end := goCostParked(n, func(wait func()) { wait() })
			defer end()
			for b.Loop() {
				runtime.GC()
			}
		})
	}
}

// It depends on the frames in use, not on the size of the stack. 300 goroutines
// that wait below 400 calls make a cycle more than 5 times as long as
// 300 that wait at the top: every frame is looked up in the tables of its function
// and its pointers are followed. A stack that was deep once and is shallow now
// costs little, and the collector even halves it.
//
//claim:ask Does the garbage collector scan whole stacks?
//claim:expect ns/op frames=400 > 5x frames=0
//claim:vary GOMAXPROCS 1
//claim:source runtime/mgcmark.go
func BenchmarkGCStackDepth(b *testing.B) {
	for _, frames := range []int{0, 400} {
		b.Run(fmt.Sprintf("frames=%d", frames), func(b *testing.B) {
			end := goCostParked(300, func(wait func()) { goCostDeep(frames, wait) })
			defer end()
			for b.Loop() {
				runtime.GC()
			}
		})
	}
}

// The collector measures how much stack goroutines use, and new ones start with
// the average, rounded up to a power of two. After a collection
// that found deep stacks, a new goroutine starts with more than four
// times the usual 2 KiB, so it need not grow by copying 2, 4, 8 KiB and so on.
// GODEBUG=adaptivestackstart=0 switches this off. You may read that a goroutine
// always starts with 2 KiB: that is so until the first collection, and since
// Go 1.19 not after it.
//
//claim:ask Who decides how large the stack of a new goroutine is?
//claim:vary GODEBUG adaptivestackstart=0 adaptivestackstart=1
//claim:expect startbytes GODEBUG=adaptivestackstart=0 == 2048
//claim:expect startbytes GODEBUG=adaptivestackstart=1 > 4x GODEBUG=adaptivestackstart=0
//claim:expect ns/op GODEBUG=adaptivestackstart=0 > 1x GODEBUG=adaptivestackstart=1
//claim:source https://go.dev/doc/go1.19#runtime
func BenchmarkStackStart(b *testing.B) {
	const frames = 100
	end := goCostParked(200, func(wait func()) { goCostDeep(frames, wait) })
	runtime.GC() // this one sees the deep stacks
	percent := debug.SetGCPercent(-1)
	b.Cleanup(func() { debug.SetGCPercent(percent) })
	end()
	sample := []metrics.Sample{{Name: "/gc/stack/starting-size:bytes"}}
	metrics.Read(sample)
	for b.Loop() {
		go goCostDeep(frames, goCostSignal)
		<-goCostDone
	}
	b.ReportMetric(float64(sample[0].Value.Uint64()), "startbytes")
}

// With debug.SetMaxStack. A goroutine whose stack would have to grow beyond the
// limit, 1 GB on 64-bit systems, ends the program with a fatal error that
// recover does not see. A lower limit finds an endless recursion before it
// has eaten the memory of the machine. It is one value for all goroutines, and
// a limit for each single stack, not for their sum.
//
//claim:ask How do you limit the stack of a goroutine?
//claim:source https://pkg.go.dev/runtime/debug#SetMaxStack
func TestStackLimit(t *testing.T) {
	if proof.InChild(t) {
		debug.SetMaxStack(64 << 10)
		defer func() { recover() }()
		goCostDeep(1<<20, func() { println("reached the bottom") })
		os.Exit(0)
	}
	out, err := proof.Child(t)
	require.Error(t, err)
	assert.Contains(t, out, "goroutine stack exceeds 65536-byte limit")
	assert.Contains(t, out, "fatal error: stack overflow")
	assert.NotContains(t, out, "reached the bottom")
}

// Not on the heap, but beside it: StackInuse grows by what 1,000 goroutines with
// 16 KiB of frames need, HeapAlloc does not. Both come out of the same
// pages, both count for the memory limit, and stacks are part of the work from
// which the collector computes its next goal. A dashboard that shows HeapAlloc alone misses
// goroutines that pile up.
//
//claim:ask Are goroutine stacks part of the heap?
//claim:source https://pkg.go.dev/runtime#MemStats
func TestStackNotHeap(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	end := goCostParked(1000, func(wait func()) { goCostDeep(150, wait) })
	runtime.ReadMemStats(&after)
	end()
	assert.Greater(t, after.StackInuse, before.StackInuse+1000*(12<<10))
	assert.Less(t, after.HeapAlloc, before.HeapAlloc+(4<<20))
}
