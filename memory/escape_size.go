package memory

// Some values go to the heap for their size alone. Each pair of functions below
// stands on both sides of a limit.

const (
	explicitLimit = 128 << 10 // bytes, for a variable with a name
	implicitLimit = 64 << 10  // bytes, for new, &T{…} and make
)

// touchEnds returns the sum of the first and the last byte after it has set
// both, so that the array is really there.
func touchEnds(a []byte) int {
	a[0], a[len(a)-1] = 1, 2
	return int(a[0]) + int(a[len(a)-1])
}

//go:noinline
func largeVariable() int {
	var a [explicitLimit]byte //claim:stack
	return touchEnds(a[:])
}

//go:noinline
func largerVariable() int {
	var a [explicitLimit + 1]byte //claim:heap
	return touchEnds(a[:])
}

//go:noinline
func largeNew() int {
	a := new([implicitLimit]byte) //claim:stack
	return touchEnds(a[:])
}

//go:noinline
func largerNew() int {
	a := new([implicitLimit + 1]byte) //claim:heap
	return touchEnds(a[:])
}

//go:noinline
func largeLiteral() int {
	a := &[implicitLimit]byte{} //claim:stack
	return touchEnds(a[:])
}

//go:noinline
func largerLiteral() int {
	a := &[implicitLimit + 1]byte{} //claim:heap
	return touchEnds(a[:])
}

//go:noinline
func largeMake() int {
	return touchEnds(make([]byte, implicitLimit)) //claim:stack
}

//go:noinline
func largerMake() int {
	return touchEnds(make([]byte, implicitLimit+1)) //claim:heap
}

// largeMakeFor has a variable length, and the limit looks at the capacity.
//
//go:noinline
func largeMakeFor(n int) int {
	return touchEnds(make([]byte, n, implicitLimit)) //claim:stack
}

// A variable that is used through a pointer has the limit of a variable.
//
//go:noinline
func largeAddressed() int {
	var a [implicitLimit + 1]byte //claim:stack
	p := &a
	return touchEnds(p[:])
}

// There is no limit for parameters and results.

//go:noinline
func largeParameter(a [8 * explicitLimit]byte) int { //claim:stack
	return touchEnds(a[:])
}

//go:noinline
func largeResult() (a [8 * explicitLimit]byte) { //claim:stack
	touchEnds(a[:])
	return a
}

//go:noinline
func largePassed() int {
	return largeParameter(largeResult()) //claim:stack
}
