package optimizing

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func TestMethodologyPercentile(t *testing.T) {
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(100-i))
	}
	for p, want := range map[float64]time.Duration{0.001: 1, 1: 1, 1.5: 2, 50: 50, 99: 99, 99.5: 100, 100: 100} {
		require.Equal(t, want, Percentile(hundred, p), "%v", p)
	}
	require.Equal(t, time.Duration(100), hundred[0], "not sorted in place")
	for p := 1; p <= 100; p++ {
		require.EqualValues(t, p, Percentile(hundred, float64(p)))
		require.EqualValues(t, 7, Percentile([]time.Duration{7}, float64(p)))
	}
	for _, p := range []float64{0, -1, 100.1, math.NaN()} {
		require.Panics(t, func() { Percentile(hundred, p) }, "%v", p)
	}
	require.Panics(t, func() { Percentile(nil, 50) })
}

// The number that the users feel. The mean of 95 requests of 10 ms and 5 of one
// second is 59.5 ms, a time that no request had: most are six times faster, and the
// slow ones are 17 times slower. The median is 10 ms, the 95th percentile too, and
// the 99th says one second. Give at least the median, a high percentile and the
// maximum. The mean is right for what is paid in sum, such as CPU time.
//
//claim:ask Why percentiles and not the average response time?
//claim:source https://pkg.go.dev/runtime/metrics#Float64Histogram
func TestMethodologyMean(t *testing.T) {
	latencies := append(slices.Repeat([]time.Duration{10 * time.Millisecond}, 95),
		slices.Repeat([]time.Duration{time.Second}, 5)...)
	assert.Equal(t, 59500*time.Microsecond, methodologyMean(latencies))
	assert.Equal(t, 10*time.Millisecond, Percentile(latencies, 50))
	assert.Equal(t, 10*time.Millisecond, Percentile(latencies, 95))
	assert.Equal(t, time.Second, Percentile(latencies, 99))
}

// Coordinated omission: the generator waits for each answer before it sends the next
// request, so while the server hangs, it sends nothing, and the requests that would
// have had to wait are missing. With one request planned every 10 ms and one stall
// of a second among 1,000 requests, it records one slow request, and its 99th
// percentile is 1 ms. Measured from the time at which each request was planned,
// about 100 of them wait, and the 99th percentile is 911 ms. Send at a fixed rate
// and count from the planned time. A closed loop is right where the users behave
// like one: a batch job with a fixed number of workers.
//
//claim:ask The load test says 1 ms at the 99th percentile, the users see stalls of a second. How can that be?
//claim:source https://pkg.go.dev/testing/synctest
func TestMethodologyCoordinatedOmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const every, requests = 10 * time.Millisecond, 1000
		var fromSend, fromPlan []time.Duration
		begin := time.Now()
		for i := range requests {
			planned := begin.Add(time.Duration(i) * every)
			time.Sleep(time.Until(planned)) // not at all, if that time has passed
			sent := time.Now()
			if i == requests/2 {
				time.Sleep(time.Second) // the server hangs once
			}
			time.Sleep(time.Millisecond)
			fromSend = append(fromSend, time.Since(sent))
			fromPlan = append(fromPlan, time.Since(planned))
		}
		assert.Equal(t, time.Millisecond, Percentile(fromSend, 99))
		assert.Equal(t, 1001*time.Millisecond, slices.Max(fromSend))
		assert.Equal(t, 911*time.Millisecond, Percentile(fromPlan, 99))
		waited := 0
		for _, latency := range fromPlan {
			if latency > time.Millisecond {
				waited++
			}
		}
		assert.InDelta(t, 110, waited, 10)
	})
}

// Most of them. The page waits for the slowest of its calls, and the chance that
// none of 100 is slow is 0.99 to the power of 100, so 63 % of the pages see at least
// one of the slowest percent. The 99th percentile of a service is thus near the
// median of those who call it often. Fewer calls for each page, a second try of the
// slow ones, or a lower percentile to aim at in each service are the ways out; the
// pattern is shown as a hedge in the topic patterns.
//
//claim:ask A page makes 100 calls to a service. Who sees its 99th percentile?
//claim:source https://pkg.go.dev/math#Pow
func TestMethodologyFanOut(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const pages = 5000
	slow := 0
	for range pages {
		worst := 0.0
		for range 100 {
			worst = max(worst, random.Float64())
		}
		if worst >= 0.99 {
			slow++
		}
	}
	assert.InDelta(t, 0.634, 1-math.Pow(0.99, 100), 0.001)
	assert.InDelta(t, 0.634, float64(slow)/pages, 0.03)
}

