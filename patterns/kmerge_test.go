package patterns

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Keep the next value of each input in a heap: take the smallest, yield it, and
// put the next value of the same input in its place. So k inputs of any length
// need memory for k values, and the first value is there after k have been
// read. Ties go to the input that comes first, which makes the merge stable. The
// result is sorted only if every input is: a merge does not sort.
//
//claim:ask How do you merge k sorted streams into one sorted stream?
//claim:source https://pkg.go.dev/iter#Pull
func TestMergeSorted(t *testing.T) {
	type record struct{ key, input int }
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var inputs []iter.Seq[record]
		var all []record
		for i := range rng.IntN(10) {
			input := make([]record, rng.IntN(20))
			for j := range input {
				input[j] = record{rng.IntN(15), i}
			}
			slices.SortFunc(input, func(a, b record) int { return a.key - b.key })
			inputs = append(inputs, slices.Values(input))
			all = append(all, input...)
		}
		byKey := func(a, b record) int { return a.key - b.key }
		slices.SortStableFunc(all, byKey)
		merged := MergeSorted(byKey, inputs...)
		for range 2 {
			if got := slices.Collect(merged); !slices.Equal(got, all) {
				t.Fatalf("got %v, want %v", got, all)
			}
		}
	}
	if got := slices.Collect(MergeSorted(cmp.Compare[int], slices.Values([]int{3, 1}), slices.Values([]int{2}))); !slices.Equal(got, []int{2, 3, 1}) {
		t.Errorf("unsorted input: %v", got)
	}
}

// kmergeCounted yields a part of the numbers, counts them and notes its end.
func kmergeCounted(from, step int, taken *int, ended *int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer func() { *ended++ }()
		for v := from; ; v += step {
			if *taken++; !yield(v) {
				return
			}
		}
	}
}

// Exactly one value of each input must be known before the smallest of all can be
// yielded, so a merge of live streams waits for its slowest input. Afterwards a
// value is read only when the one before from the same input has been yielded:
// infinite inputs are no problem, and after ten values of four inputs 13 have been
// read. Leaving the loop ends all inputs and runs their deferred functions.
//
//claim:ask How far does a k-way merge read ahead, and what happens to its inputs when the loop is left?
//claim:source https://pkg.go.dev/iter#Pull
func TestMergeSortedLazy(t *testing.T) {
	var taken, ended int
	var inputs []iter.Seq[int]
	for i := range 4 {
		inputs = append(inputs, kmergeCounted(i, 4, &taken, &ended))
	}
	next := 0
	for v := range MergeSorted(cmp.Compare[int], inputs...) {
		if v != next {
			t.Fatalf("got %d, want %d", v, next)
		}
		if next++; taken != 4+v {
			t.Fatalf("value %d: %d values read", v, taken)
		}
		if next == 10 {
			break
		}
	}
	if taken != 13 || ended != 4 {
		t.Errorf("%d values read, %d inputs ended", taken, ended)
	}
}

// Channels are merged like all sequences, once a function ranges over each. The
// merged order is that of the values, whenever they arrive: each value waits until
// every other input has shown a later one or is closed. An input that stays silent
// stops the whole merge, so live streams need marks of progress, or a time limit in
// the function that ranges over the channel.
//
//claim:ask How do you merge channels whose values are sorted, and what does a silent channel do?
//claim:source https://go.dev/ref/spec#For_range
func TestMergeSortedChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		timed := func(pause time.Duration, values ...int) iter.Seq[int] {
			c := make(chan int)
			go func() {
				defer close(c)
				for _, v := range values {
					time.Sleep(pause)
					c <- v
				}
			}()
			return func(yield func(int) bool) {
				for v := range c {
					if !yield(v) {
						return
					}
				}
			}
		}
		start := time.Now()
		var got []int
		for v := range MergeSorted(cmp.Compare[int], timed(time.Second, 1, 3, 5), timed(time.Hour, 2, 4)) {
			if got = append(got, v); len(got) == 1 && time.Since(start) != time.Hour {
				t.Errorf("the first value came after %v", time.Since(start))
			}
		}
		if !slices.Equal(got, []int{1, 2, 3, 4, 5}) {
			t.Errorf("got %v", got)
		}
	})
}

var errKmergeTest = errors.New("input failed")

// A panic of an input or of compare appears in the loop, a Goexit ends the
// goroutine of the loop, and in each case the other inputs are ended.
func TestMergeSortedFault(t *testing.T) {
	faulty := func(fault func()) iter.Seq[int] {
		return func(yield func(int) bool) {
			if yield(0) {
				fault()
			}
		}
	}
	for name, fault := range map[string]func(){"panic": func() { panic(errKmergeTest) }, "exit": runtime.Goexit} {
		var taken, ended int
		var value any
		var loop sync.WaitGroup
		loop.Go(func() {
			defer func() { value = recover() }()
			for range MergeSorted(cmp.Compare[int], kmergeCounted(-3, 1, &taken, &ended), faulty(fault), kmergeCounted(0, 1, &taken, &ended)) {
			}
			t.Errorf("%s: the loop ended", name)
		})
		loop.Wait()
		if ended != 2 || name == "panic" && value != errKmergeTest {
			t.Errorf("%s: %d inputs ended, panicked with %v", name, ended, value)
		}
	}

	var taken, ended int
	func() {
		defer func() {
			if recover() != errKmergeTest {
				t.Error("panic of compare lost")
			}
		}()
		for range MergeSorted(func(a, b int) int { panic(errKmergeTest) }, kmergeCounted(0, 1, &taken, &ended), kmergeCounted(0, 1, &taken, &ended)) {
		}
	}()
	if ended != 2 {
		t.Errorf("compare: %d inputs ended", ended)
	}
}

