// The compiler's output for this file shows how each conversion is done.
package main

type static interface{ M() int }

type dynamic interface {
	M() int
	N() int
}

type pair [2]int

func (p pair) M() int { return p[0] }

func (p pair) N() int { return p[1] }

//go:noinline
func convert(p pair) static { return p }

//go:noinline
func narrow(v dynamic) static { return v }

//go:noinline
func assert(v any) dynamic { return v.(dynamic) }

//go:noinline
func assertOK(v any) (dynamic, bool) {
	d, ok := v.(dynamic)
	return d, ok
}

//go:noinline
func assertConcrete(v any) (pair, bool) {
	p, ok := v.(pair)
	return p, ok
}

//go:noinline
func toAny(v static) any { return v }

func main() {
	_, ok := assertOK(pair{})
	_, concrete := assertConcrete(pair{})
	println(convert(pair{}).M(), assert(pair{}).N(), narrow(assert(pair{})).M(), ok, concrete, toAny(convert(pair{})) != nil)
}