// No. A percentile of a part says nothing about the sum of the parts. One server
// answered 9,900 requests in 10 ms, the other 100 requests in one second; the 99th
// percentiles are 10 ms and 1 s, their average is 505 ms, and that of all requests
// is 10 ms. It is as wrong to average those of each minute for the day. Add the
// counts of equal buckets of all servers and read the percentile from the sum: that
// is what histograms are for.
//
//claim:ask Can I average the 99th percentiles of my ten servers?
//claim:source https://pkg.go.dev/runtime/metrics#Float64Histogram
func TestMethodologyAveragePercentile(t *testing.T) {
	first := slices.Repeat([]time.Duration{10 * time.Millisecond}, 9900)
	second := slices.Repeat([]time.Duration{time.Second}, 100)
	average := (Percentile(first, 99) + Percentile(second, 99)) / 2
	assert.Equal(t, 505*time.Millisecond, average)
	assert.Equal(t, 10*time.Millisecond, Percentile(slices.Concat(first, second), 99))

	buckets := make(map[time.Duration]int) // what each server would send
	for _, latency := range slices.Concat(first, second) {
		buckets[latency.Truncate(10*time.Millisecond)]++
	}
	assert.Equal(t, 9900, buckets[10*time.Millisecond])
	assert.Equal(t, 100, buckets[time.Second])
}

// More than the percentile leaves over: above the 99.9th percentile lies one value
// of a thousand. Of 100 values it is the maximum, whatever the distribution, so it
// tells about one random event. In a simulation that repeats the measurement, nine
// of ten results from 100 values differ by up to a factor of more than 1.8, those
// from 20,000 values by less than 1.3. The median needs far fewer. As a rule, have
// ten or more values beyond the percentile that you report.
//
//claim:ask How many requests does a load test need for the 99.9th percentile?
//claim:source https://pkg.go.dev/math/rand/v2#Rand.ExpFloat64
func TestMethodologySamples(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	spread := func(n, trials int) float64 {
		var results []time.Duration
		for range trials {
			latencies := make([]time.Duration, n)
			for i := range latencies {
				latencies[i] = time.Duration(1e6 * random.ExpFloat64())
			}
			results = append(results, Percentile(latencies, 99.9))
			if n <= 1000 {
				require.GreaterOrEqual(t, results[len(results)-1], Percentile(latencies, 99))
			}
			if n == 100 {
				require.Equal(t, slices.Max(latencies), results[len(results)-1])
			}
		}
		return float64(Percentile(results, 95)) / float64(Percentile(results, 5))
	}
	assert.Greater(t, spread(100, 400), 1.8)
	assert.Less(t, spread(20_000, 20), 1.3)
}

// Because requests wait for each other, and the waiting grows without limit as the
// load comes near to what the server can do. In the simulation, with requests that
// arrive at random, the mean latency at a load of 95 % is more than 4 times that at
// 50 %. There a service that became 10 % faster lowers the latency to less than a
// half. It also works the other way: 5 % more load, or a regression of 5 %, and the
// queue grows. So measure latency at the load of production, and not on an idle
// machine, where only the service itself is seen.
//
//claim:ask The code is 10 % faster, and the latency under load has halved. Why?
//claim:source https://go.dev/doc/diagnostics
func TestMethodologyQueue(t *testing.T) {
	const service, requests = 10 * time.Millisecond, 50_000
	latency := func(load, speed float64) float64 {
		random := rand.New(rand.NewPCG(3, 4))
		var at time.Duration
		arrivals := make([]time.Duration, requests)
		for i := range arrivals {
			at += time.Duration(random.ExpFloat64() * float64(service) / load)
			arrivals[i] = at
		}
		return float64(methodologyMean(methodologyQueue(arrivals, time.Duration(float64(service)/speed))))
	}
	assert.Greater(t, latency(0.95, 1), 4*latency(0.5, 1))
	assert.Less(t, latency(0.95, 1.1), latency(0.95, 1)/2)
	assert.Greater(t, latency(0.5, 1.1), latency(0.5, 1)*0.8, "at half the load only the service itself is faster")
	assert.Equal(t, []time.Duration{10, 10, 15}, methodologyQueue([]time.Duration{0, 20, 25}, 10))
}

