package optimizing

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// benchLies runs testdata/benchlie with the given number of iterations and
// returns the results by benchmark and unit.
func benchLies(t *testing.T, iterations int) map[string]map[string]float64 {
	t.Helper()
	out, err := proof.Go(t, "test", "-run=^$", "-bench=.", "-cpu=1",
		"-benchtime="+strconv.Itoa(iterations)+"x", "./testdata/benchlie/lie_test.go")
	require.NoError(t, err, out)
	results := make(map[string]map[string]float64)
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		values := make(map[string]float64)
		for i := 2; i+1 < len(fields); i += 2 {
			values[fields[i+1]], err = strconv.ParseFloat(fields[i], 64)
			require.NoError(t, err, line)
		}
		results[strings.TrimPrefix(fields[0], "Benchmark")] = values
	}
	return results
}

// benchLieMix is a chain of multiplications, each of which waits for the one
// before. It is small enough to be inlined.
func benchLieMix(x uint64) uint64 {
	x = x*0x9e3779b97f4a7c15 ^ 1
	x = x*0x9e3779b97f4a7c15 ^ 2
	x = x*0x9e3779b97f4a7c15 ^ 3
	x = x*0x9e3779b97f4a7c15 ^ 4
	x = x*0x9e3779b97f4a7c15 ^ 5
	x = x*0x9e3779b97f4a7c15 ^ 6
	x = x*0x9e3779b97f4a7c15 ^ 7
	x = x*0x9e3779b97f4a7c15 ^ 8
	x = x*0x9e3779b97f4a7c15 ^ 9
	x = x*0x9e3779b97f4a7c15 ^ 10
	return x
}

// The compiler inlines the function, sees that nobody uses the result, and
// leaves an empty loop: the benchmark measures the counting of the loop. With for
// b.Loop() (Go 1.24) the compiler keeps the arguments and results of the calls in
// the loop alive, and the same code takes more than 3 times as long. A loop over
// b.N needs a sink, a package-level variable that takes the result. A time far
// below a nanosecond is the sign.
//
//claim:ask A benchmark reports a quarter of a nanosecond per operation. What is wrong?
//claim:expect ns/op of=loop > 3x of=unused
//claim:source https://pkg.go.dev/testing#B.Loop
func BenchmarkBenchLieDeadCode(b *testing.B) {
	x := rand.Uint64()
	b.Run("of=unused", func(b *testing.B) {
		for range b.N {
			benchLieMix(x)
			x++
		}
	})
	b.Run("of=loop", func(b *testing.B) {
		for b.Loop() {
			benchLieMix(x)
			x++
		}
	})
}

// Not if the work is the same in each iteration and the function is inlined. Up
// to Go 1.26 the same input is as good as a changing one. Since Go 1.27 the
// compiler moves what does not change in a loop out of it, so an inlined call
// with the same arguments is computed once, before the loop, and b.Loop keeps a
// result alive that costs nothing: with changing arguments the loop takes more
// than 3 times as long. Use a different input in each iteration, or mark the
// function go:noinline if the call may be part of what is measured.
//
//claim:ask I use b.Loop. Can the compiler still remove the work that I measure?
//claim:expect ns/op of=changing < 2x of=same if go<1.27
//claim:expect ns/op of=changing > 3x of=same if go>=1.27
//claim:source cmd/compile/internal/ssa/licm.go
func BenchmarkBenchLieInvariant(b *testing.B) {
	x := rand.Uint64()
	b.Run("of=same", func(b *testing.B) {
		x := x
		for b.Loop() {
			benchLieMix(x)
		}
	})
	b.Run("of=changing", func(b *testing.B) {
		x := x
		for b.Loop() {
			benchLieMix(x)
			x++
		}
	})
}

var benchLieDate = `^(\d{4})-(\d{2})-(\d{2})$`

// What the loop contains is what is measured. With regexp.MustCompile in the loop the
// benchmark measures the compiler of package regexp: it takes more than 10 times
// as long as the matching it is meant to measure, and allocates, which the
// matching does not. Published comparisons have made this mistake and found a
// decoder faster than a check of its input.
//
//claim:ask A benchmark says that a regular expression is very slow. What do you look at first?
//claim:expect ns/op of=inside > 10x of=outside
//claim:expect allocs/op of=outside == 0
//claim:expect allocs/op of=inside > 20
//claim:source https://pkg.go.dev/regexp
func BenchmarkBenchLieRegexp(b *testing.B) {
	b.Run("of=inside", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			regexp.MustCompile(benchLieDate).MatchString("2026-11-24")
		}
	})
	b.Run("of=outside", func(b *testing.B) {
		date := regexp.MustCompile(benchLieDate)
		b.ReportAllocs()
		for b.Loop() {
			date.MatchString("2026-11-24")
		}
	})
}

