package memory

// SwapDelete removes s[i] by moving the last element into its place, and
// returns the shorter slice. It takes constant time and does not keep the
// order. The vacated last element is set to zero, so that the array does not
// keep what it pointed to alive. It panics if i is out of range. Like
// slices.Delete it changes s, so the result has to be used in its place.
func SwapDelete[S ~[]E, E any](s S, i int) S {
	last := len(s) - 1
	s[i] = s[last]
	clear(s[last:])
	return s[:last]
}
