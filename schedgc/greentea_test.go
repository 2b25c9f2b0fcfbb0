package schedgc

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// teaForest returns a toy heap in which every object refers to two random others, and
// its roots.
func teaForest(objects, perSpan int) (*TeaHeap, []int) {
	random := rand.New(rand.NewPCG(1, 2))
	heap := NewTeaHeap(objects, perSpan)
	for object := range objects {
		heap.Link(object, random.IntN(objects))
		heap.Link(object, random.IntN(objects))
	}
	return heap, []int{0, 1, 2, 3}
}

// It does not scan an object when it finds it. It sets the mark bit of the object and
// puts the span, a page of 8 KiB with objects of one size, into a queue. While the span
// waits there, more of its objects are found. When its turn comes, all objects that are
// marked and not yet scanned are scanned together, in the order of their addresses. A
// second set of bits says which are scanned. In the toy heap here both ways mark the same
// objects, and Green Tea goes less than a quarter as often to another span. It is still a
// tri-colour marker: what changes is the order.
//
//claim:ask How does the Green Tea algorithm mark, compared with following one object at a time?
//claim:source runtime/mgcmark_greenteagc.go
//claim:source https://go.dev/blog/greenteagc
func TestGreenTeaModel(t *testing.T) {
	heap, roots := teaForest(20_000, 200)
	objects, spans := heap.MarkObjects(roots...), heap.MarkSpans(roots...)
	require.Equal(t, objects.Marked, spans.Marked)
	require.Less(t, spans.Moves, objects.Moves/4)

	lonely, roots := teaForest(500, 1)
	objects, spans = lonely.MarkObjects(roots...), lonely.MarkSpans(roots...)
	require.Equal(t, objects.Marked, spans.Marked)
	require.Equal(t, objects.Moves, spans.Moves, "one object in a span: nothing to gather")
	require.Panics(t, func() { NewTeaHeap(1, 0) })
}

// A queue lets a span wait as long as possible, and the longer it waits, the more of its
// objects are found before it is scanned. A stack returns to the newest span at once,
// with one new object. In the toy heap a stack of spans makes more than twice as many
// moves as a queue. The classic marker has a stack, because a depth-first walk needs less
// memory for grey objects; for spans this does not count, since each is in the queue only
// once.
//
//claim:ask Why does Green Tea take spans first in, first out, when the marker before took the newest object?
//claim:source runtime/mgcmark_greenteagc.go
func TestGreenTeaQueue(t *testing.T) {
	heap, roots := teaForest(20_000, 200)
	queue := heap.MarkSpans(roots...)
	stack := heap.markSpans(roots, func(grey []int) (int, []int) {
		return grey[len(grey)-1], grey[:len(grey)-1]
	})
	require.Equal(t, queue.Marked, stack.Marked)
	require.Greater(t, stack.Moves, 2*queue.Moves)
}

// teaScan is what GODEBUG=gctrace=2 tells about one size class in one collection.
type teaScan struct{ alone, together, spans int }

var teaScanLine = regexp.MustCompile(`scan: class (\w+) (\d+)\+(\d+)\+(\d+)=\d+ objs(?:, (\d+)\+(\d+)=\d+ spans)?`)

// teaScans returns the statistics of the size classes, those of the collection that
// scanned most objects of each.
func teaScans(trace string) map[string]teaScan {
	most := make(map[string]teaScan)
	for _, line := range teaScanLine.FindAllStringSubmatch(trace, -1) {
		number := func(i int) int {
			n, _ := strconv.Atoi(line[i])
			return n
		}
		scan := teaScan{alone: number(2), together: number(3) + number(4), spans: number(5) + number(6)}
		if old := most[line[1]]; scan.alone+scan.together > old.alone+old.together {
			most[line[1]] = scan
		}
	}
	return most
}

type (
	teaSmall struct { // 32 bytes on 64-bit systems
		next *teaSmall
		_    [3]uintptr
	}
	teaLarge struct { // more than 512 bytes
		next *teaLarge
		_    [99]uintptr
	}
	teaPlain [6]uint64 // no pointer
)

// teaSmalls returns n small objects, each of which refers to another one far away.
func teaSmalls(n int) []*teaSmall {
	all := make([]*teaSmall, n)
	for i := range all {
		all[i] = new(teaSmall)
	}
	for i := range all {
		all[i].next = all[i*7919%n]
	}
	return all
}

