package memory

import "sync/atomic"

// Memory comes in cache lines, usually of 64 bytes, and a processor loads ahead
// what it expects. So the order in which a program visits its data, and what
// lies between the parts it needs, can matter more than the number of steps.
// Each pair of functions here does the same additions in another order.

// square is a matrix whose rows lie one after the other, as in an array of
// arrays.
type square struct {
	side  int
	cells []int32
}

// sumByRows visits the cells in the order they have in memory.
//
//go:noinline
func (m square) sumByRows() (sum int32) {
	for row := 0; row < m.side; row++ {
		line := m.cells[row*m.side : (row+1)*m.side]
		for i := 0; i < len(line); i++ {
			sum += line[i] //claim:unchecked
		}
	}
	return sum
}

// sumByColumns jumps by the length of a row from one cell to the next.
//
//go:noinline
func (m square) sumByColumns() (sum int32) {
	for column := 0; column < m.side; column++ {
		line := m.cells[column:]
		for i := 0; i < len(line); i += m.side {
			sum += line[i]
		}
	}
	return sum
}

// listNode is an element of a singly linked list.
type listNode struct {
	next  *listNode
	value int64
}

//go:noinline
func (n *listNode) sum() (sum int64) {
	for ; n != nil; n = n.next {
		sum += n.value
	}
	return sum
}

//go:noinline
func sumValues(values []int64) (sum int64) {
	for _, value := range values {
		sum += value
	}
	return sum
}

// linkedNodes returns a list of len(order) nodes with the values 0, 1, 2 and so
// on. All nodes are in one array, node i at the place order[i].
func linkedNodes(order []int) *listNode {
	nodes := make([]listNode, len(order)) //claim:heap
	for i, place := range order {
		nodes[place].value = int64(i)
		if i+1 < len(order) {
			nodes[place].next = &nodes[order[i+1]]
		}
	}
	return &nodes[order[0]]
}

// wideRecord is a record of which most loops need only the amount.
type wideRecord struct {
	amount int64
	_      [15]int64
}

// narrowRecord has one other field.
type narrowRecord struct {
	amount int64
	_      int64
}

//go:noinline
func sumWide(records []wideRecord) (sum int64) {
	for i := range records {
		sum += records[i].amount
	}
	return sum
}

//go:noinline
func sumNarrow(records []narrowRecord) (sum int64) {
	for i := range records {
		sum += records[i].amount
	}
	return sum
}

// CacheLinePad keeps what is before and after it in a struct on different cache
// lines. Its 128 bytes are enough for processors with lines of 128 bytes, such as
// Apple's, and for those that load lines of 64 bytes in pairs.
type CacheLinePad [128]byte

// PaddedCounter is a counter that shares its cache line with nothing else. In an
// array of them, one for each goroutine, no goroutine slows down another one. It
// is safe for concurrent use, and must not be copied.
type PaddedCounter struct {
	atomic.Int64
	_ CacheLinePad
}
