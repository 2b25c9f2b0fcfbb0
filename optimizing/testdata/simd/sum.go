// Package simd needs an experimental package.
package simd

import "simd/archsimd"

var lanes = archsimd.Int32x8{}.Len()
