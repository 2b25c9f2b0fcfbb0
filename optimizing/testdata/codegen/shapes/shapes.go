// Package shapes instantiates one generic function with several types.
package shapes

type celsius int

//go:noinline
func last[T any](s []T) T { return s[len(s)-1] }

func use(a []int, b []celsius, c []uint, d []*int, e []*string) {
	last(a)
	last(b)
	last(c)
	last(d)
	last(e)
}
