package schedgc

// The write barrier is code that the compiler adds to the store of a pointer. It
// tests a flag, and only while the collector marks does it put the old and the
// new pointer into a buffer of the P. The functions here are what the benchmarks
// compare: the same loops over elements with and without pointers.

// barrierStorePointers writes p to every element.
func barrierStorePointers(s []*int, p *int) {
	for i := range s {
		s[i] = p
	}
}

func barrierStoreInts(s []int, n int) {
	for i := range s {
		s[i] = n
	}
}

// barrierCopyPointers copies element by element where copy would do.
func barrierCopyPointers(d, s []*int) {
	for i := range min(len(d), len(s)) {
		d[i] = s[i]
	}
}
