package memory

// gridPoint is the value whose place the functions of this file decide.
//
// Escape analysis gives every variable and every value made by new, make, a
// literal or a conversion one of two places: the stack frame of the function
// that makes it, or the heap. It does so when the program is compiled. The
// comments at the ends of lines state its decision, and the command claims
// compares them with what the compiler reports.
type gridPoint struct{ x, y int64 }

// pointLink is a value that holds pointers.
type pointLink struct {
	at   *gridPoint
	next *pointLink
}

// keptPoint stands for everything that outlives a call.
var keptPoint *gridPoint

// makePoint returns a copy, so its own value ends with the call.
//
//go:noinline
func makePoint(x, y int64) gridPoint {
	p := gridPoint{x, y} //claim:stack
	return p
}

// newPoint returns the address, so the value has to outlive the call.
//
//go:noinline
func newPoint(x, y int64) *gridPoint {
	p := gridPoint{x, y} //claim:heap
	return &p
}

// buildPoint is newPoint in a form small enough to be inlined: the value it
// makes belongs to the caller, and the caller's use decides.
func buildPoint(x, y int64) *gridPoint {
	return &gridPoint{x, y} //claim:heap
}

//go:noinline
func pointSumInlined() int64 {
	p := buildPoint(3, 4) //claim:stack
	return p.x + p.y
}

//go:noinline
func pointSumCalled() int64 {
	p := newPoint(3, 4) //claim:called
	return p.x + p.y
}

//go:noinline
func pointSumFromFunc(build func(x, y int64) *gridPoint) int64 {
	p := build(3, 4) //claim:called
	return p.x + p.y
}

// buildPointSplit does its work, too big to be inlined, in a second function
// that does not make the value.
func buildPointSplit(x, y int64) *gridPoint {
	p := &gridPoint{} //claim:heap
	p.set(x, y)       //claim:called
	return p
}

//go:noinline
func (p *gridPoint) set(x, y int64) { p.x, p.y = x, y }

//go:noinline
func pointSumSplit() int64 {
	p := buildPointSplit(3, 4) //claim:stack
	return p.x + p.y
}

// Four ways to write a value that stays: the keyword does not decide.

//go:noinline
func stayVar() int64 {
	var p gridPoint //claim:stack
	q := &p
	q.x = 1
	return q.x
}

//go:noinline
func stayNew() int64 {
	q := new(gridPoint) //claim:stack
	q.x = 1
	return q.x
}

//go:noinline
func stayLiteral() int64 {
	q := &gridPoint{x: 1} //claim:stack
	return q.x
}

//go:noinline
func stayMake() int64 {
	s := make([]gridPoint, 8) //claim:stack
	s[0].x = 1
	return s[0].x
}

// The same four, kept: all of them move.

//go:noinline
func moveVar() {
	var p gridPoint //claim:heap
	keptPoint = &p
}

//go:noinline
func moveNew() {
	keptPoint = new(gridPoint) //claim:heap
}

//go:noinline
func moveLiteral() {
	keptPoint = &gridPoint{x: 1} //claim:heap
}

//go:noinline
func moveMake() {
	s := make([]gridPoint, 8) //claim:heap
	keptPoint = &s[0]
}

// pointThroughCalls hands its address down three calls, inside a struct that
// holds pointers, and everything stays.
//
//go:noinline
func pointThroughCalls() int64 {
	var p gridPoint               //claim:stack
	l := &pointLink{at: &p}       //claim:stack
	outer := pointLink{next: l}   //claim:stack
	return setThroughLink(&outer) //claim:stack
}

//go:noinline
func setThroughLink(l *pointLink) int64 {
	return setPoint(l.next.at)
}

//go:noinline
func setPoint(p *gridPoint) int64 {
	p.x, p.y = 3, 4
	return p.x + p.y
}

// samePoint lets its parameter out through the result only: whether the value
// escapes is the caller's business.
//
//go:noinline
func samePoint(p *gridPoint) *gridPoint { return p }

//go:noinline
func pointThereAndBack() int64 {
	var p gridPoint //claim:stack
	q := samePoint(&p)
	q.x = 5
	return p.x
}
