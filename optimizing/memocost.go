package optimizing

// memoCostFib computes a Fibonacci number from the definition and counts its calls.
func memoCostFib(n int, calls *int) int {
	*calls++
	if n < 2 {
		return n
	}
	return memoCostFib(n-1, calls) + memoCostFib(n-2, calls)
}

// memoCostFibKnown remembers what it has computed.
func memoCostFibKnown(n int, known map[int]int, calls *int) int {
	*calls++
	if n < 2 {
		return n
	}
	if f, ok := known[n]; ok {
		return f
	}
	f := memoCostFibKnown(n-1, known, calls) + memoCostFibKnown(n-2, known, calls)
	known[n] = f
	return f
}

// memoCostFibLoop needs neither recursion nor memory.
func memoCostFibLoop(n int) int {
	a, b := 0, 1
	for range n {
		a, b = b, a+b
	}
	return a
}

// memoCostCheap is a function that is quicker than a lookup.
//
//go:noinline
func memoCostCheap(n uint32) uint32 { return n*n ^ n>>3 }

// memoCostExpensive counts the divisors of n.
//
//go:noinline
func memoCostExpensive(n uint32) uint32 {
	var divisors uint32
	for d := uint32(1); d <= n; d++ {
		if n%d == 0 {
			divisors++
		}
	}
	return divisors
}

// MemoCost returns a function that computes f once for each argument and remembers the
// result. It keeps every result for ever, so it is fit only for arguments from a small
// set, and for a function f whose result depends on nothing else. It is not safe for
// concurrent use. A call of f that panics is not remembered.
func MemoCost[K comparable, V any](f func(K) V) func(K) V {
	known := make(map[K]V)
	return func(k K) V {
		v, ok := known[k]
		if !ok {
			v = f(k)
			known[k] = v
		}
		return v
	}
}
