package concurrency

import (
	"bytes"
	"sync"
)

// A sync.Pool is a place to leave values that somebody may want to use again before
// the collector takes them. It promises nothing: Get may return any of them or none.

// poolPoint is too small for a pool.
type poolPoint struct{ x, y, z, w int64 }

func (p *poolPoint) sum() int64 { return p.x + p.y + p.z + p.w }

var poolPoints = sync.Pool{New: func() any { return new(poolPoint) }}

//go:noinline
func poolPointStack(x int64) int64 {
	p := &poolPoint{x: x, y: 1} //claim:stack
	return p.sum()
}

//go:noinline
func poolPointPooled(x int64) int64 {
	p := poolPoints.Get().(*poolPoint)
	*p = poolPoint{x: x, y: 1}
	sum := p.sum()
	poolPoints.Put(p)
	return sum
}

// poolText is what a request renders.
var poolText = bytes.Repeat([]byte("sixteen letters "), 4)

var poolBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// poolRenderNew writes n times into a new buffer, which grows on the way.
//
//go:noinline
func poolRenderNew(n int) int {
	var b bytes.Buffer
	for range n {
		b.Write(poolText)
	}
	return b.Len()
}

// poolRenderPooled writes into a used buffer, which has grown before. Reset comes
// after Get, so that nothing depends on who has put it back.
//
//go:noinline
func poolRenderPooled(n int) int {
	b := poolBuffers.Get().(*bytes.Buffer)
	b.Reset()
	for range n {
		b.Write(poolText)
	}
	size := b.Len()
	poolBuffers.Put(b)
	return size
}

// poolFreeList is a channel that keeps at most cap(list) values until they are used
// again.
type poolFreeList chan *bytes.Buffer

func (list poolFreeList) get() *bytes.Buffer {
	select {
	case b := <-list:
		return b
	default:
		return new(bytes.Buffer)
	}
}

func (list poolFreeList) put(b *bytes.Buffer) (kept bool) {
	select {
	case list <- b:
		return true
	default:
		return false
	}
}
