package patterns

import (
	"hash/crc32"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// amdahlJob does one job and returns how long it took: first the serial part,
// and then the parallel part, which n workers share. All of it is sleep, so in
// a synctest bubble there are as many processors as workers.
func amdahlJob(serial, parallel time.Duration, n int) time.Duration {
	start := time.Now()
	time.Sleep(serial)
	var workers sync.WaitGroup
	for range n {
		workers.Go(func() { time.Sleep(parallel / time.Duration(n)) })
	}
	workers.Wait()
	return time.Since(start)
}

// amdahlSpeedup is what the law says for the serial share s and n workers.
func amdahlSpeedup(s float64, n int) float64 { return 1 / (s + (1-s)/float64(n)) }

func amdahlNear(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

// The serial share of a job bounds its speedup: with the share s and n workers
// it is 1/(s+(1-s)/n), and never more than 1/s. Here a quarter is serial: two
// workers make the job 1.6 times as fast, four 2.3, eight 2.9, and 1200 do not
// reach 4. From the second doubling on, most of a new worker is wasted, so
// shorten the serial part first. The law holds for one job of a fixed size
// whose serial part overlaps with nothing.
//
//claim:ask What does Amdahl's law say about adding workers, and how do you show it?
//claim:source https://en.wikipedia.org/wiki/Amdahl%27s_law
func TestAmdahlLaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const serial, parallel = 400 * time.Millisecond, 1200 * time.Millisecond
		speedup := func(n int) float64 {
			return amdahlJob(serial, parallel, 1).Seconds() / amdahlJob(serial, parallel, n).Seconds()
		}
		for n, rounded := range map[int]float64{1: 1, 2: 1.6, 4: 2.3, 8: 2.9} {
			if got := speedup(n); !amdahlNear(got, amdahlSpeedup(0.25, n)) || math.Round(got*10)/10 != rounded {
				t.Errorf("%d workers: %.3f times as fast, the law says %.3f", n, got, amdahlSpeedup(0.25, n))
			}
		}
		if got := speedup(1200); got >= 4 || got < 3.98 {
			t.Errorf("1200 workers: %.3f", got)
		}
	})
}

// amdahlLocked lets n workers do count items. Each item has a part that needs
// the lock, and a part that does not.
func amdahlLocked(locked, free time.Duration, count, n int) time.Duration {
	start := time.Now()
	lock := make(chan struct{}, 1) // a mutex would not count as blocked in a bubble
	var workers sync.WaitGroup
	for range n {
		workers.Go(func() {
			for range count / n {
				lock <- struct{}{}
				time.Sleep(locked)
				<-lock
				time.Sleep(free)
			}
		})
	}
	workers.Wait()
	return time.Since(start)
}

// A lock is milder than Amdahl's law, and has the same limit. While one worker
// holds it, the others do their free part, so with a locked share of a quarter
// four workers are nearly 4 times as fast, where the law says 2.3. At 1/s
// workers the lock is always held: eight are no faster than four. So look at
// the time that the lock is held in each second, and not at the number of
// workers.
//
//claim:ask A quarter of each item needs a mutex. How much faster are four workers, and eight?
//claim:source https://en.wikipedia.org/wiki/Amdahl%27s_law
func TestAmdahlLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const locked, free = 25 * time.Millisecond, 75 * time.Millisecond
		one := amdahlLocked(locked, free, 800, 1).Seconds()
		four, eight := one/amdahlLocked(locked, free, 800, 4).Seconds(), one/amdahlLocked(locked, free, 800, 8).Seconds()
		if four < 3.95 || four > 4 || four < 1.5*amdahlSpeedup(0.25, 4) {
			t.Errorf("four workers: %.3f", four)
		}
		if eight < four*0.99 || eight > four*1.01 || eight > 4 {
			t.Errorf("eight workers: %.3f, four %.3f", eight, four)
		}
	})
}