// The first iteration sorts, all others find the slice sorted, for which
// slices.Sort needs one pass. Sorting a fresh copy each time takes more than 5
// times as long. Everything that changes its input has this problem: maps that
// are full after the first iteration, caches, buffers that have grown. The copy
// itself is cheap here; if it is not, measure it alone and subtract.
//
//claim:ask What is wrong with a benchmark that sorts the same slice in each iteration?
//claim:expect ns/op of=copy > 5x of=same
//claim:source https://pkg.go.dev/slices#Sort
func BenchmarkBenchLieSorted(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2)).Perm(2000)
	b.Run("of=same", func(b *testing.B) {
		values := slices.Clone(random)
		for b.Loop() {
			slices.Sort(values)
		}
	})
	b.Run("of=copy", func(b *testing.B) {
		values := make([]int, len(random))
		for b.Loop() {
			copy(values, random)
			slices.Sort(values)
		}
	})
}

// It was measured with an array: for _, v := range array copies the whole array
// before the loop, as the language says. To find the first element of an array
// of 4,096 that way takes more than 20 times as long as over a slice of it, or
// over &array, where nothing is copied up front. For a slice only elements are
// copied, those of more than four words even if they are not used, and since Go
// 1.27 not even these (RangeBigStruct in the topic memory).
//
//claim:ask A guide says that range by value is a thousand times slower than by index. How was that measured?
//claim:expect ns/op of=array > 20x of=slice
//claim:expect ns/op of=pointer < 3x of=slice
//claim:source https://go.dev/ref/spec#For_range
func BenchmarkBenchLieArray(b *testing.B) {
	array := new([4096]int)
	array[1] = 1
	b.Run("of=array", func(b *testing.B) {
		for b.Loop() {
			benchLieFindArray(array)
		}
	})
	b.Run("of=slice", func(b *testing.B) {
		for b.Loop() {
			benchLieFindSlice(array[:])
		}
	})
	b.Run("of=pointer", func(b *testing.B) {
		for b.Loop() {
			benchLieFindPointer(array)
		}
	})
}

//go:noinline
func benchLieFindArray(array *[4096]int) int {
	for i, v := range *array {
		if v != 0 {
			return i
		}
	}
	return -1
}

//go:noinline
func benchLieFindSlice(slice []int) int {
	for i, v := range slice {
		if v != 0 {
			return i
		}
	}
	return -1
}

//go:noinline
func benchLieFindPointer(array *[4096]int) int {
	for i, v := range array {
		if v != 0 {
			return i
		}
	}
	return -1
}

// The time since the function began, if nothing says otherwise. Over b.N, work
// before the loop counts until b.ResetTimer: 30 ms of it spread over 40
// operations that do nothing gave at least 0.75 ms for each. b.Loop starts the
// timer when it is first called and stops it with the last, so what stands
// before and after the loop is not measured.
//
//claim:ask Does the setup of a benchmark count?
//claim:source https://pkg.go.dev/testing#B.Loop
func TestBenchLieSetup(t *testing.T) {
	results := benchLies(t, 40)
	least := float64(30*time.Millisecond) / 40
	assert.GreaterOrEqual(t, results["SetupN"]["ns/op"], least)
	assert.Less(t, results["SetupReset"]["ns/op"], least)
	assert.Less(t, results["SetupLoop"]["ns/op"], least)
}

// A loop over b.N runs in a function that is called again and again, first with
// one iteration, then with more until they take long enough, and each time the
// setup runs again. With b.Loop it is called once. So a slow setup makes b.N
// benchmarks take long even if b.ResetTimer hides it, and state that the setup
// shares must be prepared for several calls.
//
//claim:ask How often is a benchmark function called?
//claim:source https://pkg.go.dev/testing#B.Loop
func TestBenchLieCalls(t *testing.T) {
	results := benchLies(t, 40)
	assert.Equal(t, 2.0, results["CallsN"]["calls"], "once with one iteration, once with 40")
	assert.Equal(t, 1.0, results["CallsLoop"]["calls"])
}

// Because the operation then depends on how long the benchmark runs. One whose operation
// handles b.N elements does 40 steps an operation in a run of 40, and 200 in a
// run of 200: the reported time per operation has no meaning, and the run may never
// reach its goal. b.N says how often, never how much; the size is a sub-benchmark,
// such as n=1000.
//
//claim:ask Why must b.N not be the size of the input?
//claim:source https://pkg.go.dev/testing#B
func TestBenchLieSize(t *testing.T) {
	assert.Equal(t, 40.0, benchLies(t, 40)["SizeN"]["steps/op"])
	assert.Equal(t, 200.0, benchLies(t, 200)["SizeN"]["steps/op"])
	assert.Equal(t, benchLies(t, 40)["SizeFixed"]["steps/op"], benchLies(t, 200)["SizeFixed"]["steps/op"])
}

// No. It is the time of the whole benchmark divided by the operations of all
// its goroutines. Here each operation sleeps for 2 ms, and because twenty sleep
// at once, the benchmark reports less than half of that. The inverse of ns/op
// is the throughput; for the latency measure each operation yourself and report
// a percentile with b.ReportMetric.
//
//claim:ask Is the ns/op of a benchmark with b.RunParallel the latency of one operation?
//claim:source https://pkg.go.dev/testing#B.RunParallel
func TestBenchLieParallel(t *testing.T) {
	assert.Less(t, benchLies(t, 200)["Parallel"]["ns/op"], float64(time.Millisecond))
}

