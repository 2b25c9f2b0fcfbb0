package optimizing

import "slices"

// Preallocation replaces a row of arrays, each copied into the next one, by one
// array of the right size. It needs a number that is known before the loop: exact,
// or an upper bound that is not far off.

// preallocAppend lets append find the capacity.
//
//go:noinline
func preallocAppend(n int) []int64 {
	var squares []int64
	for i := range int64(n) {
		squares = append(squares, i*i)
	}
	return squares
}

// preallocCap returns the same elements in a slice that was made for capacity of
// them.
//
//go:noinline
func preallocCap(n, capacity int) []int64 {
	squares := make([]int64, 0, capacity)
	for i := range int64(n) {
		squares = append(squares, i*i)
	}
	return squares
}

// preallocExactGrowth makes room for one element each time.
//
//go:noinline
func preallocExactGrowth(n int) []int64 {
	var squares []int64
	for i := range int64(n) {
		larger := make([]int64, len(squares)+1)
		copy(larger, squares)
		larger[i] = i * i
		squares = larger
	}
	return squares
}

// preallocGrowOne calls slices.Grow for each element.
//
//go:noinline
func preallocGrowOne(n int) []int64 {
	var squares []int64
	for i := range int64(n) {
		squares = append(slices.Grow(squares, 1), i*i)
	}
	return squares
}

// preallocReused fills the array of squares again.
//
//go:noinline
func preallocReused(squares []int64, n int) []int64 {
	squares = squares[:0]
	for i := range int64(n) {
		squares = append(squares, i*i)
	}
	return squares
}

// preallocMap makes a map with a hint and stores n keys in it.
//
//go:noinline
func preallocMap(n, hint int) map[int64]int64 {
	squares := make(map[int64]int64, hint)
	for i := range int64(n) {
		squares[i] = i * i
	}
	return squares
}

// preallocRows returns a matrix with an array for each row.
//
//go:noinline
func preallocRows(rows, columns int) [][]float64 {
	matrix := make([][]float64, rows)
	for i := range matrix {
		matrix[i] = make([]float64, columns)
	}
	return matrix
}

// preallocMatrix returns a matrix whose rows are parts of one array. The capacity
// of a row ends where the next row begins.
//
//go:noinline
func preallocMatrix(rows, columns int) [][]float64 {
	matrix, all := make([][]float64, rows), make([]float64, rows*columns)
	for i := range matrix {
		matrix[i], all = all[:columns:columns], all[columns:]
	}
	return matrix
}

// preallocEven returns the even numbers and makes room for capacity of them.
//
//go:noinline
func preallocEven(numbers []int64, capacity int) []int64 {
	even := make([]int64, 0, capacity)
	for _, n := range numbers {
		if n%2 == 0 {
			even = append(even, n)
		}
	}
	return even
}

// preallocCountEven tells how many there will be.
//
//go:noinline
func preallocCountEven(numbers []int64) (count int) {
	for _, n := range numbers {
		if n%2 == 0 {
			count++
		}
	}
	return count
}

// preallocDecode reads a number of elements that was announced by a sender. The
// room it makes at once is limited.
//
//go:noinline
func preallocDecode(announced, limit int, next func() (int64, bool)) (elements []int64) {
	elements = make([]int64, 0, min(announced, limit))
	for range announced {
		element, ok := next()
		if !ok {
			return nil
		}
		elements = append(elements, element)
	}
	return elements
}