// Several loops may range over one merged sequence at once.
func TestMergeSortedConcurrent(t *testing.T) {
	merged := MergeSorted(cmp.Compare[int], slices.Values([]int{1, 4}), slices.Values([]int{2, 3}), slices.Values([]int(nil)))
	var loops sync.WaitGroup
	for range 4 {
		loops.Go(func() {
			if got := slices.Collect(merged); !slices.Equal(got, []int{1, 2, 3, 4}) {
				t.Errorf("got %v", got)
			}
		})
	}
	loops.Wait()
	if got := slices.Collect(MergeSorted[int](cmp.Compare)); got != nil {
		t.Errorf("no inputs: %v", got)
	}
}

// kmergeScan is the merge without a heap: it looks at all heads for each value.
func kmergeScan(compare func(a, b int) int, inputs ...iter.Seq[int]) iter.Seq[int] {
	return func(yield func(int) bool) {
		var heads []kmergeHead[int]
		for i, input := range inputs {
			next, stop := iter.Pull(input)
			defer stop()
			if value, ok := next(); ok {
				heads = append(heads, kmergeHead[int]{value, i, next})
			}
		}
		for len(heads) > 0 {
			first := 0
			for i := range heads {
				if compare(heads[i].value, heads[first].value) < 0 {
					first = i
				}
			}
			if !yield(heads[first].value) {
				return
			}
			value, ok := heads[first].next()
			if heads[first].value = value; !ok {
				heads = slices.Delete(heads, first, first+1)
			}
		}
	}
}

// kmergeSort collects everything and sorts it.
func kmergeSort(compare func(a, b int) int, inputs ...iter.Seq[int]) iter.Seq[int] {
	return func(yield func(int) bool) {
		var all []int
		for _, input := range inputs {
			all = slices.AppendSeq(all, input)
		}
		slices.SortStableFunc(all, compare)
		for _, v := range all {
			if !yield(v) {
				return
			}
		}
	}
}

var kmergeRivals = []struct {
	name  string
	merge func(compare func(a, b int) int, inputs ...iter.Seq[int]) iter.Seq[int]
}{{"heap", MergeSorted[int]}, {"scan", kmergeScan}, {"sort", kmergeSort}}

// kmergeInputs deals the numbers 0 to n-1 to k inputs, at random.
func kmergeInputs(k, n int) []iter.Seq[int] {
	rng := rand.New(rand.NewPCG(1, 2))
	dealt := make([][]int, k)
	for v := range n {
		i := rng.IntN(k)
		dealt[i] = append(dealt[i], v)
	}
	inputs := make([]iter.Seq[int], k)
	for i := range inputs {
		inputs[i] = slices.Values(dealt[i])
	}
	return inputs
}

func TestMergeSortedRivals(t *testing.T) {
	for _, c := range kmergeRivals {
		next := 0
		for v := range c.merge(cmp.Compare[int], kmergeInputs(7, 100)...) {
			if v != next {
				t.Fatalf("%s: got %d, want %d", c.name, v, next)
			}
			next++
		}
		if next != 100 {
			t.Errorf("%s: %d values", c.name, next)
		}
	}
}

// A heap finds the next value with about 2*log2(k) comparisons, a scan of all k
// heads needs k-1. Among 256 inputs the whole merge with a heap is more than 1.5
// times faster, coroutines included; for a handful of inputs a scan is as good. The
// memory depends on the number of inputs only: 16 times as many values take the same
// number of allocations. Collecting and sorting takes more than 5 times the bytes for
// 4096 values, and more for more: it is for inputs that fit into memory.
//
//claim:ask Why does a k-way merge use a heap, and what does it cost?
//claim:expect ns/op of=scan,k=256,n=2048 > 1.5x of=heap,k=256,n=2048
//claim:expect allocs/op of=heap,k=4,n=4096 <= 1.1x of=heap,k=4,n=256
//claim:expect B/op of=sort,k=4,n=4096 > 5x of=heap,k=4,n=4096
//claim:source https://pkg.go.dev/container/heap
func BenchmarkMergeSortedHeap(b *testing.B) {
	for _, variant := range []struct {
		of   int
		k, n int
	}{{0, 4, 256}, {0, 4, 4096}, {0, 256, 2048}, {1, 256, 2048}, {2, 4, 4096}} {
		rival := kmergeRivals[variant.of]
		b.Run(fmt.Sprintf("of=%s/k=%d/n=%d", rival.name, variant.k, variant.n), func(b *testing.B) {
			b.ReportAllocs()
			inputs := kmergeInputs(variant.k, variant.n)
			for b.Loop() {
				n := 0
				for range rival.merge(cmp.Compare[int], inputs...) {
					n++
				}
				if n != variant.n {
					b.Fatal(n)
				}
			}
		})
	}
}
