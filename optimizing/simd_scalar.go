//go:build !goexperiment.simd || !amd64

package optimizing

func sumInt32(s []int32) int32 { return sumInt32Scalar(s) }