// Measure the speedup x with n workers, and solve the law for the serial share:
// s = (1/x - 1/n) / (1 - 1/n), the Karp-Flatt metric. If s is the same for
// every n, a serial part is the cause. If s grows with n, the cause is a cost
// of having more workers, such as contention, communication or starting them.
// Both are shown here, with a serial share of a tenth and with a cost for each
// worker.
//
//claim:ask How do you find out the serial share of a program from measurements?
//claim:source https://en.wikipedia.org/wiki/Karp%E2%80%93Flatt_metric
func TestAmdahlSerialShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		share := func(one, many time.Duration, n int) float64 {
			x, w := one.Seconds()/many.Seconds(), float64(n)
			return (1/x - 1/w) / (1 - 1/w)
		}
		one := amdahlJob(160*time.Millisecond, 1440*time.Millisecond, 1)
		for _, n := range []int{2, 4, 8} {
			if s := share(one, amdahlJob(160*time.Millisecond, 1440*time.Millisecond, n), n); !amdahlNear(s, 0.1) {
				t.Errorf("%d workers: serial share %.4f", n, s)
			}
		}
		before := 0.0
		one = amdahlCrowd(1, 1600*time.Millisecond, time.Millisecond)
		for _, n := range []int{2, 4, 8, 16} {
			s := share(one, amdahlCrowd(n, 1600*time.Millisecond, time.Millisecond), n)
			if s <= before {
				t.Errorf("%d workers: %.4f, not more than %.4f", n, s, before)
			}
			before = s
		}
	})
}

// The law fixes the size of the job. If more workers are used to do more in the
// same time, the serial part stays as it is and only the parallel part grows.
// Then n workers do s + (1-s)n times the work of one, which has no limit: with
// a serial share of a quarter, eight workers do 6.25 times as much. This is
// Gustafson's law. It fits a server with more requests, and not a request that
// must be quicker.
//
//claim:ask When does Amdahl's law not limit you?
//claim:source https://en.wikipedia.org/wiki/Gustafson%27s_law
func TestAmdahlGrowingJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const serial, parallel = 250 * time.Millisecond, 750 * time.Millisecond
		for n, want := range map[int]float64{1: 1, 2: 1.75, 8: 6.25, 100: 75.25} {
			// n times the parallel work, and the time of n workers for it.
			took := amdahlJob(serial, time.Duration(n)*parallel, n)
			alone := amdahlJob(serial, time.Duration(n)*parallel, 1)
			if got := alone.Seconds() / took.Seconds(); took != serial+parallel || !amdahlNear(got, want) {
				t.Errorf("%d workers: %.3f times the work in %v", n, got, took)
			}
		}
	})
}

// amdahlCrowd lets n workers share the work, when each worker costs something
// that only one of them can do at a time, such as opening a connection.
func amdahlCrowd(n int, work, each time.Duration) time.Duration {
	start := time.Now()
	lock := make(chan struct{}, 1)
	var workers sync.WaitGroup
	for range n {
		workers.Go(func() {
			lock <- struct{}{}
			time.Sleep(each)
			<-lock
			time.Sleep(work / time.Duration(n))
		})
	}
	workers.Wait()
	return time.Since(start)
}

// More workers make a job slower if each of them costs something serial. The
// useful part shrinks with 1/n and this part grows with n, so there is a best
// number, and beyond it every worker makes the job slower. With work of 1600
// milliseconds and one of coordination for each worker it is 40, the square
// root of their ratio; 400 workers take longer than 5. In real programs it can
// be the wait for a lock, a new connection, or the merging of results.
//
//claim:ask Can more workers make a job slower?
//claim:source https://en.wikipedia.org/wiki/Neil_J._Gunther
func TestAmdahlTooManyWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := func(n int) time.Duration { return amdahlCrowd(n, 1600*time.Millisecond, time.Millisecond) }
		best := took(40)
		for _, n := range []int{1, 2, 10, 20, 80, 100, 400} {
			if took(n) <= best {
				t.Errorf("%d workers take %v, 40 take %v", n, took(n), best)
			}
		}
		if !(took(80) < took(100) && took(100) < took(200) && took(200) < took(400)) {
			t.Error("more workers are not slower")
		}
		if took(400) <= took(5) {
			t.Errorf("400 workers take %v, 5 take %v", took(400), took(5))
		}
	})
}