// They are different goals, and often one is paid with the other. A write that costs
// 10 ms and 1 ms for each item in it takes 11 ms alone, so 90 items a second. In
// batches of ten it takes 20 ms, and 500 items a second are done, but no item is
// done in less than 20 ms. Which one you need decides what to measure: the time of
// one request at a given load, or the requests of a second at a given latency. A
// benchmark in one goroutine gives a time for each operation, which says little
// about both.
//
//claim:ask What is the difference between optimizing for latency and for throughput?
//claim:source https://pkg.go.dev/testing/synctest
func TestMethodologyLatencyThroughput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		write := func(items int) (latency time.Duration) {
			start := time.Now()
			time.Sleep(10*time.Millisecond + time.Duration(items)*time.Millisecond)
			return time.Since(start)
		}
		done := func(batch int) (items int, latency time.Duration) {
			for end := time.Now().Add(time.Second); ; items += batch {
				latency = write(batch)
				if time.Now().After(end) {
					return items, latency
				}
			}
		}
		items, latency := done(1)
		assert.Equal(t, 90, items)
		assert.Equal(t, 11*time.Millisecond, latency)
		items, latency = done(10)
		assert.Equal(t, 500, items)
		assert.Equal(t, 20*time.Millisecond, latency)
	})
}

// Not unless it is the slowest one. Stages that run at the same time are as fast
// together as the slowest alone: with 10, 50 and 20 ms, 100 items take about 100
// times 50 ms. The third stage at 5 ms instead of 20 saves 15 ms in all, the second
// at 25 ms instead of 50 halves the time. Then it is still the slowest; at less than
// 20 ms the third one would be, so measure again after each change. The queue in
// front of a stage shows where it is: it is full before the slowest, and empty
// behind it.
//
//claim:ask I made one stage of a pipeline four times faster, and nothing has changed. Why?
//claim:source https://go.dev/blog/pipelines
func TestMethodologyBottleneck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const items = 100
		run := func(stages ...time.Duration) time.Duration {
			start := time.Now()
			var in <-chan int
			first := make(chan int)
			go func() {
				defer close(first)
				for i := range items {
					first <- i
				}
			}()
			in = first
			for _, needs := range stages {
				out := make(chan int, 4)
				go func(in <-chan int) {
					defer close(out)
					for item := range in {
						time.Sleep(needs)
						out <- item
					}
				}(in)
				in = out
			}
			for range in {
			}
			return time.Since(start)
		}
		const ms = time.Millisecond
		assert.Equal(t, (10+items*50+20)*ms, run(10*ms, 50*ms, 20*ms))
		assert.Equal(t, (10+items*50+5)*ms, run(10*ms, 50*ms, 5*ms))
		assert.Equal(t, (10+items*25+20)*ms, run(10*ms, 25*ms, 20*ms))
	})
}

// The algorithm. Counting the different values of a slice by comparing each with all
// that were found takes a number of comparisons that grows with the square of n, and
// the time follows it closely: from 64 to 4,096 values with an exponent near 1.8,
// because calls and allocations still count at the small end. Preallocation and four
// comparisons at a time make it faster by a constant and leave the exponent where it
// was. The plainest version with a map, with all its allocations, grows in
// proportion and is more than 3 times faster at 4,096 values than the tuned one, and
// the lead grows with n. First the algorithm and the data structure, then the
// allocations, then the rest. For n that stays small the simple loop may win, so
// know your n.
//
//claim:ask What do you optimize first: the algorithm, the allocations or the inner loop?
//claim:expect ns/op of=slice grows n^1.8
//claim:expect ns/op of=tuned grows n^1.8
//claim:expect ns/op of=map grows n^1
//claim:expect ns/op of=tuned,n=4096 > 3x of=map,n=4096
//claim:source https://go.dev/blog/pprof
func BenchmarkMethodologyAlgorithm(b *testing.B) {
	for _, variant := range []struct {
		of    string
		count func([]int) int
	}{{"slice", methodologyDistinctSlice}, {"tuned", methodologyDistinctTuned}, {"map", methodologyDistinctMap}} {
		for _, n := range []int{64, 512, 4096} {
			values := rand.New(rand.NewPCG(1, 2)).Perm(n)
			b.Run("of="+variant.of+"/n="+strconv.Itoa(n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					variant.count(values)
				}
			})
		}
	}
}

func TestMethodologyAlgorithm(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 100 {
		values := make([]int, n)
		different := make(map[int]bool)
		for i := range values {
			values[i] = random.IntN(60)
			different[values[i]] = true
		}
		require.Equal(t, len(different), methodologyDistinctSlice(values))
		require.Equal(t, len(different), methodologyDistinctTuned(values))
		require.Equal(t, len(different), methodologyDistinctMap(values))
	}
}