// Not quite: allocs/op is an average that is rounded down to a whole number. A function
// that allocates 32 bytes in every second call is reported with 16 B/op and 0 allocs/op.
// B/op is rounded too. So 0 allocs/op proves that there are fewer than one on average;
// that there are none is shown by 0 B/op over many iterations, or by
// testing.AllocsPerRun around the single call.
//
//claim:ask Does 0 allocs/op mean that the function does not allocate?
//claim:source testing/benchmark.go
func TestBenchLieRounding(t *testing.T) {
	results := benchLies(t, 40)["EverySecond"]
	require.Contains(t, results, "allocs/op")
	assert.Zero(t, results["allocs/op"])
	assert.Equal(t, 16.0, results["B/op"])
}

// benchLieSample returns how long a run takes on a machine where other work
// disturbs: never less than the time it needs, sometimes much more.
func benchLieSample(random *rand.Rand, needs float64) float64 {
	t := needs * (1 + 0.02*random.ExpFloat64())
	if random.IntN(10) == 0 {
		t += needs * random.Float64()
	}
	return t
}

func benchLieMean(values []float64) (mean float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	return mean
}

func benchLieMedian(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// Very little, on a machine that does other work too. In a simulation with
// usual disturbances, two runs of the same code differ by more than 5 % in more
// than every fifth case. The medians of eleven runs each differ that much in less
// than one of fifty. So run both versions several times (-count=11), in turns
// and not one after the other, and let benchstat say whether the difference is
// more than chance. The simulation has disturbances that only slow down, which
// is what they mostly do.
//
//claim:ask I ran the benchmark before and after my change, and it is 5 % faster. What does that say?
//claim:source https://pkg.go.dev/golang.org/x/perf/cmd/benchstat
func TestBenchLieOneRun(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	differ := func(runs int) (share float64) {
		const trials = 2000
		for range trials {
			a, b := make([]float64, runs), make([]float64, runs)
			for i := range runs {
				a[i], b[i] = benchLieSample(random, 100), benchLieSample(random, 100)
			}
			if ratio := benchLieMedian(a) / benchLieMedian(b); ratio > 1.05 || ratio < 1/1.05 {
				share += 1.0 / trials
			}
		}
		return share
	}
	assert.Greater(t, differ(1), 0.2)
	assert.Less(t, differ(11), 0.02)
}

// The median, or the minimum. What disturbs a run makes it slower and never
// faster, so a few runs are far too slow, and the mean follows them. In the
// simulation the means of eleven runs are off by more than 4 % on average, the
// medians by less than half of that. The mean is right where the outliers are
// part of the work, such as collections of garbage, and when you want the sum:
// what a million requests will cost.
//
//claim:ask Mean, median or minimum: which do I report for a benchmark?
//claim:source https://pkg.go.dev/golang.org/x/perf/benchmath
func TestBenchLieMean(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var mean, median float64
	const trials = 2000
	for range trials {
		runs := make([]float64, 11)
		for i := range runs {
			runs[i] = benchLieSample(random, 100)
		}
		mean += (benchLieMean(runs) - 100) / trials
		median += (benchLieMedian(runs) - 100) / trials
	}
	assert.Greater(t, mean, 4.0)
	assert.Less(t, median, mean/2)
}

// It takes longer than the operation it leaves out. b.StopTimer and
// b.StartTimer read the memory statistics, which stops the world. Around a
// short setup in each iteration the benchmark takes more than 3 times as long
// as it reports, so it takes several times its -benchtime, and the
// caches are cold when the timer starts again. Prepare many inputs before the
// loop instead, or measure setup and operation together and the setup alone.
//
//claim:ask What is wrong with b.StopTimer and b.StartTimer inside the loop?
//claim:source testing/benchmark.go
func TestBenchLieStopTimer(t *testing.T) {
	assert.Greater(t, benchLies(t, 200)["StopTimer"]["wall/reported"], 3.0)
}

// The processor learns the input. With 64 values that come again and again it
// predicts each branch; with more than 100,000 random values it cannot, and the
// same code takes more than 1.5 times as long per value. The first benchmark
// measures a program that sees the same 64 values all day. Use as much and as
// varied data as production has. By how much they differ depends on the
// processor.
//
//claim:ask Why is a function slower in production than in its benchmark?
//claim:expect ns/op of=many > 1.5x of=few
//claim:source https://go.dev/doc/diagnostics
func BenchmarkBenchLieWarm(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{64, 1 << 17} {
		name := "of=few"
		if n > 64 {
			name = "of=many"
		}
		values := make([]byte, n)
		for i := range values {
			values[i] = byte(random.Uint32())
		}
		b.Run(name, func(b *testing.B) {
			at := 0
			for b.Loop() {
				benchLieClass(values[at : at+64])
				at = (at + 64) & (n - 1)
			}
		})
	}
}

// benchLieClass has a branch for each byte that depends on its value.
//
//go:noinline
func benchLieClass(values []byte) (letters, digits, others int) {
	for _, v := range values {
		switch {
		case v < 80:
			letters += others
		case v < 160:
			digits += letters
		default:
			others++
		}
	}
	return letters, digits, others
}
