package optimizing

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// branchValues returns the same values in random order and sorted. There are too
// many for the processor to remember the way of each.
func branchValues(n int) (random, sorted []int64) {
	source := rand.New(rand.NewPCG(7, 8))
	for range n {
		random = append(random, source.Int64N(256))
	}
	return random, slices.Sorted(slices.Values(random))
}

// Because the branch can be predicted. In sorted data a condition such as "at
// least 128" is false for the first half and true for the second, and the
// processor guesses right; in random data it guesses wrong every other time, and
// the same loop is more than twice as slow. Sorting for that alone does not pay.
// It pays to know that a benchmark with regular data shows a speed that real data
// will not have. How much a wrong guess costs depends on the processor.
//
//claim:ask Why is a loop with an if faster on sorted data than on the same data unsorted?
//claim:expect ns/op data=random > 2x data=sorted
//claim:source https://go.dev/wiki/CompilerOptimizations
func BenchmarkBranchSorted(b *testing.B) {
	random, sorted := branchValues(1 << 15)
	dst := make([]int64, len(random))
	layoutRun(b, "data=random", func() { branchKeepLarge(dst, random, 128) })
	layoutRun(b, "data=sorted", func() { branchKeepLarge(dst, sorted, 128) })
}

// Do the work in any case and let the condition decide only about a number. A
// filter that writes each value and moves the index on only for those to keep is
// more than 1.5 times as fast on random data as one that writes under an if, because the
// compiler needs no jump for the index. It is worth it only in a hot loop over data
// that cannot be predicted, because a branch that is guessed right costs little. It
// also needs room in the destination for one value more than is kept. A test must
// compare both forms, at the limits too.
//
//claim:ask How do I write a filter without a branch, and when does it pay?
//claim:expect ns/op of=if > 1.5x of=always
//claim:source cmd/compile/internal/ssa/branchelim.go
func BenchmarkBranchFilter(b *testing.B) {
	random, _ := branchValues(1 << 15)
	dst := make([]int64, len(random))
	layoutRun(b, "of=if", func() { branchKeepLarge(dst, random, 128) })
	layoutRun(b, "of=always", func() { branchKeepAlways(dst, random, 128) })
}

func TestBranchFilter(t *testing.T) {
	random, _ := branchValues(1000)
	byIf, always := make([]int64, len(random)), make([]int64, len(random))
	for _, limit := range []int64{0, 1, 128, 255, 256, -5} {
		n := branchKeepLarge(byIf, random, limit)
		assert.Equal(t, n, branchKeepAlways(always, random, limit))
		assert.Equal(t, byIf[:n], always[:n], limit)
		assert.Equal(t, n, branchCountLarge(random, limit))
	}
}

// Often yes. If the body only adds one to a counter or sets a variable, the
// compiler uses a conditional instruction in place of a jump, on amd64 and arm64
// among others, and the loop takes about the same time for random and for sorted
// data. You may read that such a loop shows branch prediction; in Go it may show
// nothing. It stays a jump if the body does more, writes to memory or calls
// something.
//
//claim:ask Does the Go compiler remove branches by itself?
//claim:expect ns/op data=random < 1.5x data=sorted
//claim:source cmd/compile/internal/ssa/branchelim.go
func BenchmarkBranchCompiler(b *testing.B) {
	random, sorted := branchValues(1 << 15)
	layoutRun(b, "data=random", func() { branchCountLarge(random, 128) })
	layoutRun(b, "data=sorted", func() { branchCountLarge(sorted, 128) })
}

// Group them by type. A call through an interface is a jump to an address that the
// processor has to guess, and if four types follow each other at random it guesses
// wrong most of the time: the loop is more than 1.5 times as slow as over the same
// elements sorted by type. One slice for each type goes further, because the calls
// are then direct and may be inlined. It does not help if the methods do much, or
// if the order has a meaning.
//
//claim:ask A hot loop calls a method on interface values of many types. How do I make the calls cheaper?
//claim:expect ns/op order=mixed > 1.5x order=grouped
//claim:source https://go.dev/ref/spec#Calls
func BenchmarkBranchMixedTypes(b *testing.B) {
	mixed, grouped := branchShapes(1 << 15)
	layoutRun(b, "order=mixed", func() { branchGrowAll(mixed) })
	layoutRun(b, "order=grouped", func() { branchGrowAll(grouped) })
}

func branchShapes(n int) (mixed, grouped []branchShape) {
	kinds := []branchShape{branchA{}, branchB{}, branchC{}, branchD{}}
	random, sorted := branchValues(n)
	for i := range random {
		mixed = append(mixed, kinds[random[i]/64])
		grouped = append(grouped, kinds[sorted[i]/64])
	}
	return mixed, grouped
}

func TestBranchMixedTypes(t *testing.T) {
	mixed, grouped := branchShapes(100)
	assert.Equal(t, branchGrowAll(mixed), branchGrowAll(grouped))
	assert.NotEqual(t, mixed, grouped)
	assert.ElementsMatch(t, mixed, grouped)
}

// Hardly anything: a branch that always goes the same way is guessed right, and
// the code of the rare case is moved out of the way. The loop with a test for
// negative values takes less than 3 times as long as one whose body is a single
// addition, which is the worst case there is. So do not remove checks of input, of
// errors or of nil for speed. A check costs more if it makes a value escape, keeps
// a function from being inlined or calls something itself.
//
//claim:ask What does a check cost that never fails?
//claim:expect ns/op of=checked < 3x of=unchecked
//claim:source https://go.dev/wiki/CompilerOptimizations
func BenchmarkBranchNeverTaken(b *testing.B) {
	values, _ := branchValues(1 << 12)
	layoutRun(b, "of=checked", func() { branchChecked(values) })
	layoutRun(b, "of=unchecked", func() { branchUnchecked(values) })
}

func TestBranchNeverTaken(t *testing.T) {
	values, _ := branchValues(100)
	assert.Equal(t, branchUnchecked(values), branchChecked(values))
	assert.PanicsWithValue(t, "negative value at 2", func() { branchChecked([]int64{1, 2, -3}) })
}

// In a && b the second condition is evaluated only if the first is true, in a || b
// only if it is false. So put the cheap one first, and among equal ones that which
// decides most often. With a test that rejects 9 of 10 values in front, the
// expensive one runs for a tenth of them. The compiler does not change the order,
// because a condition may have side effects, and because the first often protects
// the second, as in p != nil && p.ok.
//
//claim:ask Does the order of conditions in a && b matter for speed?
//claim:source https://go.dev/ref/spec#Logical_operators
func TestBranchConditionOrder(t *testing.T) {
	calls := 0
	expensive := func(i int) bool {
		calls++
		return i%3 == 0
	}
	found := 0
	for i := range 1000 {
		if i%10 == 0 && expensive(i) {
			found++
		}
	}
	assert.Equal(t, 100, calls)
	calls = 0
	again := 0
	for i := range 1000 {
		if expensive(i) && i%10 == 0 {
			again++
		}
	}
	assert.Equal(t, 1000, calls)
	assert.Equal(t, found, again)
}
