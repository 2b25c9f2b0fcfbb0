package optimizing

import (
	"compress/flate"
	"io"
	"strconv"
	"sync"
)

// A pool is what remains when an object can neither stay on the stack nor be
// reused by the one who made it. The functions here are the steps before it, and
// the ways to use it that lose what it was to bring.

// poolRightPoint is a small object without pointers.
type poolRightPoint struct{ x, y, z, w int }

func (p *poolRightPoint) norm() int { return p.x*p.x + p.y*p.y + p.z*p.z + p.w*p.w }

var poolRightPoints = sync.Pool{New: func() any { return new(poolRightPoint) }}

//go:noinline
func poolRightNormStack(n int) int {
	p := poolRightPoint{n, n + 1, n + 2, n + 3}
	return p.norm()
}

//go:noinline
func poolRightNormPool(n int) int {
	p := poolRightPoints.Get().(*poolRightPoint)
	*p = poolRightPoint{n, n + 1, n + 2, n + 3}
	norm := p.norm()
	poolRightPoints.Put(p)
	return norm
}

var poolRightLines = sync.Pool{New: func() any { return new([]byte) }}

// The three functions format each number as a line and give it to use. They
// differ in who owns the buffer.
func poolRightFresh(numbers []int, use func([]byte)) {
	for _, n := range numbers {
		line := make([]byte, 0, 64)
		line = strconv.AppendInt(append(line, "order "...), int64(n), 10)
		use(line)
	}
}

func poolRightPooled(numbers []int, use func([]byte)) {
	for _, n := range numbers {
		line := poolRightLines.Get().(*[]byte)
		*line = strconv.AppendInt(append((*line)[:0], "order "...), int64(n), 10)
		use(*line)
		poolRightLines.Put(line)
	}
}

func poolRightReused(numbers []int, use func([]byte)) {
	line := make([]byte, 0, 64)
	for _, n := range numbers {
		line = strconv.AppendInt(append(line[:0], "order "...), int64(n), 10)
		use(line)
	}
}

var poolRightCompressors = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		panic(err)
	}
	return w
}}

func poolRightCompressNew(w io.Writer, data []byte) error {
	compressor, err := flate.NewWriter(w, flate.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := compressor.Write(data); err != nil {
		return err
	}
	return compressor.Close()
}

func poolRightCompressPooled(w io.Writer, data []byte) error {
	compressor := poolRightCompressors.Get().(*flate.Writer)
	defer func() {
		compressor.Reset(io.Discard) // or the pool would hold w
		poolRightCompressors.Put(compressor)
	}()
	compressor.Reset(w)
	if _, err := compressor.Write(data); err != nil {
		return err
	}
	return compressor.Close()
}

// poolRightUser is filled from a request whose fields may be missing.
type poolRightUser struct {
	name  string
	admin bool
}

// fill sets what the request contains, as a decoder does.
func (u *poolRightUser) fill(request map[string]string) {
	if name, ok := request["name"]; ok {
		u.name = name
	}
	if admin, ok := request["admin"]; ok {
		u.admin = admin == "true"
	}
}

// poolRightFreeList is a stack of free objects for one goroutine.
type poolRightFreeList struct{ free []*poolRightPoint }

func (l *poolRightFreeList) get() *poolRightPoint {
	last := len(l.free) - 1
	if last < 0 {
		return new(poolRightPoint)
	}
	p := l.free[last]
	l.free = l.free[:last]
	return p
}

func (l *poolRightFreeList) put(p *poolRightPoint) { l.free = append(l.free, p) }

// A SizedPool hands out byte slices of length 0 from one [sync.Pool] for each
// capacity that is a power of two, from 512 bytes to 1 MiB. The zero SizedPool is
// ready to use, also by several goroutines. Do not copy it after use.
type SizedPool struct{ classes [12]sync.Pool }

const sizedPoolLeast = 512

// Get returns a slice whose capacity is at least n bytes. Ask for what you
// expect to need: the slice may grow, and Put sorts it in by its new
// capacity. Beyond 1 MiB the slice is new.
func (p *SizedPool) Get(n int) *[]byte {
	class, size := 0, sizedPoolLeast
	for size < n && class < len(p.classes) {
		class, size = class+1, size*2
	}
	if class == len(p.classes) {
		b := make([]byte, 0, n)
		return &b
	}
	if b, ok := p.classes[class].Get().(*[]byte); ok {
		*b = (*b)[:0]
		return b
	}
	b := make([]byte, 0, size)
	return &b
}

// Put takes back a slice that nobody uses any more. Slices that are smaller than
// the smallest class, or have at least twice the capacity of the largest, are
// left to the collector.
func (p *SizedPool) Put(b *[]byte) {
	class := -1
	for size := sizedPoolLeast; size <= cap(*b); size *= 2 {
		class++
	}
	if class >= 0 && class < len(p.classes) {
		p.classes[class].Put(b)
	}
}
