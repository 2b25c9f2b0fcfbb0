package memory

import "maps"

// A map keeps the table of its largest size until the map itself is gone.
// Deleting empties slots; it does not give any of them back.

// Shrink returns a new map with the entries of m and room for not much more.
// Use it in place of m after most entries of a large map were deleted; the
// memory of m is freed when nobody refers to it any more. The copy is shallow.
// Shrink takes time in proportion to the size m once had, and returns nil for a
// nil map. Nobody may write to m meanwhile.
func Shrink[M ~map[K]V, K comparable, V any](m M) M {
	if m == nil {
		return nil
	}
	small := make(M, len(m))
	maps.Copy(small, m)
	return small
}
