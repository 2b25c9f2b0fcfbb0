package memory

// The array of a slice can be in the frame of a function, too. The compiler
// reserves a fixed place: as big as the slice if the capacity is a constant,
// stackBufferSize bytes if it is only known when the program runs.

// stackBufferSize is the number of bytes the compiler reserves for a slice
// whose capacity it does not know.
const stackBufferSize = 32

// keptInt64s stands for everything that outlives a call.
var keptInt64s []int64

// Each function below returns something computed from the slice, so that the
// slice cannot be left out.

//go:noinline
func sumInt64s(s []int64) (sum int64) {
	for _, v := range s {
		sum += v
	}
	return sum
}

//go:noinline
func makeBytes(n int) int {
	return touchEnds(make([]byte, n)) //claim:stack
}

//go:noinline
func makeInt64s(n int) int64 {
	s := make([]int64, n) //claim:stack
	return sumInt64s(s)
}

//go:noinline
func makeWithCapacity(capacity int) int64 {
	s := make([]int64, 0, capacity) //claim:stack
	return sumInt64s(s)
}

//go:noinline
func makeBig(n int) int {
	s := make([][stackBufferSize + 1]byte, n) //claim:stack
	return len(s)
}

//go:noinline
func makeAndKeep(n int) {
	keptInt64s = make([]int64, n) //claim:heap
}

// makeKnownLength has a variable length, but the compiler sees its value.
//
//go:noinline
func makeKnownLength() int64 {
	n := 1000
	s := make([]int64, n) //claim:stack
	return sumInt64s(s)
}

// makeConstantCapacity has a variable length and a constant capacity.
//
//go:noinline
func makeConstantCapacity(n int) int64 {
	s := make([]int64, n, 1000) //claim:stack
	return sumInt64s(s)
}

// The functions below append n numbers one by one to a slice that starts with
// no array, and differ in what they do with it.

//go:noinline
func appendAndPass(n int64) int64 {
	var s []int64
	for i := range n {
		s = append(s, i) //claim:stack
	}
	return sumInt64s(s)
}

//go:noinline
func appendToLiteral(n int64) int64 {
	s := []int64{}
	for i := range n {
		s = append(s, i) //claim:stack
	}
	return sumInt64s(s)
}

//go:noinline
func appendToMake(n int64) int64 {
	s := make([]int64, 0, n) //claim:stack
	for i := range n {
		s = append(s, i) //claim:stack
	}
	return sumInt64s(s)
}

//go:noinline
func appendAndIndex(n int64) (sum int64) {
	var s []int64
	for i := range n {
		s = append(s, i) //claim:stack
	}
	for i := 0; i < len(s); i++ {
		sum += s[i]
	}
	return sum
}

//go:noinline
func appendAndRange(n int64) (sum int64) {
	var s []int64
	for i := range n {
		s = append(s, i) //claim:stack
	}
	for _, v := range s {
		sum += v
	}
	return sum
}

// appendInTurns builds a new slice of n elements in each turn.
//
//go:noinline
func appendInTurns(turns, n int64) (sum int64) {
	for range turns {
		var s []int64
		for i := range n {
			s = append(s, i) //claim:stack
		}
		sum += sumInt64s(s)
	}
	return sum
}

//go:noinline
func appendInTurnsReused(turns, n int64) (sum int64) {
	var s []int64
	for range turns {
		s = s[:0]
		for i := range n {
			s = append(s, i) //claim:stack
		}
		sum += sumInt64s(s)
	}
	return sum
}

//go:noinline
func appendAndReturn(n int64) []int64 {
	var s []int64
	for i := range n {
		s = append(s, i) //claim:heap
	}
	return s
}

//go:noinline
func appendAndKeep(n int64) {
	var s []int64
	for i := range n {
		s = append(s, i) //claim:heap
	}
	keptInt64s = s
}

//go:noinline
func appendToMakeAndReturn(n int64) []int64 {
	s := make([]int64, 0) //claim:heap
	for i := range n {
		s = append(s, i) //claim:heap
	}
	return s
}

//go:noinline
func appendAndReturnTwice(n int64) []int64 {
	var s []int64
	for i := range n {
		s = append(s, i) //claim:heap
		if i == 99 {
			return s
		}
	}
	return s
}

// The first eight entries of a map can be in the frame as well.

//go:noinline
func fillMap(n int) int {
	m := make(map[int]int) //claim:stack
	for i := range n {
		m[i] = i
	}
	return len(m)
}

//go:noinline
func fillSizedMap(n, size int) int {
	m := make(map[int]int, size) //claim:stack
	for i := range n {
		m[i] = i
	}
	return len(m)
}

//go:noinline
func fillReturnedMap(n int) map[int]int {
	m := make(map[int]int) //claim:heap
	for i := range n {
		m[i] = i
	}
	return m
}

// A channel that only its maker uses.
//
//go:noinline
func useChannel() int {
	c := make(chan int, 1) // allocates, and is not reported
	c <- 7
	return <-c
}
