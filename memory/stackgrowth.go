package memory

import "unsafe"

// The stack of a goroutine is one piece of memory. The runtime replaces it by
// a bigger piece when it is full, and by a smaller one when most of it is
// unused. The functions below make stacks deep and watch them move.

// stackAddress returns the address of a variable as a number. For the compiler
// and the runtime a uintptr is no pointer: the variable does not escape, and
// the number is not adjusted when the stack moves.
func stackAddress(p *int64) uintptr { return uintptr(unsafe.Pointer(p)) }

// goDown calls itself until kib KiB of stack are in use, and then calls f.
//
//go:noinline
func goDown(kib int, f func()) byte {
	var frame [1 << 10]byte //claim:stack
	if kib == 0 {
		f()
		return 1
	}
	frame[kib%len(frame)] = 1
	return goDown(kib-1, f) * frame[kib%len(frame)] // uses frame after the call
}

// stackMove is what a goroutine saw of a variable in its own stack.
type stackMove struct {
	before, below, after uintptr // addresses of the variable
	value                int64   // its value in the end
	same                 bool    // whether a pointer to it points to it in the end
}

// moveStack needs kib KiB more stack than its caller. At the lowest point it
// writes 42 to its variable.
//
//go:noinline
func moveStack(kib int) (m stackMove) {
	var local int64 //claim:stack
	p := sameInt64(&local)
	m.before = stackAddress(&local)
	goDown(kib, func() { //claim:stack
		*p = 42
		m.below = stackAddress(p)
	})
	m.after = stackAddress(&local)
	m.value, m.same = local, p == &local
	return m
}

// sameInt64 returns its parameter, so that the compiler cannot tell what the
// result points to.
//
//go:noinline
func sameInt64(p *int64) *int64 { return p }

// receiveOnStack receives a value, after its stack has become much bigger than
// it has to be.
//
//go:noinline
func receiveOnStack(c <-chan int64) (m stackMove) {
	var local int64 //claim:stack
	goDown(1<<10, func() {})
	m.before = stackAddress(&local)
	local = <-c
	m.after = stackAddress(&local)
	m.value = local
	return m
}

// stackMoves calls itself until limit bytes of stack below *top are in use. It
// appends to used how much it was each time the stack had moved, and returns
// that.
//
//go:noinline
func stackMoves(top *int64, seen, limit uintptr, used []uintptr) []uintptr {
	var here int64 //claim:stack
	depth := stackAddress(top) - stackAddress(&here)
	if at := stackAddress(top); at != seen {
		seen = at
		used = append(used, depth)
	}
	if depth >= limit {
		return used
	}
	return stackMoves(top, seen, limit, used)
}

// tailCalls calls itself n times, as the last thing it does, and returns how
// many bytes of stack lie between *top and the last call.
//
//go:noinline
func tailCalls(top *int64, n int) uintptr {
	var here int64 //claim:stack
	if n == 0 {
		return stackAddress(top) - stackAddress(&here)
	}
	return tailCalls(top, n-1)
}

// deepSum adds the numbers up to n, with one call for each.
//
//go:noinline
func deepSum(n int64) int64 {
	if n == 0 {
		return 0
	}
	return n + deepSum(n-1)
}
