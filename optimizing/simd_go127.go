//go:build goexperiment.simd && amd64 && go1.27

package optimizing

import "simd/archsimd"

func loadInt32x8(s []int32) archsimd.Int32x8     { return archsimd.LoadInt32x8(s) }
func storeInt32x8(x archsimd.Int32x8, s []int32) { x.Store(s) }
