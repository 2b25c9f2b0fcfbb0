package optimizing

// How fast memory answers depends on where the bytes are: in the first cache after
// some cycles, in main memory after some hundreds. These loops do the same work
// and differ in which addresses they use, and in whether an address is known
// early.

// localityRing is a cycle through all elements: element i has the index of the
// next one. The order looks random to the processor.
type localityRing []uint32

// newLocalityRing returns a ring of n elements; n is a power of two and at least
// 8.
func newLocalityRing(n int) localityRing {
	ring := make(localityRing, n)
	for i := range ring {
		// A generator of this form goes through all values below n.
		ring[i] = (uint32(i)*1664525 + 1013904223) & uint32(n-1)
	}
	return ring
}

// chase makes steps that each need the result of the one before.
//
//go:noinline
func (r localityRing) chase(from uint32, steps int) uint32 {
	for range steps {
		from = r[from&uint32(len(r)-1)]
	}
	return from
}

// gather visits as many elements in the same kind of order, but computes the
// addresses, so that several loads are under way at a time.
//
//go:noinline
func (r localityRing) gather(from uint32, steps int) (sum uint32) {
	for range steps {
		from = from*1664525 + 1013904223
		sum += r[from&uint32(len(r)-1)]
	}
	return sum
}

// scan visits neighbours.
//
//go:noinline
func (r localityRing) scan(from uint32, steps int) (sum uint32) {
	for range steps {
		from++
		sum += r[from&uint32(len(r)-1)]
	}
	return sum
}

// localityProduct adds a times b to c, all of them n by n and in rows. The
// innermost loop goes down a column of b.
//
//go:noinline
func localityProduct(c, a, b []float64, n int) {
	for i := range n {
		for j := range n {
			sum := 0.0
			for k := range n {
				sum += a[i*n+k] * b[k*n+j]
			}
			c[i*n+j] += sum
		}
	}
}

// localityProductRows does the same multiplications with the two inner loops
// exchanged, so that the innermost one goes along rows of b and c.
//
//go:noinline
func localityProductRows(c, a, b []float64, n int) {
	for i := range n {
		row := c[i*n : (i+1)*n]
		for k := range n {
			factor := a[i*n+k]
			for j, value := range b[k*n : (k+1)*n] {
				row[j] += factor * value
			}
		}
	}
}

// localityColumns sums the columns of a matrix whose rows start stride apart.
//
//go:noinline
func localityColumns(cells []int64, rows, columns, stride int) (sum int64) {
	for column := range columns {
		for i := column; i < rows*stride; i += stride {
			sum += cells[i]
		}
	}
	return sum
}

// localityPasses makes two passes over all numbers.
//
//go:noinline
func localityPasses(numbers []int64) (sum, largest int64) {
	for _, number := range numbers {
		sum += number
	}
	for _, number := range numbers {
		largest = max(largest, number)
	}
	return sum, largest
}

// localityOnePass does the work of both while the number is at hand.
//
//go:noinline
func localityOnePass(numbers []int64) (sum, largest int64) {
	for _, number := range numbers {
		sum += number
		largest = max(largest, number)
	}
	return sum, largest
}

// localityRows is a matrix of slices, localityGrid one slice for all rows.
type (
	localityRows [][]int64
	localityGrid struct {
		columns int
		cells   []int64
	}
)

//go:noinline
func newLocalityRows(rows, columns int) localityRows {
	m := make(localityRows, rows)
	for i := range m {
		m[i] = make([]int64, columns)
	}
	return m
}

//go:noinline
func newLocalityGrid(rows, columns int) *localityGrid {
	return &localityGrid{columns, make([]int64, rows*columns)}
}

func (g *localityGrid) row(i int) []int64 { return g.cells[i*g.columns : (i+1)*g.columns] }
