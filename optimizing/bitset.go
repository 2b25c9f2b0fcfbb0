package optimizing

import (
	"iter"
	"math/bits"
)

// BitSet is a set of small integers from 0 on, with one bit for each number up to
// the largest one. The zero value is an empty set. It is not safe for concurrent
// use if one of the goroutines adds.
type BitSet struct{ words []uint64 }

// Add puts i into the set, which grows if it has to. It panics if i is negative.
func (s *BitSet) Add(i int) {
	word := i >> 6
	if word >= len(s.words) {
		s.words = append(s.words, make([]uint64, word+1-len(s.words))...)
	}
	s.words[word] |= 1 << (i & 63)
}

// Has reports whether i is in the set. It takes constant time and panics if i is
// negative.
func (s *BitSet) Has(i int) bool {
	word := i >> 6
	return word < len(s.words) && s.words[word]>>(i&63)&1 != 0
}

// Len returns the number of elements, in time proportional to the largest one,
// divided by 64.
func (s *BitSet) Len() (n int) {
	for _, word := range s.words {
		n += bits.OnesCount64(word)
	}
	return n
}

// KeepOnly removes all elements that are not in other as well.
func (s *BitSet) KeepOnly(other *BitSet) {
	if len(s.words) > len(other.words) {
		clear(s.words[len(other.words):])
	}
	for i := range min(len(s.words), len(other.words)) {
		s.words[i] &= other.words[i]
	}
}

// All returns the elements in ascending order. The set must not change meanwhile.
func (s *BitSet) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range s.words {
			for ; word != 0; word &= word - 1 { // clears the lowest bit
				if !yield(i<<6 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

//go:noinline
func bitsetCommonBits(x, y *BitSet) (n int) {
	for i := range min(len(x.words), len(y.words)) {
		n += bits.OnesCount64(x.words[i] & y.words[i])
	}
	return n
}

//go:noinline
func bitsetCommonMap(x, y map[int]bool) (n int) {
	for i := range x {
		if y[i] {
			n++
		}
	}
	return n
}

//go:noinline
func bitsetSumAll(s *BitSet) (sum int) {
	for i := range s.All() {
		sum += i
	}
	return sum
}

// bitsetSumProbe asks for each number in turn.
//
//go:noinline
func bitsetSumProbe(s *BitSet) (sum int) {
	for i := range len(s.words) << 6 {
		if s.Has(i) {
			sum += i
		}
	}
	return sum
}

//go:noinline
func bitsetDistinctBits(numbers []int) (n int) {
	var seen BitSet
	for _, i := range numbers {
		if !seen.Has(i) {
			seen.Add(i)
			n++
		}
	}
	return n
}

//go:noinline
func bitsetDistinctMap(numbers []int) (n int) {
	seen := make(map[int]bool)
	for _, i := range numbers {
		if !seen[i] {
			seen[i] = true
			n++
		}
	}
	return n
}