// teaLarges is teaSmalls for large objects.
func teaLarges(n int) []*teaLarge {
	all := make([]*teaLarge, n)
	for i := range all {
		all[i] = new(teaLarge)
	}
	for i := range all {
		all[i].next = all[i*7919%n]
	}
	return all
}

// teaList returns a list of n small objects in random order of address.
func teaList(n int) *teaSmall {
	all := teaSmalls(n)
	rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i := range n - 1 {
		all[i].next = all[i+1]
	}
	all[n-1].next = nil
	return all[0]
}

// teaObjects is how many objects a child makes.
const teaObjects = 50_000

// teaChild runs the test once more with a heap of the given shape and returns what the
// collector reports about the objects of that size.
func teaChild(t *testing.T, shape string, class int) teaScan {
	t.Helper()
	if strings.Contains(runtime.Version(), "nogreenteagc") {
		t.Skip("built without Green Tea")
	}
	output, err := proof.Child(t, "GODEBUG=gctrace=2", "GODEEP_SHAPE="+shape)
	require.NoError(t, err, output)
	require.Contains(t, output, "scan: total", "the trace")
	return teaScans(output)[strconv.Itoa(class)+"B"]
}

// teaInChild makes the heap that the parent has asked for and collects.
func teaInChild() {
	var live any
	switch os.Getenv("GODEEP_SHAPE") {
	case "graph":
		live = teaSmalls(teaObjects)
	case "list":
		live = teaList(teaObjects)
	case "large":
		live = teaLarges(teaObjects / 20)
	case "plain":
		all := make([]*teaPlain, teaObjects)
		for i := range all {
			all[i] = new(teaPlain)
		}
		live = all
	}
	for range 3 { // the trace of one may be printed after the next has begun
		runtime.GC()
	}
	runtime.KeepAlive(live)
}

// GODEBUG=gctrace=2 adds lines that begin with scan: to every collection, one for each
// size class. They say how many objects were scanned alone, how many together with
// others, and in how many visits of a span. In a heap of small objects that refer to each
// other at random, one visit scans more than ten. A linked list in random order is the
// other end: more than 99 percent are scanned alone, because the next object is known only
// after the previous one is scanned, so nothing gathers. Such a heap gains nothing. The
// lines are for people and may change with a release.
//
//claim:ask How do I see whether Green Tea helps with my heap?
//claim:source runtime/mgcmark_greenteagc.go
//claim:source https://go.dev/doc/go1.26#runtime
func TestGreenTeaTrace(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the size class is that of 64-bit systems")
	}
	if proof.InChild(t) {
		teaInChild()
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	graph := teaChild(t, "graph", 32)
	require.GreaterOrEqual(t, graph.alone+graph.together, teaObjects)
	require.Greater(t, graph.together, 10*graph.spans, "objects per visit")
	require.Greater(t, graph.together, 9*graph.alone)

	list := teaChild(t, "list", 32)
	require.GreaterOrEqual(t, list.alone+list.together, teaObjects)
	require.Greater(t, list.alone, 99*list.together)
}

// Only objects with pointers of 16 to 512 bytes are scanned span by span. Larger ones
// are scanned one at a time as before, so the trace counts no visits of spans for them. An
// object without pointers is marked and not scanned at all, under both algorithms: it does
// not show up in the trace. So a heap of large objects, or of bytes and numbers, sees no
// change with Green Tea.
//
//claim:ask Which objects does Green Tea not help with?
//claim:source runtime/mgcmark_greenteagc.go
func TestGreenTeaLimits(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the size classes are those of 64-bit systems")
	}
	if proof.InChild(t) {
		teaInChild()
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	large := teaChild(t, "large", 896)
	require.GreaterOrEqual(t, large.alone, teaObjects/20)
	require.Zero(t, large.together)
	require.Zero(t, large.spans)

	plain := teaChild(t, "plain", 48)
	require.Less(t, plain.alone+plain.together, teaObjects/10)
}

