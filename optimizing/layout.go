package optimizing

// A processor fetches memory in cache lines. What a loop costs is decided by the
// number of lines that it touches, and this by the layout of its data: which
// fields lie side by side, and how large the things between them are. Where no
// line is missing from the cache, layout hardly matters.

// CacheLines returns how many cache lines of line bytes a loop touches that reads
// size bytes at the given offset of each of n elements, which start stride bytes
// apart at the beginning of a line. Size and line must be positive. It takes time
// in proportion to n and is safe for concurrent use.
func CacheLines(n, stride, offset, size, line int) int {
	lines, last := 0, -1
	for i := range n {
		from := (i*stride + offset) / line
		to := (i*stride + offset + size - 1) / line
		lines += to - max(from, last+1) + 1
		last = max(last, to)
	}
	return lines
}

// layoutOrder has everything about an order in one record.
type layoutOrder struct {
	id     uint32
	amount uint32
	_      [248]byte
}

// layoutHot has the fields that the loops need, and a pointer to the others.
type layoutHot struct {
	id     uint32
	amount uint32
	cold   *layoutCold
}

type layoutCold struct{ text [248]byte }

//go:noinline
func layoutTotal(orders []layoutOrder) (total uint32) {
	for i := range orders {
		if orders[i].id != 0 {
			total += orders[i].amount
		}
	}
	return total
}

//go:noinline
func layoutTotalHot(orders []layoutHot) (total uint32) {
	for i := range orders {
		if orders[i].id != 0 {
			total += orders[i].amount
		}
	}
	return total
}

// layoutSum adds numbers of any width.
func layoutSum[T ~int8 | ~int32 | ~int64](numbers []T) (sum int64) {
	for _, number := range numbers {
		sum += int64(number)
	}
	return sum
}

//go:noinline
func layoutSum8(numbers []int8) int64 { return layoutSum(numbers) }

//go:noinline
func layoutSum32(numbers []int32) int64 { return layoutSum(numbers) }

//go:noinline
func layoutSum64(numbers []int64) int64 { return layoutSum(numbers) }

// layoutPoint fits in registers, layoutPage does not.
type (
	layoutPoint struct{ x, y, z int64 }
	layoutPage  struct {
		first int64
		_     [126]int64
		last  int64
	}
)

//go:noinline
func (p layoutPoint) sumOfValue() int64 { return p.x + p.y + p.z }

//go:noinline
func (p *layoutPoint) sumOfPointer() int64 { return p.x + p.y + p.z }

//go:noinline
func (p layoutPage) sumOfValue() int64 { return p.first + p.last }

//go:noinline
func (p *layoutPage) sumOfPointer() int64 { return p.first + p.last }

//go:noinline
func layoutPointByValue(x int64) layoutPoint { return layoutPoint{x, x, x} }

//go:noinline
func layoutPointByPointer(x int64) *layoutPoint { return &layoutPoint{x, x, x} }

//go:noinline
func layoutCallPoint(p *layoutPoint, byValue bool) (sum int64) {
	if byValue {
		for range 100 {
			sum += p.sumOfValue()
		}
		return sum
	}
	for range 100 {
		sum += p.sumOfPointer()
	}
	return sum
}

//go:noinline
func layoutCallPage(p *layoutPage, byValue bool) (sum int64) {
	if byValue {
		for range 100 {
			sum += p.sumOfValue()
		}
		return sum
	}
	for range 100 {
		sum += p.sumOfPointer()
	}
	return sum
}

// layoutLimitPointer and layoutLimitFlag say in two ways that a number may be
// missing.
type (
	layoutLimitPointer struct{ limit *int64 }
	layoutLimitFlag    struct {
		limit    int64
		hasLimit bool
	}
)

//go:noinline
func layoutLimitByPointer(limit int64) layoutLimitPointer { return layoutLimitPointer{&limit} }

//go:noinline
func layoutLimitByFlag(limit int64) layoutLimitFlag { return layoutLimitFlag{limit, true} }
