//go:build goexperiment.simd && amd64

package optimizing

import "simd/archsimd"

//go:noinline
func sumInt32(s []int32) int32 {
	if !archsimd.X86.AVX2() {
		return sumInt32Scalar(s)
	}
	var sums archsimd.Int32x8
	for len(s) >= 8 {
		sums = sums.Add(loadInt32x8(s))
		s = s[8:]
	}
	var eight [8]int32
	storeInt32x8(sums, eight[:])
	return sumInt32Scalar(eight[:]) + sumInt32Scalar(s)
}