// Build with GOEXPERIMENT=nogreenteagc. It is a setting of the build and not of the
// process: nothing in the environment of a running program changes it. runtime.Version,
// and so go version of the binary, then ends in -X:nogreenteagc, and gctrace=2 knows no
// spans. Use it to compare, or to report a regression, and not as a habit: the switch is
// meant to go away. You may read that it is gone in Go 1.27; it still works there.
//
//claim:ask How do I switch Green Tea off, and how do I see which collector a binary has?
//claim:source https://go.dev/doc/go1.26#runtime
//claim:source internal/buildcfg/exp.go
func TestGreenTeaSwitch(t *testing.T) {
	trace := func(experiment string) string {
		t.Setenv("GOEXPERIMENT", experiment)
		program, output, err := proof.Build(t, "build", "./testdata/greentea/collect")
		require.NoError(t, err, output)
		run := exec.Command(program)
		run.Env = append(os.Environ(), "GODEBUG=gctrace=2", "GOEXPERIMENT=nogreenteagc") // too late
		out, err := run.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	with, without := trace(""), trace("nogreenteagc")
	require.NotContains(t, with, "nogreenteagc")
	require.Regexp(t, `scan: total .* spans`, with)
	require.Regexp(t, `(?m)^go1\.\S+-X:nogreenteagc$`, without)
	require.Regexp(t, `scan: total \d+ objs`, without)
	require.NotContains(t, without, "spans")
}

// Green Tea keeps the mark bits in the span itself. Up to Go 1.25 they were in
// memory of their own, so that a pointer had to be looked up in a table to find
// them. Now the bits are in the last 128 bytes of the page of 8 KiB, found by
// arithmetic on the address alone. So a page has room for 126 objects of 64
// bytes instead of 128. If they have pointers, it is 124, because the bits that
// say where the pointers are take another 128 bytes, as they did before. Pages
// for objects of less than 16 bytes or more than 512 have no such bits. The
// numbers are those of 64-bit systems.
//
//claim:ask Where does the Go collector keep its mark bits?
//claim:source runtime/mgcmark_greenteagc.go
func TestGreenTeaMarkBits(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the numbers are those of 64-bit systems")
	}
	if strings.Contains(runtime.Version(), "nogreenteagc") {
		t.Skip("built without Green Tea")
	}
	type withPointer struct {
		_ *byte
		_ [56]byte
	}
	require.Equal(t, 126, teaPerPage[[64]byte]())
	require.Equal(t, 124, teaPerPage[withPointer]())
	require.Equal(t, 8, teaPerPage[[1024]byte](), "too large for mark bits in the page")
}

// teaPerPage returns the most objects of type T that are found in a page of the heap.
func teaPerPage[T any]() (most int) {
	const page = 8 << 10
	objects, count := make([]*T, 4000), make(map[uintptr]int)
	for i := range objects {
		objects[i] = new(T)
		count[uintptr(unsafe.Pointer(objects[i]))/page]++
	}
	for _, n := range count {
		most = max(most, n)
	}
	runtime.KeepAlive(objects)
	return most
}

// Green Tea is the marking part of the collector: experimental in Go 1.25, the default
// since Go 1.26. It scans small objects in the order of their addresses, a page at a time,
// and no longer in the order in which pointers lead to them. So the memory it needs next
// is near the memory it has just used. With small objects that refer to each other
// at random the collection without it takes more than 1.5 times as long. With larger
// objects there is no difference worth mentioning. The rest is as before: concurrent,
// non-moving, no generations, the same pacing. On amd64 with AVX-512 a page is scanned with
// vector instructions, which gains more.
//
//claim:ask What is the Green Tea garbage collector, and what does it change?
//claim:vary GOEXPERIMENT none nogreenteagc
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=small,GOEXPERIMENT=nogreenteagc > 1.5x of=small,GOEXPERIMENT=none
//claim:expect ns/op of=large,GOEXPERIMENT=nogreenteagc < 1.5x of=large,GOEXPERIMENT=none
//claim:source https://go.dev/doc/go1.26#runtime
//claim:source https://go.dev/issue/73581
func BenchmarkGreenTea(b *testing.B) {
	b.Run("of=small", func(b *testing.B) {
		live := teaSmalls(200_000)
		b.ReportAllocs()
		for b.Loop() {
			runtime.GC()
		}
		runtime.KeepAlive(live)
	})
	b.Run("of=large", func(b *testing.B) {
		live := teaLarges(10_000)
		b.ReportAllocs()
		for b.Loop() {
			runtime.GC()
		}
		runtime.KeepAlive(live)
	})
}
