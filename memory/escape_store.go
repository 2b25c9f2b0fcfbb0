package memory

// Where an address is stored decides whether its target stays on the stack.
// In the first group it stays: the compiler follows addresses through
// variables, fields, arrays and literals.

//go:noinline
func storeInVariableField() int64 {
	var p gridPoint //claim:stack
	var l pointLink
	l.at = &p
	return l.at.x
}

//go:noinline
func storeInArray(i int) int64 {
	var p gridPoint //claim:stack
	var a [4]*gridPoint
	a[i] = &p
	return a[i].x
}

//go:noinline
func storeInSliceLiteral() int64 {
	var p gridPoint           //claim:stack
	s := []*gridPoint{&p, &p} //claim:stack
	return s[1].x
}

//go:noinline
func storeInPointedLiteral() int64 {
	var p gridPoint         //claim:stack
	l := &pointLink{at: &p} //claim:stack
	return l.at.x
}

// Behind a pointer the trace ends, even where everything is local.

//go:noinline
func storeThroughPointer() int64 {
	var p gridPoint //claim:heap
	var q *gridPoint
	pq := &q
	*pq = &p
	return q.x
}

//go:noinline
func storeInPointedField() int64 {
	var p gridPoint   //claim:heap
	l := &pointLink{} //claim:stack
	l.at = &p
	return l.at.x
}

//go:noinline
func storeInSliceElement() int64 {
	var p gridPoint            //claim:heap
	s := make([]*gridPoint, 2) //claim:stack
	s[1] = &p
	return s[1].x
}

//go:noinline
func storeByAppend(s []*gridPoint) int64 {
	var p gridPoint //claim:heap
	s = append(s, &p)
	return s[len(s)-1].x
}

//go:noinline
func storeInMap() int64 {
	var p gridPoint            //claim:heap
	m := map[int8]*gridPoint{} //claim:stack
	m[1] = &p
	return m[1].x
}

//go:noinline
func storeInChannel(c chan *gridPoint) int64 {
	var p gridPoint //claim:heap
	c <- &p
	return (<-c).x
}

// The address is taken on a path that is hardly ever run. The place is chosen
// where the variable is declared, so every call pays.
//
//go:noinline
func keepOnRarePath(x int64, rare bool) int64 {
	p := gridPoint{x: x} //claim:heap
	if rare {
		keptPoint = &p
	}
	return p.x
}

// A copy made on that path takes the variable out of it.
//
//go:noinline
func copyOnRarePath(x int64, rare bool) int64 {
	p := gridPoint{x: x} //claim:stack
	if rare {
		q := p //claim:heap
		keptPoint = &q
	}
	return p.x
}

// pointGrid has one field whose address will be returned.
type pointGrid struct {
	header gridPoint
	_      [63]gridPoint
}

//go:noinline
func headerOf(x int64) *gridPoint {
	var g pointGrid //claim:heap
	g.header.x = x
	return &g.header
}

//go:noinline
func headerCopyOf(x int64) *gridPoint {
	var g pointGrid //claim:stack
	g.header.x = x
	h := g.header //claim:heap
	return &h
}

// lastPoint makes a value in each turn of the loop and assigns its address to
// a variable declared outside it.
//
//go:noinline
func lastPoint(n int64) int64 {
	last := &gridPoint{} //claim:stack
	for i := range n {
		last = &gridPoint{x: i} //claim:heap
	}
	return last.x
}

//go:noinline
func sumOfPoints(n int64) (sum int64) {
	for i := range n {
		p := &gridPoint{x: i} //claim:stack
		sum += p.x
	}
	return sum
}

// The next two keep the address of the loop variable in every turn.

//go:noinline
func loopVariables(kept []*int) {
	for i := range kept { //claim:heap
		kept[i] = &i
	}
}

//go:noinline
func loopVariablesThreeClause(kept []*int) {
	for i := 0; i < len(kept); i++ { //claim:heap
		kept[i] = &i
	}
}
