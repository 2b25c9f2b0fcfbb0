package concurrency

// A data race is two accesses to one variable at the same time, at least one of
// them a write, without synchronisation. x++ is the usual one: a load and a
// store. Here is a model of goroutines that do it, because what can come of it
// is more than one run can show.

// incrementTotals returns all totals that goroutines can leave behind which each
// execute x++ a number of times, every x++ being a load and a store that nothing
// orders. It tries all interleavings.
func incrementTotals(goroutines, times int) map[int]bool {
	const maxGoroutines = 4
	type thread struct {
		left   int // increments
		loaded int // what the load of the current one gave, -1 before it
	}
	type state struct {
		x       int
		threads [maxGoroutines]thread
	}
	start := state{}
	for i := range goroutines {
		start.threads[i] = thread{times, -1}
	}
	totals := make(map[int]bool)
	seen := map[state]bool{start: true}
	for todo := []state{start}; len(todo) > 0; {
		now := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		finished := true
		for i, t := range now.threads {
			if t.left == 0 {
				continue
			}
			finished = false
			next := now
			if t.loaded < 0 {
				next.threads[i].loaded = now.x
			} else {
				next.x = t.loaded + 1
				next.threads[i] = thread{t.left - 1, -1}
			}
			if !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
		if finished {
			totals[now.x] = true
		}
	}
	return totals
}
