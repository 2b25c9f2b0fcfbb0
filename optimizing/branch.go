package optimizing

// A processor guesses which way a branch will go and works ahead. A right guess
// costs nothing; after a wrong one some 10 to 20 cycles of work are thrown away.
// So the same code can have very different speeds on different data.

// branchKeepLarge writes the values of at least limit to dst, which is at least as
// long as values, and returns how many they are.
//
//go:noinline
func branchKeepLarge(dst, values []int64, limit int64) (n int) {
	for _, value := range values {
		if value >= limit {
			dst[n] = value
			n++
		}
	}
	return n
}

// branchKeepAlways writes each value and only counts the large ones, so that the next
// value overwrites a small one. What is left of the condition is not a branch.
//
//go:noinline
func branchKeepAlways(dst, values []int64, limit int64) (n int) {
	for _, value := range values {
		dst[n] = value
		if value >= limit {
			n++
		}
	}
	return n
}

// branchCountLarge is simple enough for the compiler to leave out the branch.
//
//go:noinline
func branchCountLarge(values []int64, limit int64) (count int) {
	for _, value := range values {
		if value >= limit {
			count++
		}
	}
	return count
}

// branchShape is implemented by types of which a slice has a mixture.
type branchShape interface{ grow(n int64) int64 }

type (
	branchA struct{}
	branchB struct{}
	branchC struct{}
	branchD struct{}
)

//go:noinline
func (branchA) grow(n int64) int64 { return n + 1 }

//go:noinline
func (branchB) grow(n int64) int64 { return n + 2 }

//go:noinline
func (branchC) grow(n int64) int64 { return n + 3 }

//go:noinline
func (branchD) grow(n int64) int64 { return n + 4 }

//go:noinline
func branchGrowAll(shapes []branchShape) (n int64) {
	for _, shape := range shapes {
		n = shape.grow(n)
	}
	return n
}

// branchChecked tests what never happens.
//
//go:noinline
func branchChecked(values []int64) (sum int64) {
	for i, value := range values {
		if value < 0 {
			panic("negative value at " + string(rune('0'+i%10)))
		}
		sum += value
	}
	return sum
}

//go:noinline
func branchUnchecked(values []int64) (sum int64) {
	for _, value := range values {
		sum += value
	}
	return sum
}