// By counts, which do not depend on the machine: allocations by
// testing.AllocsPerRun, comparisons, queries, bytes written, system calls. To sort
// 1,000 values takes the same number of comparisons in each run, below n times log2
// n, and a test fails if somebody makes it quadratic. For times compare two versions
// on the same machine in turns and judge the ratio, with a margin, as the command
// claims of this module does. A limit in nanoseconds fails on the day the machines
// change, or is so high that it finds nothing.
//
//claim:ask How do you catch a performance regression in CI, on shared machines?
//claim:source https://pkg.go.dev/testing#AllocsPerRun
func TestMethodologyCounts(t *testing.T) {
	const n = 1000
	values := rand.New(rand.NewPCG(1, 2)).Perm(n)
	want := methodologySorted(slices.Clone(values))
	for range 3 {
		require.Equal(t, want, methodologySorted(slices.Clone(values)))
	}
	require.Less(t, float64(want), 1.1*n*math.Log2(n))
	buffer := make([]byte, 0, 64)
	proof.WantAllocs(t, 0, func() { buffer = strconv.AppendInt(buffer[:0], 123456, 10) })
}

// Measure many operations with one pair of calls. time.Now and time.Since take
// longer than short operations: a loop that times each of its multiplications takes
// more than 5 times as long as the loop alone, so what is added up is mostly the
// time of the clock. Where the distribution is what you want, time blocks of a
// hundred, or each hundredth operation. For operations of many microseconds, such as
// requests, a pair of calls for each is right.
//
//claim:ask I measure a fast operation with time.Since around each call. What is wrong?
//claim:expect ns/op of=each > 5x of=all
//claim:source https://pkg.go.dev/time#Now
func BenchmarkMethodologyTimeEach(b *testing.B) {
	b.Run("of=each", func(b *testing.B) {
		var total time.Duration
		x := uint64(1)
		for b.Loop() {
			for range 10 {
				start := time.Now()
				x = concurrencyCostWork(x, 1)
				total += time.Since(start)
			}
		}
	})
	b.Run("of=all", func(b *testing.B) {
		x := uint64(1)
		for b.Loop() {
			for range 10 {
				x = concurrencyCostWork(x, 1)
			}
		}
	})
}

// It depends on how the accesses are spread, more than on its size. A cache for a
// tenth of 1,000 keys answers more than half of the accesses if few keys are asked
// for very often, and only a tenth if all are equally likely. An access to all keys
// in turn, as a nightly job makes, has no hit at all with least recently used as the
// rule, and throws out everything useful on the way. So count hits and misses before
// and after. A cache that answers a tenth costs memory and stale answers for nearly
// nothing.
//
//claim:ask How large must a cache be?
//claim:source https://pkg.go.dev/math/rand/v2#Zipf
func TestMethodologyCache(t *testing.T) {
	const keys, size, accesses = 1000, 100, 20_000
	hitRate := func(next func(i int) int) float64 {
		cache := methodologyCache{size: size}
		for i := range accesses {
			cache.get(next(i))
		}
		require.LessOrEqual(t, len(cache.keys), size)
		return float64(cache.hits) / accesses
	}
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.1, 1, keys-1)
	assert.Greater(t, hitRate(func(int) int { return int(zipf.Uint64()) }), 0.5)
	assert.InDelta(t, 0.1, hitRate(func(int) int { return random.IntN(keys) }), 0.02)
	assert.Zero(t, hitRate(func(i int) int { return i % keys }))
}

// It is a tenth of the load for what is behind the cache. Look at the misses, not at
// the hits: from 90 % to 99 % they fall from 100 to 10 of 1,000 requests. The mean
// of the latency falls too, with 1 ms for a hit and 100 ms for a miss from 10.9 to
// 1.99 ms, but the 99.5th percentile is a miss in both cases: a cache does not
// improve the worst case. And after a restart the cache is empty, so that the load
// behind it is 100 times as high for a while.
//
//claim:ask The hit rate of a cache goes up from 90 to 99 %. Is that much?
//claim:source https://pkg.go.dev/math
func TestMethodologyHitRate(t *testing.T) {
	request := func(hitsPerMille int) []time.Duration {
		return slices.Concat(slices.Repeat([]time.Duration{time.Millisecond}, hitsPerMille),
			slices.Repeat([]time.Duration{100 * time.Millisecond}, 1000-hitsPerMille))
	}
	low, high := request(900), request(990)
	assert.Equal(t, 10_900*time.Microsecond, methodologyMean(low))
	assert.Equal(t, 1990*time.Microsecond, methodologyMean(high))
	assert.Equal(t, 100*time.Millisecond, Percentile(low, 99.5))
	assert.Equal(t, 100*time.Millisecond, Percentile(high, 99.5))
}
