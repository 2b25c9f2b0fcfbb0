package optimizing

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

const localitySteps = 4096

// Steps through memory that depend on each other are more than 3 times as slow in
// 16 MiB as in 4 KiB, with the same instructions. The small ring stays in the
// first cache, which answers in a few cycles; most steps through the large one
// wait for a farther cache or for main memory. So what is O(1) on paper, such as a
// lookup, gets slower as the data grow. The sizes of the caches differ between
// processors, and with them where the steps are: measure with data of the real
// size, and not with ten elements.
//
//claim:ask Why is a benchmark with a small data set misleading?
//claim:expect ns/op n=4194304 > 3x n=1024
//claim:source https://pkg.go.dev/testing#hdr-Benchmarks
func BenchmarkLocalityWorkingSet(b *testing.B) {
	for _, n := range []int{1 << 10, 1 << 22} {
		ring, at := newLocalityRing(n), uint32(0)
		layoutRun(b, fmt.Sprintf("n=%d", n), func() { at = ring.chase(at, localitySteps) })
	}
}

// Whether the address of the next load is known before the last one has arrived.
// In a list, a tree or a chain of indexes it is not, so the processor waits for
// each step. If the addresses can be computed, it has several loads under way at a
// time, and the same number of random accesses takes less than half as long. In
// sequence it is faster once more, because it fetches ahead and uses each cache
// line in full. So prefer arrays to links, and look up several keys in one loop,
// not one after the other through functions that use the result.
//
//claim:ask Both visit random addresses: why is following pointers slower than indexing?
//claim:expect ns/op of=chase > 2x of=gather
//claim:expect ns/op of=gather > 1.5x of=scan
//claim:source https://go.dev/blog/swisstable
func BenchmarkLocalityDependent(b *testing.B) {
	ring, at := newLocalityRing(1<<22), uint32(0)
	layoutRun(b, "of=chase", func() { at = ring.chase(at, localitySteps) })
	layoutRun(b, "of=gather", func() {
		ring.gather(at, localitySteps)
		at += 12345
	})
	layoutRun(b, "of=scan", func() {
		ring.scan(at, localitySteps)
		at += localitySteps
	})
}

func TestLocalityDependent(t *testing.T) {
	ring := newLocalityRing(1 << 10)
	seen := make(map[uint32]bool)
	for at := range uint32(1 << 10) {
		seen[ring.chase(0, int(at))] = true
	}
	assert.Len(t, seen, 1<<10, "one cycle through all elements")
	assert.Zero(t, ring.chase(0, 1<<10))
	assert.Equal(t, uint32(1023*1024/2), ring.scan(5, 1<<10))
	assert.Equal(t, uint32(1023*1024/2), ring.gather(5, 1<<10))
}

// Exchange the loops so that the innermost one runs along rows. The textbook form
// of the matrix product goes down a column of b, with another cache line and
// another row for each multiplication, and each sum waits for the one before. With
// the loops over j and k exchanged, the same multiplications are more than 1.3
// times as fast at 100 by 100, where everything still fits in the cache. The
// products are added in the same order, so the result is the same.
//
//claim:ask How do you make nested loops over matrices faster without another algorithm?
//claim:expect ns/op of=columns > 1.3x of=rows
//claim:source https://go.dev/ref/spec#Floating_point_operators
func BenchmarkLocalityLoopOrder(b *testing.B) {
	const n = 100
	x, y, z := localityMatrix(n*n), localityMatrix(n*n), make([]float64, n*n)
	layoutRun(b, "of=columns", func() { localityProduct(z, x, y, n) })
	layoutRun(b, "of=rows", func() { localityProductRows(z, x, y, n) })
}

func localityMatrix(n int) []float64 {
	m := make([]float64, n)
	for i := range m {
		m[i] = float64(i%17) - 8
	}
	return m
}

func TestLocalityLoopOrder(t *testing.T) {
	const n = 20
	x, y := localityMatrix(n*n), localityMatrix(n*n)
	columns, rows := make([]float64, n*n), make([]float64, n*n)
	localityProduct(columns, x, y, n)
	localityProductRows(rows, x, y, n)
	assert.Equal(t, columns, rows)
	assert.NotZero(t, rows[5])
}

