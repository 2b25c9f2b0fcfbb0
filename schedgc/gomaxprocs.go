package schedgc

import (
	"math"
	"sync"
)

// gomaxprocsDefault is the rule for the default of GOMAXPROCS since Go 1.25: the
// number of CPUs that the process may use, lowered to the CPU quota of its cgroup,
// rounded up, but not below 2 for the sake of the quota. A quota of 0 means none.
func gomaxprocsDefault(cpus int, quota float64) int {
	if quota <= 0 {
		return cpus
	}
	return min(cpus, max(2, int(math.Ceil(quota))))
}

// gomaxprocsCompute is pure computation, shared out to workers goroutines.
func gomaxprocsCompute(workers int) (sum uint64) {
	var mu sync.Mutex
	var all sync.WaitGroup
	const total = 1 << 18
	for range workers {
		all.Go(func() {
			x := uint64(1)
			for range total / workers {
				x = x*6364136223846793005 + 1442695040888963407
			}
			mu.Lock()
			sum += x
			mu.Unlock()
		})
	}
	all.Wait()
	return sum
}
