package optimizing

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

func soaFilled(n int) (structs []soaParticle, columns *soaParticles) {
	structs, columns = make([]soaParticle, n), newSoaParticles(n)
	for i := range structs {
		v := float64(i % 13)
		structs[i] = soaParticle{v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7}
		columns.set(i, structs[i])
	}
	return structs, columns
}

// Columns for scans over one field, structs for access to whole records. Here a
// sum over one of eight fields is more than 2 times as fast in columns, because
// each cache line is full of what is needed. Reading all fields of records in
// random order is more than 1.5 times as fast in structs, because a record is one
// line and not eight. So decide by the loop that takes the time. With columns an
// element has no address, sorting must move all columns, and each append is eight.
//
//claim:ask Array of structs or struct of arrays?
//claim:expect ns/op do=scan,of=structs > 2x do=scan,of=columns
//claim:expect ns/op do=pick,of=columns > 1.5x do=pick,of=structs
//claim:source https://go.dev/ref/spec#Struct_types
func BenchmarkSoaOrStructs(b *testing.B) {
	const n = 1 << 17
	structs, columns := soaFilled(n)
	picks := newLocalityRing(n)[:1<<13]
	layoutRun(b, "do=scan/of=structs", func() { soaMassOfStructs(structs) })
	layoutRun(b, "do=scan/of=columns", func() { soaMassOfColumns(columns) })
	layoutRun(b, "do=pick/of=structs", func() { soaPickStructs(structs, picks) })
	layoutRun(b, "do=pick/of=columns", func() { soaPickColumns(columns, picks) })
}

func TestSoaOrStructs(t *testing.T) {
	structs, columns := soaFilled(1024)
	picks := newLocalityRing(1024)[:100]
	assert.Equal(t, soaMassOfStructs(structs), soaMassOfColumns(columns))
	assert.Equal(t, soaPickStructs(structs, picks), soaPickColumns(columns, picks))
	assert.Equal(t, structs[77], columns.at(77))
	assert.EqualValues(t, 64, unsafe.Sizeof(structs[0]))
}

// Usually not: for a struct of two words of which the loop needs one, the slice of
// structs takes less than 3 times as long as the column, because half of each
// cache line is useful and the processor fetches ahead. You may read of large
// gains from columns even for small structs; they come from structs of 64 bytes
// and more, from data far larger than the cache, or from other languages whose
// compilers use vector instructions for columns. The Go compiler does not.
//
//claim:ask Is a struct of slices worth it for small structs?
//claim:expect ns/op of=structs < 3x of=column
//claim:source https://go.dev/ref/spec#Struct_types
func BenchmarkSoaSmall(b *testing.B) {
	const n = 1000
	pairs, keys := soaPairs(n)
	layoutRun(b, "of=structs", func() { soaKeysOfPairs(pairs) })
	layoutRun(b, "of=column", func() { soaKeysOfColumn(keys) })
}

func soaPairs(n int) (pairs []soaPair, keys []int64) {
	for i := range n {
		pairs, keys = append(pairs, soaPair{int64(i), 1}), append(keys, int64(i))
	}
	return pairs, keys
}

func TestSoaSmall(t *testing.T) {
	pairs, keys := soaPairs(100)
	assert.EqualValues(t, 4950, soaKeysOfPairs(pairs))
	assert.EqualValues(t, 4950, soaKeysOfColumn(keys))
}

// If fields of different sizes stand in one struct, padding is paid in each
// element: a bool beside an int64 takes 16 bytes, in two columns 9. Several bools
// can even become a bit each. Columns without pointers are also not looked at by
// the collector, while one string field makes it read all of each struct up to
// that field. For a million elements that may decide, for a thousand it does not.
//
//claim:ask Does a struct of slices save memory?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
func TestSoaMemory(t *testing.T) {
	var columns struct {
		number []uint64
		set    []bool
	}
	const n = 1000
	inStructs := n * unsafe.Sizeof(struct {
		number uint64
		set    bool
	}{})
	columns.number, columns.set = make([]uint64, n), make([]bool, n)
	inColumns := uintptr(len(columns.number))*unsafe.Sizeof(columns.number[0]) +
		uintptr(len(columns.set))*unsafe.Sizeof(columns.set[0])
	assert.EqualValues(t, 9*n, inColumns)
	if unsafe.Alignof(uint64(0)) == 8 {
		assert.EqualValues(t, 16*n, inStructs)
	}
	assert.Greater(t, inStructs, inColumns)
}
