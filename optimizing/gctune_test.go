package optimizing

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// gcTuneBench measures one of the two ways beside live data of about 4 MB.
func gcTuneBench(b *testing.B, run func(int) int) {
	tree := gcTuneTree(16)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.ReportAllocs()
	for b.Loop() {
		run(1000)
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.NumGC-before.NumGC)/float64(b.N), "gcs/op")
	runtime.KeepAlive(tree)
}

// Fewer collections, in proportion: a cycle starts when the heap has grown by GOGC
// percent of what was live, so with GOGC=400 there are more than 5 times fewer than
// with GOGC=25, and each costs the same, because it marks live data only. On one
// processor, with much garbage and live data full of pointers, the program with
// GOGC=25 takes more than 1.5 times as long as with GOGC=400. Beyond that little is
// left to win: GOGC=400 is within 2 times of GOGC=1600. The price is memory: the
// heap goal is 1.25, 5 and 17 times the live heap.
//
//claim:ask What does a higher GOGC bring, and where does it end?
//claim:vary GOMAXPROCS 1
//claim:vary GOGC 25 400 1600
//claim:expect gcs/op GOGC=25 > 5x GOGC=400
//claim:expect ns/op GOGC=25 > 1.5x GOGC=400
//claim:expect ns/op GOGC=400 < 2x GOGC=1600
//claim:source https://go.dev/doc/gc-guide#GOGC
func BenchmarkGCTuneGOGC(b *testing.B) { gcTuneBench(b, gcTuneAllocate) }

// Fewer allocations. The version without garbage is with the default GOGC=100 more
// than 3 times as fast as the one with garbage and GOGC=400, and it takes no
// additional memory. Tuning saves the share of the collector only; not allocating
// also saves the allocation, the zeroing and the cache misses. Tune when the profile
// says that the collector still has a share, when the garbage is made by code that
// you cannot change, or when memory is there and not used.
//
//claim:ask The garbage collector takes much CPU. Raise GOGC, or change the code?
//claim:vary GOGC 100 400
//claim:expect ns/op of=allocate,GOGC=400 > 3x of=reuse,GOGC=100
//claim:expect allocs/op of=reuse == 0
//claim:expect allocs/op of=allocate == 1000
//claim:source https://go.dev/doc/gc-guide#Optimization_guide
func BenchmarkGCTuneFewerAllocs(b *testing.B) {
	b.Run("of=allocate", func(b *testing.B) { gcTuneBench(b, gcTuneAllocate) })
	b.Run("of=reuse", func(b *testing.B) { gcTuneBench(b, gcTuneReuse) })
}

func TestGCTuneFewerAllocs(t *testing.T) {
	require.Equal(t, gcTuneAllocate(1000), gcTuneReuse(1000))
	proof.WantAllocs(t, 0, func() { gcTuneReuse(100) })
}

// No. Each call is a full collection that marks all live data, and waits for the end
// of it. The request that makes a few kilobytes of garbage takes more than 5 times
// as long with it, although the runtime would have run one collection for many such
// requests. runtime.GC has its place in tests, before a measurement of memory, and
// where a program knows that it will be idle now and has just dropped much.
// debug.FreeOSMemory does the same, and more.
//
//claim:ask Should a server call runtime.GC after each request, to keep its memory small?
//claim:expect ns/op of=forced > 5x of=left
//claim:expect gcs/op of=left < 0.5
//claim:source https://pkg.go.dev/runtime#GC
func BenchmarkGCTuneForced(b *testing.B) {
	b.Run("of=left", func(b *testing.B) { gcTuneBench(b, func(int) int { return gcTuneAllocate(100) }) })
	b.Run("of=forced", func(b *testing.B) {
		gcTuneBench(b, func(int) int {
			total := gcTuneAllocate(100)
			runtime.GC()
			return total
		})
	})
}
