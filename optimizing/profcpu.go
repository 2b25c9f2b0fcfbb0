package optimizing

import "runtime"

// The CPU profile is shown on these functions. Each spends its time in another
// way, and the names tell which.

// profMix is small enough to be inlined, and still has a name in profiles.
func profMix(sum uint64, c byte) uint64 {
	sum = (sum ^ uint64(c)) * 0x9e3779b97f4a7c15
	sum = (sum ^ sum>>29) * 0xbf58476d1ce4e5b9
	return sum ^ sum>>32
}

// profHash computes: all of its time is its own.
//
//go:noinline
func profHash(data []byte) uint64 {
	sum := uint64(1)
	for _, c := range data {
		sum = profMix(sum, c)
	}
	return sum
}

// profHandle only calls profHash: its flat time is about nothing.
//
//go:noinline
func profHandle(data []byte) uint64 {
	sum := profHash(data)
	return sum + profHash(data[:len(data)/2])
}

// profBox allocates a small object for every byte, so its time is that of the
// allocator and the collector.
//
//go:noinline
func profBox(data []byte) (boxes []*uint64) {
	for _, c := range data {
		box := uint64(c)
		boxes = append(boxes, &box)
	}
	return boxes
}

// profCopy moves memory.
//
//go:noinline
func profCopy(to, from []byte) int { return copy(to, from) }

// profDescend calls f below the given number of frames of its own.
//
//go:noinline
func profDescend(depth int, f func()) {
	if depth > 1 {
		profDescend(depth-1, f)
	} else {
		f()
	}
	runtime.KeepAlive(depth) // no tail call
}

// profRoot is where such a descent starts.
//
//go:noinline
func profRoot(depth int, f func()) {
	profDescend(depth, f)
	runtime.KeepAlive(depth)
}
