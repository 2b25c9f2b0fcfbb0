package optimizing

// recurrence returns the n-th value of y = y*x + z, as in a smoothed average or
// a random number generator. Every step needs the result of the one before.
//
//go:noinline
func recurrence(y, x, z float64, n int) float64 {
	for range n {
		y = y*x + z
	}
	return y
}
