package memory

import (
	"runtime"
	"slices"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A removable is large enough not to share its memory with other objects, so
// that the collector frees each one by itself.
type removable [64]byte

// removables returns n pointers in an array without spare capacity, and a weak
// pointer to each of them, which becomes nil when the object is collected.
//
//go:noinline
func removables(n int) (s []*removable, watch []weak.Pointer[removable]) {
	s, watch = make([]*removable, n), make([]weak.Pointer[removable], n)
	for i := range s {
		s[i] = new(removable)
		watch[i] = weak.Make(s[i])
	}
	return s, watch
}

// survivors runs a collection and returns the indices of the objects that are
// still reachable.
func survivors(watch []weak.Pointer[removable]) (alive []int) {
	runtime.GC()
	for i, w := range watch {
		if w.Value() != nil {
			alive = append(alive, i)
		}
	}
	return alive
}

// append(s[:i], s[i+1:]...) and slices.Delete both move the elements behind i
// down in the same array; they differ in the slots that become free at the end.
// append leaves the old pointers in them, and the collector still follows those,
// so an object may live on although the slice does not show it any more.
// slices.Delete, DeleteFunc, Compact and Replace set the free slots to zero,
// since Go 1.22. For elements without pointers both ways are equally good. A
// variable that still has the old length sees the moved elements and the tail.
//
//claim:ask What is left behind the end of a slice after an element was removed, and why does it matter?
//claim:source https://go.dev/doc/go1.22#slices
//claim:source https://go.dev/blog/generic-slice-functions
func TestDeleteTail(t *testing.T) {
	idiom := []int{0, 1, 2, 3}
	assert.Equal(t, []int{0, 2, 3}, append(idiom[:1], idiom[2:]...))
	assert.Equal(t, []int{0, 2, 3, 3}, idiom, "the original slice sees the moves and a stale tail")

	library := []int{0, 1, 2, 3}
	assert.Equal(t, []int{0, 2, 3}, slices.Delete(library, 1, 2))
	assert.Equal(t, []int{0, 2, 3, 0}, library)
	assert.Equal(t, []int{1, 2, 0, 0}, zeroedBy(func(s []int) { _ = slices.Compact(s) }))
	assert.Equal(t, []int{2, 2, 0, 0}, zeroedBy(func(s []int) { _ = slices.DeleteFunc(s, func(v int) bool { return v == 1 }) }))
	assert.Equal(t, []int{5, 2, 2, 0}, zeroedBy(func(s []int) { _ = slices.Replace(s, 0, 2, 5) }))

	s, watch := removables(4)
	s = append(s[:2], s[4:]...) // removes 2 and 3, the slots keep them
	assert.Equal(t, []int{0, 1, 2, 3}, survivors(watch))
	clear(s[len(s):cap(s)])
	assert.Equal(t, []int{0, 1}, survivors(watch))
	runtime.KeepAlive(s)

	s, watch = removables(4)
	s = slices.Delete(s, 2, 4)
	assert.Equal(t, []int{0, 1}, survivors(watch))
	runtime.KeepAlive(s)
}

// zeroedBy returns the array of a slice 1, 1, 2, 2 after shrink has worked on it.
func zeroedBy(shrink func([]int)) []int {
	s := []int{1, 1, 2, 2}
	shrink(s)
	return s
}

// Cutting a slice shorter, as a stack does with s = s[:len(s)-1], frees nothing:
// the pointer stays in the array behind the length, and the collector looks at
// the whole array, not at the length of a slice. Set the slot to zero first. The
// object goes at the latest when a later push overwrites the slot, or when
// append moves the slice to a new array, since only the elements up to the
// length are copied.
//
//claim:ask Does s = s[:len(s)-1] release the last element?
//claim:source https://go.dev/wiki/SliceTricks
func TestPopLeavesPointer(t *testing.T) {
	s, watch := removables(3)
	s = s[:2]
	assert.Equal(t, []int{0, 1, 2}, survivors(watch))
	s = append(s, nil) // the next push
	assert.Equal(t, []int{0, 1}, survivors(watch))

	clear(s[1:])
	s = s[:1]
	assert.Equal(t, []int{0}, survivors(watch))
	runtime.KeepAlive(s)

	s, watch = removables(3)
	s = append(s[:2:2], nil) // moved: two elements are copied
	assert.Equal(t, []int{0, 1}, survivors(watch))
	runtime.KeepAlive(s)
}

// It works, in amortised constant time, but it gives the front of the array away
// for good: no slice expression reaches back, so append has to make a new array
// again and again, even if the queue never gets longer. Until it does, the array
// keeps the removed element alive, unless its slot was set to zero. Each new
// array holds only the elements still in the queue, so the memory stays within
// about twice the queue. For a queue that lives long, a ring buffer reuses its
// slots and allocates nothing.
//
//claim:ask Is s = s[1:] together with append a good queue?
//claim:source https://go.dev/ref/spec#Slice_expressions
func TestQueueFront(t *testing.T) {
	s, watch := removables(3)
	front := s[1:]
	assert.Equal(t, []int{0, 1, 2}, survivors(watch), "0 is out of reach and still alive")
	assert.Equal(t, 2, cap(front))

	front = append(front, nil) // no room: a new array without 0
	assert.Equal(t, []int{1, 2}, survivors(watch))
	front[0] = nil // pop like this
	front = front[1:]
	assert.Equal(t, []int{2}, survivors(watch))
	runtime.KeepAlive(front)

	const rounds = 1000
	queue := make([]int, 4)
	ring := fourRing{n: 4}
	slidingRound := func() {
		for i := range rounds {
			queue = append(queue[1:], i)
		}
	}
	ringRound := func() {
		for i := range rounds {
			ring.pop()
			ring.push(i)
		}
	}
	slidingRound()
	ringRound()
	for _, want := range queue {
		assert.Equal(t, want, ring.pop())
	}
	assert.LessOrEqual(t, cap(queue), 8)

	ring.n = 4
	if !proof.RaceEnabled {
		assert.Greater(t, testing.AllocsPerRun(10, slidingRound), rounds/10.)
	}
	proof.WantAllocs(t, 0, ringRound)
}

// A fourRing is a queue of at most four numbers.
type fourRing struct {
	slots   [4]int
	head, n int
}

func (r *fourRing) push(v int) {
	r.slots[(r.head+r.n)%len(r.slots)] = v
	r.n++
}

func (r *fourRing) pop() int {
	v := r.slots[r.head]
	r.head = (r.head + 1) % len(r.slots)
	r.n--
	return v
}

// No, slices.Insert(s, i, v) with spare capacity moves the tail up in place and
// allocates nothing, while the idiom append(s[:i], append([]T{v}, s[i:]...)...)
// builds the whole tail a second time, which is an allocation of its own. The
// shorter form append(append(s[:i], v), s[i:]...) is wrong for every i before the
// end: s[:i] always has room for one more, so the inner append overwrites s[i]
// before the outer one reads it.
//
//claim:ask Is append(s[:i], append([]T{v}, s[i:]...)...) still the way to insert into the middle?
//claim:source https://pkg.go.dev/slices#Insert
func TestInsertMiddle(t *testing.T) {
	base := make([]int, 100, 200)
	for i := range base {
		base[i] = i
	}
	want := slices.Concat(base[:50], []int{-1}, base[50:])

	for i := range 4 {
		s := slices.Clip([]int{0, 1, 2, 3})
		wrong := append(append(s[:i], -1), s[i:]...)
		assert.NotEqual(t, slices.Insert([]int{0, 1, 2, 3}, i, -1), wrong)
		assert.Equal(t, -1, wrong[i+1], "element %d is lost", i)
	}

	idiom := slices.Grow(slices.Clone(base), 1)
	idiom = append(idiom[:50], append([]int{-1}, idiom[50:]...)...)
	assert.Equal(t, want, idiom)
	assert.Equal(t, want, slices.Insert(slices.Clone(base), 50, -1))

	proof.WantAllocs(t, 1, func() { _ = append(base[:50], append([]int{-1}, base[50:]...)...) })
	proof.WantAllocs(t, 0, func() { _ = slices.Insert(base, 50, -1) })
}

// for i := range s takes the length once, so after a deletion inside the loop s[i]
// runs past the new end and panics. A loop with i < len(s) does not panic but skips the
// element after each deleted one, because that has moved to index i while i goes
// on. Go from the end to the front, or do not step after deleting; better, use
// slices.DeleteFunc, which also moves each element at most once.
//
//claim:ask What happens if you delete from a slice while you loop over it?
//claim:source https://go.dev/ref/spec#For_range
func TestDeleteWhileRanging(t *testing.T) {
	isEven := func(v int) bool { return v%2 == 0 }

	assert.Equal(t, "runtime error: index out of range [3] with length 3", panicText(func() {
		s := []int{1, 2, 4, 5}
		for i := range s {
			if isEven(s[i]) {
				s = slices.Delete(s, i, i+1)
			}
		}
	}))

	skips := []int{1, 2, 4, 5}
	for i := 0; i < len(skips); i++ {
		if isEven(skips[i]) {
			skips = slices.Delete(skips, i, i+1)
		}
	}
	assert.Equal(t, []int{1, 4, 5}, skips)

	backwards := []int{1, 2, 4, 5}
	for i := len(backwards) - 1; i >= 0; i-- {
		if isEven(backwards[i]) {
			backwards = slices.Delete(backwards, i, i+1)
		}
	}
	assert.Equal(t, []int{1, 5}, backwards)
	assert.Equal(t, []int{1, 5}, slices.DeleteFunc([]int{1, 2, 4, 5}, isEven))
}

// Filtering into kept := s[:0] reuses the array: the write index never overtakes
// the read index, so nothing is overwritten before it is read, and nothing is
// allocated. The price is the input: its elements are overwritten, so nobody
// else may use s afterwards, and the tail keeps stale pointers until it is
// cleared. slices.DeleteFunc does the same and clears the tail. To keep s, append
// to a new slice instead.
//
//claim:ask How do you filter a slice without allocating, and what is the catch?
//claim:source https://pkg.go.dev/slices#DeleteFunc
//claim:source https://go.dev/wiki/SliceTricks
func TestFilterInPlace(t *testing.T) {
	isEven := func(v int) bool { return v%2 == 0 }
	filter := func(s []int) []int {
		kept := s[:0]
		for _, v := range s {
			if !isEven(v) {
				kept = append(kept, v)
			}
		}
		return kept
	}

	s := []int{1, 2, 3, 4, 5}
	kept := filter(s)
	assert.Equal(t, []int{1, 3, 5}, kept)
	assert.Equal(t, []int{1, 3, 5, 4, 5}, s, "the input is gone")

	s = []int{1, 2, 3, 4, 5}
	assert.Equal(t, kept, slices.DeleteFunc(s, isEven))
	assert.Equal(t, []int{1, 3, 5, 0, 0}, s)

	proof.WantAllocs(t, 0, func() { filter(s); _ = slices.DeleteFunc(s, isEven) })
}

// SwapDelete clears the slot it vacates.
func TestSwapDelete(t *testing.T) {
	s := []int{0, 1, 2, 3}
	assert.Equal(t, []int{0, 3, 2}, SwapDelete(s, 1))
	assert.Equal(t, []int{0, 3, 2, 0}, s)
	assert.Equal(t, []int{0, 3}, SwapDelete(s[:3], 2), "the last one")
	assert.Empty(t, SwapDelete([]int{7}, 0))
	assert.Panics(t, func() { SwapDelete(s, 4) })
	assert.Panics(t, func() { SwapDelete([]int{}, 0) })

	p, watch := removables(3)
	p = SwapDelete(p, 2)
	assert.Equal(t, []int{0, 1}, survivors(watch))
	runtime.KeepAlive(p)
}

// removeOdd gives three ways to remove the odd numbers from a slice.
var removeOdd = map[string]func([]int) []int{
	"delete": func(s []int) []int {
		for i := 0; i < len(s); {
			if s[i]%2 == 1 {
				s = slices.Delete(s, i, i+1)
			} else {
				i++
			}
		}
		return s
	},
	"swap": func(s []int) []int {
		for i := 0; i < len(s); {
			if s[i]%2 == 1 {
				s = SwapDelete(s, i)
			} else {
				i++
			}
		}
		return s
	},
	"deletefunc": func(s []int) []int {
		return slices.DeleteFunc(s, func(v int) bool { return v%2 == 1 })
	},
}

func TestRemoveOdd(t *testing.T) {
	for name, remove := range removeOdd {
		s := remove([]int{0, 1, 1, 2, 3, 4, 5})
		slices.Sort(s) // swap does not keep the order
		assert.Equal(t, []int{0, 2, 4}, s, name)
	}
}

// Removing one element with slices.Delete moves every element behind it, so
// removing many one by one moves the tail again and again: for every second one
// of 4,000 elements that takes more than 20 times as long as one slices.DeleteFunc,
// which moves each element at most once and keeps the order too. Moving the last
// element into the gap costs the same for every position and gives up the order.
// None of them allocates.
//
//claim:ask What does removing elements from a slice cost, with and without keeping the order?
//claim:expect ns/op of=delete > 20x of=deletefunc
//claim:expect ns/op of=delete > 20x of=swap
//claim:expect allocs/op of=delete == 0
//claim:expect allocs/op of=swap == 0
//claim:expect allocs/op of=deletefunc == 0
//claim:source https://pkg.go.dev/slices#Delete
func BenchmarkRemoveMany(b *testing.B) {
	numbers := make([]int, 4000)
	for i := range numbers {
		numbers[i] = i
	}
	work := make([]int, len(numbers))
	for _, name := range []string{"delete", "swap", "deletefunc"} {
		remove := removeOdd[name]
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				copy(work, numbers)
				remove(work)
			}
		})
	}
}
