package optimizing

// sumInt32Scalar adds the numbers one by one. The function sumInt32 beside it
// adds eight at a time where the experimental package simd/archsimd is there.
//
//go:noinline
func sumInt32Scalar(s []int32) (sum int32) {
	for _, v := range s {
		sum += v
	}
	return sum
}
