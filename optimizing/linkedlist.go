package optimizing

import (
	"container/list"
	"iter"
	"slices"
)

// Deque is a queue with two ends in one ring buffer: elements are added and
// removed at both ends in constant time on average, and nothing is allocated while
// the number of elements stays below the largest so far. The zero value is an
// empty deque. It is not safe for concurrent use.
type Deque[T any] struct {
	ring  []T // its length is zero or a power of two
	first int // place of the first element
	count int
}

// Len returns the number of elements.
func (d *Deque[T]) Len() int { return d.count }

// place returns where element i is in the ring.
func (d *Deque[T]) place(i int) int { return (d.first + i) & (len(d.ring) - 1) }

// At returns element i, counted from the front. It panics if there is none.
func (d *Deque[T]) At(i int) T {
	if i < 0 || i >= d.count {
		panic("optimizing: index out of range of the deque")
	}
	return d.ring[d.place(i)]
}

// PushBack adds v behind the last element.
func (d *Deque[T]) PushBack(v T) {
	d.grow()
	d.ring[d.place(d.count)] = v
	d.count++
}

// PushFront adds v before the first element.
func (d *Deque[T]) PushFront(v T) {
	d.grow()
	d.first = d.place(len(d.ring) - 1)
	d.ring[d.first] = v
	d.count++
}

// PopFront removes the first element and returns it, or reports false if there is
// none. The deque does not keep what it held alive.
func (d *Deque[T]) PopFront() (v T, ok bool) {
	if d.count == 0 {
		return v, false
	}
	var zero T
	v, d.ring[d.first] = d.ring[d.first], zero
	d.first = d.place(1)
	d.count--
	return v, true
}

// PopBack removes the last element and returns it, or reports false if there is
// none.
func (d *Deque[T]) PopBack() (v T, ok bool) {
	if d.count == 0 {
		return v, false
	}
	var zero T
	last := d.place(d.count - 1)
	v, d.ring[last] = d.ring[last], zero
	d.count--
	return v, true
}

// All returns an iterator over the elements from front to back. The deque must not
// be changed while it runs.
func (d *Deque[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range d.count {
			if !yield(d.ring[d.place(i)]) {
				return
			}
		}
	}
}

func (d *Deque[T]) grow() {
	if d.count < len(d.ring) {
		return
	}
	larger := make([]T, max(4, 2*len(d.ring)))
	n := copy(larger, d.ring[d.first:])
	copy(larger[n:], d.ring[:d.first])
	d.ring, d.first = larger, 0
}

// linkedlistDequeSteps adds and removes n elements.
//
//go:noinline
func linkedlistDequeSteps(d *Deque[int], n int) (sum int) {
	for i := range n {
		d.PushBack(i + 1000)
		v, _ := d.PopFront()
		sum += v
	}
	return sum
}

//go:noinline
func linkedlistListSteps(l *list.List, n int) (sum int) {
	for i := range n {
		l.PushBack(i + 1000)
		sum += l.Remove(l.Front()).(int)
	}
	return sum
}

//go:noinline
func linkedlistSliceSteps(queue *[]int, n int) (sum int) {
	q := *queue
	for i := range n {
		q = append(q, i+1000)
		sum += q[0]
		q = q[1:]
	}
	*queue = q
	return sum
}

// linkedlistSortedSlice inserts each value at its place.
//
//go:noinline
func linkedlistSortedSlice(values []int) (sorted []int) {
	for _, v := range values {
		at := 0
		for at < len(sorted) && sorted[at] < v {
			at++
		}
		sorted = slices.Insert(sorted, at, v)
	}
	return sorted
}

// linkedlistSortedList does the same with a list, whose insertion moves nothing.
//
//go:noinline
func linkedlistSortedList(values []int) *list.List {
	sorted := list.New()
	for _, v := range values {
		at := sorted.Front()
		for at != nil && at.Value.(int) < v {
			at = at.Next()
		}
		if at == nil {
			sorted.PushBack(v)
		} else {
			sorted.InsertBefore(v, at)
		}
	}
	return sorted
}

// linkedlistTask carries its own links, so that being in a list costs no object.
type linkedlistTask struct {
	prev, next *linkedlistTask
	name       string
}

// linkedlistTasks is a ring of tasks; the zero value must be set up by
// newLinkedlistTasks.
type linkedlistTasks struct{ root linkedlistTask }

func newLinkedlistTasks() *linkedlistTasks {
	tasks := new(linkedlistTasks)
	tasks.root.prev, tasks.root.next = &tasks.root, &tasks.root
	return tasks
}

func (l *linkedlistTasks) pushBack(task *linkedlistTask) {
	task.prev, task.next = l.root.prev, &l.root
	task.prev.next, task.next.prev = task, task
}

func (*linkedlistTasks) remove(task *linkedlistTask) {
	task.prev.next, task.next.prev = task.next, task.prev
	task.prev, task.next = nil, nil
}

func (l *linkedlistTasks) names() (names []string) {
	for task := l.root.next; task != &l.root; task = task.next {
		names = append(names, task.name)
	}
	return names
}