// The longest part decides, because the job is done when the last worker is. Six
// seconds of work in four parts, one of which is as long as the other three,
// take four workers three seconds, twice the ideal. Many small
// parts that workers take when they are free even this out: with the same work
// in smaller parts, four workers come within a tenth of a fourth of the time.
//
//claim:ask Four workers, but the job is far from four times as fast, and nothing is serial. Why?
//claim:source https://pkg.go.dev/sync#WaitGroup
func TestAmdahlUnevenParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := func(n int, parts []time.Duration) time.Duration {
			start := time.Now()
			queue := make(chan time.Duration, len(parts))
			for _, part := range parts {
				queue <- part
			}
			close(queue)
			var workers sync.WaitGroup
			for range n {
				workers.Go(func() {
					for part := range queue {
						time.Sleep(part)
					}
				})
			}
			workers.Wait()
			return time.Since(start)
		}
		few := []time.Duration{3 * time.Second, time.Second, time.Second, time.Second}
		var many []time.Duration
		for _, part := range few {
			for range 20 {
				many = append(many, part/20)
			}
		}
		if one, four := run(1, few), run(4, few); one != 6*time.Second || four != 3*time.Second {
			t.Errorf("few parts: %v alone, %v with four", one, four)
		}
		if one, four := run(1, many), run(4, many); one != 6*time.Second || four > 1650*time.Millisecond {
			t.Errorf("many parts: %v alone, %v with four", one, four)
		}
	})
}

// amdahlWork is work for a processor, and not sleep.
func amdahlWork(block []byte, times int) (sum uint32) {
	for range times {
		sum = crc32.Update(sum, crc32.IEEETable, block)
	}
	return sum
}

// amdahlParallel does times units of work, a quarter of them before n workers
// share the rest.
func amdahlParallel(block []byte, times, n int) {
	amdahlWork(block, times/4)
	var workers sync.WaitGroup
	for range n {
		workers.Go(func() { amdahlWork(block, times*3/4/n) })
	}
	workers.Wait()
}

// On real processors a serial share of a quarter makes four workers more than
// 1.5 times as fast as one, and less than 3 times: the law says 2.3. Starting
// goroutines, the shared clock rate and other programs take a part of the gain.
//
//claim:ask Does Amdahl's law show in a benchmark on real processors?
//claim:needs cpus>=4
//claim:expect ns/op workers=1 > 1.5x workers=4
//claim:expect ns/op workers=1 < 3x workers=4
//claim:source https://en.wikipedia.org/wiki/Amdahl%27s_law
func BenchmarkAmdahlCPU(b *testing.B) {
	block := make([]byte, 4096)
	for _, bench := range []struct {
		name string
		n    int
	}{{"workers=1", 1}, {"workers=4", 4}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				amdahlParallel(block, 3200, bench.n)
			}
		})
	}
}

// amdahlContend increments a counter behind a lock, total times in all.
func amdahlContend(total, n int) (count int) {
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range n {
		workers.Go(func() {
			for range total / n {
				mu.Lock()
				count++
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return count
}

// Work that is done under one lock gets no faster with more goroutines: its
// serial share is nearly 1, and so is the limit. Four goroutines do not even
// make it 1.5 times as fast as one, on any number of processors. Use one
// goroutine, or let each have a sum of its own and add these at the end.
//
//claim:ask Does work under one mutex get faster with more goroutines?
//claim:expect ns/op workers=1 < 1.5x workers=4
//claim:source https://pkg.go.dev/sync#Mutex
func BenchmarkAmdahlContention(b *testing.B) {
	for _, bench := range []struct {
		name string
		n    int
	}{{"workers=1", 1}, {"workers=4", 4}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				amdahlContend(20000, bench.n)
			}
		})
	}
}

func TestAmdahlContend(t *testing.T) {
	for _, n := range []int{1, 4} {
		if got := amdahlContend(20000, n); got != 20000 {
			t.Errorf("%d workers counted %d", n, got)
		}
	}
}
