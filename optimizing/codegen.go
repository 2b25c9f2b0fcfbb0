package optimizing

// What the compiler makes of these functions decides how fast they are. The
// machine code of others is in testdata/codegen.

// codegenPair and codegenWide are read through pointers.
type codegenPair struct{ first, second int }

func (p *codegenPair) sum() int { return p.first + p.second }

type codegenWide struct {
	_    [1 << 13]byte
	last int
}

func (p *codegenWide) end() int { return p.last }

// The functions below do the same work on the same numbers.

//go:noinline
func divideEach(values []uint64, by uint64) (sum uint64) {
	for _, v := range values {
		sum += v / by
	}
	return sum
}

//go:noinline
func divideEachBy10(values []uint64) (sum uint64) {
	for _, v := range values {
		sum += v / 10
	}
	return sum
}

//go:noinline
func addFloats(values []float64) (sum float64) {
	for _, v := range values {
		sum += v
	}
	return sum
}

// addFloatsBy4 has four sums that do not wait for each other.
//
//go:noinline
func addFloatsBy4(values []float64) float64 {
	var a, b, c, d float64
	for len(values) >= 4 {
		a += values[0] //claim:unchecked
		b += values[1] //claim:unchecked
		c += values[2] //claim:unchecked
		d += values[3] //claim:unchecked
		values = values[4:]
	}
	for _, v := range values {
		a += v
	}
	return (a + b) + (c + d)
}

//go:noinline
func copyByLoop(dst, src []byte) {
	//lint:ignore S1001 the loop is what copy is compared with
	for i := range src {
		dst[i] = src[i]
	}
}

//go:noinline
func copyByCopy(dst, src []byte) { copy(dst, src) }

// codegenAdder is implemented by numbers that add themselves to a sum.
type codegenAdder interface{ addTo(sum int64) int64 }

type codegenNumber int64

func (n codegenNumber) addTo(sum int64) int64 { return sum + int64(n) }

//go:noinline
func addConcrete(numbers []codegenNumber) (sum int64) {
	for _, n := range numbers {
		sum = n.addTo(sum)
	}
	return sum
}

//go:noinline
func addGeneric[T codegenAdder](numbers []T) (sum int64) {
	for _, n := range numbers {
		sum = n.addTo(sum)
	}
	return sum
}

//go:noinline
func addInterface(numbers []codegenAdder) (sum int64) {
	for _, n := range numbers {
		sum = n.addTo(sum)
	}
	return sum
}

// addOperator uses no method, only the operator of its types.
//
//go:noinline
func addOperator[T ~int64 | ~float64](numbers []T) (sum T) {
	for _, n := range numbers {
		sum += n
	}
	return sum
}
