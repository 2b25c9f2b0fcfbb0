// Package dropped compiles and is wrong: go vet says where.
package dropped

import "slices"

func remove(s []int, i int) []int {
	slices.Delete(s, i, i+1) // the shorter slice is dropped
	return s
}

func appendNothing(s []int) []int {
	return append(s) // no values
}
