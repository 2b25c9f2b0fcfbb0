package optimizing

// FalseShareWriters is a rule that says which worker writes element i of n.
type FalseShareWriters func(i, n, workers int) int

// FalseShareChunks gives each worker one piece of neighbouring elements.
func FalseShareChunks(i, n, workers int) int { return i * workers / n }

// FalseShareStripes gives the elements out in turns.
func FalseShareStripes(i, n, workers int) int { return i % workers }

// SharedLines returns how many cache lines of line bytes are written by more than
// one worker, if workers write n elements of size bytes by the rule. The elements
// start at the beginning of a line, and size must not be larger than line. It
// takes time in proportion to n and is safe for concurrent use.
func SharedLines(n, size, line, workers int, rule FalseShareWriters) (shared int) {
	for start := 0; start < n*size; start += line {
		first, last := start/size, (min(start+line, n*size)-1)/size
		for i := first + 1; i <= last; i++ {
			if rule(i, n, workers) != rule(first, n, workers) {
				shared++
				break
			}
		}
	}
	return shared
}