// Because the lines of one column then fall into the same few places of the cache.
// A cache line may only lie in a set that is chosen by some bits of its address,
// and addresses that are a multiple of 4096 apart agree in these bits. So going
// down the columns of 512 rows of 512 int64 is more than 1.2 times as slow as with
// rows of 520, although there is less data. You may read that the matrix of 512
// does not fit in memory or in the cache; 520 is larger. It matters only for walks
// along such a stride. The cure is some unused elements at the end of each row, or
// another order of the loops.
//
//claim:ask Why can a matrix of 512 columns be slower than one of 520?
//claim:needs goarch=amd64
//claim:expect ns/op stride=512 > 1.2x stride=520
//claim:source https://pkg.go.dev/golang.org/x/sys/cpu#CacheLinePad
func BenchmarkLocalityPowerOfTwo(b *testing.B) {
	cells := make([]int64, 512*520)
	for i := range cells {
		cells[i] = 1
	}
	for _, stride := range []int{512, 520} {
		layoutRun(b, fmt.Sprintf("stride=%d", stride), func() { localityColumns(cells, 512, 512, stride) })
	}
}

func TestLocalityPowerOfTwo(t *testing.T) {
	cells := make([]int64, 4*6)
	for i := range cells {
		cells[i] = int64(i)
	}
	assert.EqualValues(t, 0+1+2+3+6+7+8+9, localityColumns(cells, 2, 4, 6))
	assert.EqualValues(t, 0+1+2+3+4+5+6+7, localityColumns(cells, 2, 4, 4))
}

// One slice with an index of row times columns plus column: two allocations for
// any number of rows instead of one for each row, and all cells side by side. A
// function that returns a row as a slice makes it as readable as [][]T. Separate
// rows are right if they have different lengths, grow, or are exchanged. For the
// inner loop the form does not matter if it takes the row out once and then ranges
// over it, as both can.
//
//claim:ask Matrix as one slice or as a slice of slices?
//claim:expect allocs/op of=rows == 65
//claim:expect allocs/op of=grid == 2
//claim:source https://go.dev/doc/effective_go#two_dimensional_slices
func BenchmarkLocalityMatrix(b *testing.B) {
	layoutRun(b, "of=rows", func() { newLocalityRows(64, 8) })
	layoutRun(b, "of=grid", func() { newLocalityGrid(64, 8) })
}

func TestLocalityMatrix(t *testing.T) {
	rows, grid := newLocalityRows(5, 3), newLocalityGrid(5, 3)
	for i := range 5 {
		for j := range 3 {
			rows[i][j], grid.row(i)[j] = int64(i*j), int64(i*j)
		}
	}
	for i := range 5 {
		assert.Equal(t, rows[i], grid.row(i))
	}
	assert.EqualValues(t, 8, grid.cells[4*3+2])
	assert.Panics(t, func() { _ = grid.row(0)[3] }, "a row ends where it should")
	assert.Len(t, append(rows[0], 7), 4, "a separate row can grow")
	_ = append(grid.row(0), 7)
	assert.EqualValues(t, 7, grid.cells[3], "a row of the grid grows into the next one")
	proof.WantAllocs(t, 2, func() { newLocalityGrid(5, 3) })
}

// By doing everything that is to be done with an element while it is at hand: one
// pass that sums and finds the largest, instead of two passes. Data that do not
// fit in the cache are then fetched once and not twice. For data that do fit, only
// the loop itself is saved, and separate passes may even be simpler to compile
// well. So join passes over large data, and cut large data into blocks that stay
// in the cache if there are several passes that cannot be joined.
//
//claim:ask How do I reduce memory traffic in a pipeline of loops over the same data?
//claim:source https://go.dev/ref/spec#For_statements
func TestLocalityOnePass(t *testing.T) {
	numbers := rangeNumbers(1000)
	sum, largest := localityOnePass(numbers)
	sum2, largest2 := localityPasses(numbers)
	assert.EqualValues(t, 499500, sum)
	assert.EqualValues(t, 999, largest)
	assert.Equal(t, sum, sum2)
	assert.Equal(t, largest, largest2)

	// What both read, in cache lines, if nothing stays in the cache.
	onePass := CacheLines(len(numbers), 8, 0, 8, 64)
	twoPasses := onePass + CacheLines(len(numbers), 8, 0, 8, 64)
	assert.Equal(t, 125, onePass)
	assert.Equal(t, 250, twoPasses)
}
