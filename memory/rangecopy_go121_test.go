//go:build go1.21

// The constraint above is not about the toolchain: it sets the language of this
// one file to Go 1.21, as a go line in go.mod does for a module, and with it the
// old meaning of loop variables.

package memory

// pointersBefore122 is pointersToCopies, compiled as Go 1.21.
func pointersBefore122(s []int) []*int {
	pointers := make([]*int, len(s))
	for i, v := range s {
		pointers[i] = &v
	}
	return pointers
}

// countersBefore122 is countersNow, compiled as Go 1.21.
func countersBefore122() (counters []func() int) {
	for i := 0; i < 5; i++ {
		counters = append(counters, func() int { return i })
		i++
	}
	return counters
}
