// Package report is compiled with -m=2, which tells what is inlined and why not.
package report

import (
	"slices"
	"strings"
	"sync"
)

func tiny(x int) int { return x + 1 }

func within(x int) int {
	x = x<<1 ^ x>>1
	x = x<<2 ^ x>>2
	x = x<<3 ^ x>>3
	x = x<<4 ^ x>>4
	x = x<<5 ^ x>>5
	x = x<<6 ^ x>>6
	x = x<<7 ^ x>>7
	x = x<<8 ^ x>>8
	x = -(x ^ 9)
	return x
}

func beyond(x int) int {
	x = x<<1 ^ x>>1
	x = x<<2 ^ x>>2
	x = x<<3 ^ x>>3
	x = x<<4 ^ x>>4
	x = x<<5 ^ x>>5
	x = x<<6 ^ x>>6
	x = x<<7 ^ x>>7
	x = x<<8 ^ x>>8
	x = -(x ^ 9)
	return -x
}

//go:noinline
func marked(x int) int { return x + 1 }

// go:noinline
func notMarked(x int) int { return x + 1 }

// What does not prevent inlining.

func withFor(s []int) (sum int) {
	for i := 0; i < len(s); i++ {
		sum += s[i]
	}
	return sum
}

func withRange(s []int) (sum int) {
	for _, v := range s {
		sum += v
	}
	return sum
}

func withSwitch(x int) int {
	switch x {
	case 1:
		return 10
	case 2:
		return 20
	}
	return 0
}

func withTypeSwitch(x any) int {
	switch x := x.(type) {
	case int:
		return x
	case string:
		return len(x)
	}
	return 0
}

func withSelect(a chan int) int {
	select {
	case v := <-a:
		return v
	default:
		return 0
	}
}

func withLabel(s [][]int) int {
rows:
	for _, row := range s {
		for _, v := range row {
			if v < 0 {
				continue rows
			}
			if v == 0 {
				break rows
			}
		}
	}
	return len(s)
}

func withGoto(x int) int {
again:
	if x > 10 {
		x /= 2
		goto again
	}
	return x
}

func withClosure(x int) func() int { return func() int { return x } }

func withPanic(x int) int {
	if x < 0 {
		panic("negative")
	}
	return x
}

func withMap(m map[string]int) int { return m["a"] }

func withOneCall(x int) int { return marked(x) }

func withGeneric[T any](s []T) int { return len(s) }

// What does.

func withTwoCalls(x int) int { return marked(x) + marked(x) }

func withDefer(m *sync.Mutex) {
	m.Lock()
	defer m.Unlock()
}

func withGo(f func()) { go f() }

func withRecover() any { return recover() }

func recursive(n int) int {
	if n == 0 {
		return 0
	}
	return n + recursive(n-1)
}

func tree(n int) int {
	if n < 2 {
		return n
	}
	return tree(n-1) + tree(n-2)
}

func assembly(x int) int

// Calls of functions of other packages and of functions in parameters.

func hasPrefix(s string) bool { return strings.HasPrefix(s, "go") }

func doOnce(o *sync.Once, f func()) { o.Do(f) }

func apply(x int, f func(int) int) int { return f(x) }

//go:noinline
func applyCalled(x int, f func(int) int) int { return f(x) }

func literalApplied(x int) int { return apply(x, func(x int) int { return x * 3 }) }

func literalPassed(x int) int { return applyCalled(x, func(x int) int { return x * 3 }) }

func use() int {
	return tiny(1) + marked(1) + withGeneric([]int{1})
}

func callRecursive() int { return recursive(1) }

// Functions of the package slices that take a function.

func indexLiteral(s []int) int { return slices.IndexFunc(s, func(x int) bool { return x > 3 }) }

func sortLiteral(s []int) { slices.SortFunc(s, func(a, b int) int { return a - b }) }

// Code size.

func callTiny(x int) int { return tiny(x) }

func callMarked(x int) int { return marked(x) }

func callWithin3(x int) int { return within(within(within(x))) }

func callBeyond3(x int) int { return beyond(beyond(beyond(x))) }
