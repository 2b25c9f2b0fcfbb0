package optimizing

import (
	"container/list"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A ring buffer: it reuses its places and allocates nothing, once it has grown to
// the largest length of the queue. container/list allocates an element for each
// value, and one more object for a number that it boxes. A slice with append at
// the end and q = q[1:] at the front looks cheap, but loses the places in front,
// so it must be copied to a new array again and again. A buffered channel is also
// a ring, with a lock in each step. The ring needs an own type; Deque is one.
//
//claim:ask Which queue makes the least garbage: container/list, a slice or a ring buffer?
//claim:expect allocs/op of=ring == 0
//claim:expect allocs/op of=list == 200
//claim:expect B/op of=slice >= 500
//claim:source https://pkg.go.dev/container/list
func BenchmarkLinkedListQueue(b *testing.B) {
	var ring Deque[int]
	queue, inSlice := list.New(), make([]int, 0, 16)
	for i := range 10 {
		ring.PushBack(i)
		queue.PushBack(i)
		inSlice = append(inSlice, i)
	}
	layoutRun(b, "of=ring", func() { linkedlistDequeSteps(&ring, 100) })
	layoutRun(b, "of=list", func() { linkedlistListSteps(queue, 100) })
	layoutRun(b, "of=slice", func() { linkedlistSliceSteps(&inSlice, 100) })
}

func TestLinkedListQueue(t *testing.T) {
	var ring Deque[int]
	queue, inSlice := list.New(), []int(nil)
	want := linkedlistListSteps(queue, 50)
	assert.Equal(t, want, linkedlistDequeSteps(&ring, 50))
	assert.Equal(t, want, linkedlistSliceSteps(&inSlice, 50))
}

// TestDeque compares with a slice, in random steps.
func TestDeque(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var d Deque[int]
	var model []int
	for step := range 2000 {
		switch random.IntN(5) {
		case 0, 1:
			d.PushBack(step)
			model = append(model, step)
		case 2:
			d.PushFront(step)
			model = slices.Insert(model, 0, step)
		case 3:
			v, ok := d.PopFront()
			assert.Equal(t, len(model) > 0, ok)
			if ok {
				assert.Equal(t, model[0], v)
				model = model[1:]
			}
		case 4:
			v, ok := d.PopBack()
			assert.Equal(t, len(model) > 0, ok)
			if ok {
				assert.Equal(t, model[len(model)-1], v)
				model = model[:len(model)-1]
			}
		}
		assert.Equal(t, len(model), d.Len())
	}
	assert.Equal(t, model, slices.Collect(d.All()))
	for i, want := range model {
		assert.Equal(t, want, d.At(i))
	}
	assert.Panics(t, func() { d.At(len(model)) })
	assert.Panics(t, func() { d.At(-1) })
	for range d.All() {
		break
	}
}

// A slot that is empty must be set to zero, or the object that was in it stays
// alive as long as the ring: nobody can reach it, but the collector sees the
// pointer. One assignment of the zero value in each pop is enough, and the same
// holds for s = s[:len(s)-1] of a stack and for free lists. For elements without
// pointers it makes no difference.
//
//claim:ask What must a queue on a ring buffer do when it removes an element?
//claim:source https://go.dev/wiki/SliceTricks
func TestLinkedListZeroSlot(t *testing.T) {
	var d Deque[*[64]byte]
	d.PushBack(new([64]byte))
	d.PushBack(new([64]byte))
	first, last := weak.Make(d.At(0)), weak.Make(d.At(1))
	d.PopFront()
	runtime.GC()
	assert.Nil(t, first.Value(), "freed, although the ring is still there")
	assert.NotNil(t, last.Value())
	d.PopBack()
	runtime.GC()
	assert.Nil(t, last.Value())
	assert.Zero(t, d.Len())
}

// Usually not, even for insertion in the middle. To insert in order, both have to
// find the place first. The list does that by following pointers, which is slow;
// the slice then moves the elements behind, which is one fast copy. With 500
// numbers in random order the list takes more than 2 times as long, and it
// allocates for each. A list wins if you hold a pointer to the place already, as
// an LRU cache does, or if the elements are very large.
//
//claim:ask Is a linked list better than a slice if I often insert in the middle?
//claim:expect ns/op of=list > 2x of=slice
//claim:source https://pkg.go.dev/slices#Insert
func BenchmarkLinkedListInsert(b *testing.B) {
	values := rand.New(rand.NewPCG(9, 9)).Perm(500)
	layoutRun(b, "of=slice", func() { linkedlistSortedSlice(values) })
	layoutRun(b, "of=list", func() { linkedlistSortedList(values) })
}

func TestLinkedListInsert(t *testing.T) {
	values := rand.New(rand.NewPCG(9, 9)).Perm(100)
	sorted := linkedlistSortedSlice(values)
	assert.True(t, slices.IsSorted(sorted))
	i := 0
	for e := linkedlistSortedList(values).Front(); e != nil; e = e.Next() {
		assert.Equal(t, sorted[i], e.Value)
		i++
	}
	assert.Equal(t, len(values), i)
}

// Put the links into the element: an intrusive list. container/list allocates an
// Element for each value and stores the value in an interface, so reading it costs
// a type assertion and one pointer more. If the element has its own prev and next,
// adding and removing it allocate nothing, and removing needs only the pointer to
// it, in constant time. The price: an element can be in one such list at a time,
// and the code is written again for each type. It is how LRU caches and the
// runtime do it.
//
//claim:ask How do you use a linked list without an allocation for each element?
//claim:source https://pkg.go.dev/container/list#Element
func TestLinkedListIntrusive(t *testing.T) {
	tasks := newLinkedlistTasks()
	a, b, c := &linkedlistTask{name: "a"}, &linkedlistTask{name: "b"}, &linkedlistTask{name: "c"}
	for _, task := range []*linkedlistTask{a, b, c} {
		tasks.pushBack(task)
	}
	assert.Equal(t, []string{"a", "b", "c"}, tasks.names())
	tasks.remove(b)
	assert.Equal(t, []string{"a", "c"}, tasks.names())
	tasks.remove(a)
	tasks.pushBack(a)
	assert.Equal(t, []string{"c", "a"}, tasks.names(), "moved to the end")

	boxed := list.New()
	proof.WantAllocs(t, 0, func() {
		tasks.pushBack(b)
		tasks.remove(b)
	})
	proof.WantAllocs(t, 1, func() { boxed.Remove(boxed.PushBack(b)) })
}
