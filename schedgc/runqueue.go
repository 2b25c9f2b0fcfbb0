package schedgc

// Every P has a queue of its own for goroutines that are ready to run, and all share
// the global one. Which goroutine runs next follows from a few rules, and the
// model below has all of them that matter with one P: the proofs
// compare what it predicts with the order in which goroutines really ran.

const (
	runQueueLocal = 256 // places in the local queue, besides the slot for the newest
	runQueueEvery = 61  // the global queue comes first in one of so many ticks
	runQueueBatch = runQueueLocal / 2
)

// runQueueModel is the order of ready goroutines with GOMAXPROCS=1. Goroutines
// are numbers.
type runQueueModel struct {
	newest int   // runs before the local queue
	has    bool  // whether there is a newest
	local  []int // first in, first out
	global []int
	tick   int // counts time slices
}

// ready makes g ready: what a go statement does, and a wake-up too. The
// goroutine that was the newest before goes to the end of the local queue, and
// if that is full, it goes with the older half to the global queue.
func (q *runQueueModel) ready(g int) {
	displaced, ok := q.newest, q.has
	q.newest, q.has = g, true
	switch {
	case !ok:
	case len(q.local) < runQueueLocal:
		q.local = append(q.local, displaced)
	default:
		q.global = append(append(q.global, q.local[:runQueueBatch]...), displaced)
		q.local = q.local[runQueueBatch:]
	}
}

// yield is runtime.Gosched: the end of the global queue.
func (q *runQueueModel) yield(g int) { q.global = append(q.global, g) }

// take returns the goroutine that runs next, and false if there is none.
func (q *runQueueModel) take() (g int, ok bool) {
	switch {
	case q.tick%runQueueEvery == 0 && len(q.global) > 0:
		g, q.global = q.global[0], q.global[1:]
	case q.has:
		q.has = false
		return q.newest, true // in the time slice of the one before: no new tick
	case len(q.local) > 0:
		g, q.local = q.local[0], q.local[1:]
	case len(q.global) > 0:
		batch := min(runQueueBatch, len(q.global)) // all of it is this P's share
		g, q.local = q.global[0], append([]int(nil), q.global[1:batch]...)
		q.global = q.global[batch:]
	default:
		return 0, false
	}
	q.tick++
	return g, true
}
