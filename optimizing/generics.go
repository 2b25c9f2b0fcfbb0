package optimizing

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
)

// Generic code is compiled for each shape of its type arguments. Its speed depends
// on what it does with a value: operators and copies are direct, methods are not.

//go:noinline
func genericsContainsLoop(s []int64, want int64) bool {
	for _, v := range s {
		if v == want {
			return true
		}
	}
	return false
}

//go:noinline
func genericsContains(s []int64, want int64) bool { return slices.Contains(s, want) }

//go:noinline
func genericsIndexFunc(s []int64, want int64) bool {
	return slices.ContainsFunc(s, func(v int64) bool { return v == want })
}

func genericsFilter[T any](s []T, keep func(T) bool) (kept []T) {
	for _, v := range s {
		if keep(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

func genericsMap[T, U any](s []T, f func(T) U) []U {
	mapped := make([]U, len(s))
	for i, v := range s {
		mapped[i] = f(v)
	}
	return mapped
}

func genericsFilterSeq[T any](s iter.Seq[T], keep func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range s {
			if keep(v) && !yield(v) {
				return
			}
		}
	}
}

func genericsMapSeq[T, U any](s iter.Seq[T], f func(T) U) iter.Seq[U] {
	return func(yield func(U) bool) {
		for v := range s {
			if !yield(f(v)) {
				return
			}
		}
	}
}

// genericsChain sums the squares of the even numbers, with a slice between the
// steps.
//
//go:noinline
func genericsChain(s []int64) (sum int64) {
	even := genericsFilter(s, func(v int64) bool { return v%2 == 0 })
	for _, v := range genericsMap(even, func(v int64) int64 { return v * v }) {
		sum += v
	}
	return sum
}

//go:noinline
func genericsChainSeq(s []int64) (sum int64) {
	even := genericsFilterSeq(slices.Values(s), func(v int64) bool { return v%2 == 0 })
	for v := range genericsMapSeq(even, func(v int64) int64 { return v * v }) {
		sum += v
	}
	return sum
}

//go:noinline
func genericsOneLoop(s []int64) (sum int64) {
	for _, v := range s {
		if v%2 == 0 {
			sum += v * v
		}
	}
	return sum
}

// genericsFormat has a type parameter and boxes all the same.
//
//go:noinline
func genericsFormat[T any](dst []byte, v T) []byte { return fmt.Append(dst, v) }

// genericsFormatInt stays with the type.
//
//go:noinline
func genericsFormatInt[T ~int | ~int64](dst []byte, v T) []byte {
	return strconv.AppendInt(dst, int64(v), 10)
}

// genericsSum calls its function parameter, which is inlined if genericsSum is.
func genericsSum[T any](s []T, weight func(T) int64) (sum int64) {
	for _, v := range s {
		sum += weight(v)
	}
	return sum
}

// genericsWeight is a method instead of a function.
type genericsWeight interface{ weight() int64 }

type genericsItem struct{ grams int64 }

func (item genericsItem) weight() int64 { return item.grams }

//go:noinline
func genericsSumMethod[T genericsWeight](s []T) (sum int64) {
	for _, v := range s {
		sum += v.weight()
	}
	return sum
}

//go:noinline
func genericsSumItems(items []genericsItem) int64 {
	return genericsSum(items, func(item genericsItem) int64 { return item.grams })
}
