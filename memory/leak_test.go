package memory

import (
	"context"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// goroutinesIn returns how many goroutines have the function on their stack. It
// cannot see those that have not started yet.
func goroutinesIn(t *testing.T, function string) int64 {
	t.Helper()
	return profileSum(t, parsedProfile(t, "goroutine"), "goroutine", function)
}

// waitGoroutinesIn waits until the number of goroutines in the function is
// want: one that was started, or has received its last value, needs a moment.
func waitGoroutinesIn(t *testing.T, function string, want int64) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); goroutinesIn(t, function) != want; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline), "%d goroutines in %s, want %d", goroutinesIn(t, function), function, want)
	}
}

// A goroutine that waits for ever is never collected, even if no other
// goroutine can reach the channel it waits on. Its stack is a root for the
// collector, so everything it refers to stays too. The usual shape: several
// goroutines send their result, the caller takes one and returns. Cures are room
// in the channel for every result, or a select with a context that ends. Go 1.27
// can report such goroutines, but it does not end them.
//
//claim:ask Does the garbage collector collect a goroutine that is blocked for ever?
//claim:source https://pkg.go.dev/runtime/pprof#Profile
func TestBlockedGoroutine(t *testing.T) {
	var made sync.WaitGroup
	var watch [3]weak.Pointer[leakItem]
	queries := func() (all []func() *leakItem) {
		for i := range watch {
			made.Add(1)
			all = append(all, func() *leakItem {
				defer made.Done()
				item := &leakItem{id: i}
				watch[i] = weak.Make(item)
				return item
			})
		}
		return all
	}
	alive := func() (n int) {
		runtime.GC()
		for _, w := range watch {
			if w.Value() != nil {
				n++
			}
		}
		return n
	}

	noRoom := make(chan *leakItem)
	firstReply(noRoom, queries()...)
	made.Wait()
	waitGoroutinesIn(t, "firstReply.func1", 2)
	require.Equal(t, 2, alive(), "each blocked goroutine holds its reply")
	<-noRoom
	<-noRoom
	waitGoroutinesIn(t, "firstReply.func1", 0)
	require.Zero(t, alive())

	firstReply(make(chan *leakItem, 3), queries()...)
	made.Wait()
	waitGoroutinesIn(t, "firstReply.func1", 0)
	require.Zero(t, alive())
}

//go:noinline
func receiveAll(c chan int) {
	for range c {
	}
}

// No. A channel is memory like any other: when nothing can reach it, it is
// collected together with the values still in its buffer, closed or not. Close
// is a message to receivers that no more values come. What leaks is a goroutine
// that waits for that message, for example in a range over the channel.
//
//claim:ask Must a channel be closed so that it does not leak?
//claim:source https://go.dev/ref/spec#Close
func TestUnclosedChannel(t *testing.T) {
	var watch weak.Pointer[leakItem]
	func() {
		c := make(chan *leakItem, 2)
		item := new(leakItem)
		watch = weak.Make(item)
		c <- item
		runtime.GC()
		require.NotNil(t, watch.Value(), "in the buffer of a channel in use")
		runtime.KeepAlive(c)
	}()
	runtime.GC()
	require.Nil(t, watch.Value())

	c := make(chan int)
	go receiveAll(c)
	c <- 1
	require.EqualValues(t, 1, goroutinesIn(t, "receiveAll"), "waits for the next value")
	close(c)
	waitGoroutinesIn(t, "receiveAll", 0)
}

// A map, slice or cache that lives as long as the program and only gets
// entries is the plainest leak: the live heap grows with the number of requests
// and no collection helps. Every entry needs somebody who removes it, on every
// path, as with a deferred call. A limit on the size or the age of entries protects
// from the path that was forgotten. After the deletes the entries are free; only
// the table of the map itself keeps its size.
//
//claim:ask How does a global map or cache leak, and what is the cure?
//claim:source https://go.dev/issue/20135
func TestGrowingMap(t *testing.T) {
	const sessions, size = 200, leakItemSize
	table := sessionTable{byID: make(map[int]*leakItem)}
	base := proof.LiveHeap()
	for id := range sessions {
		table.start(id)
	}
	require.InDelta(t, sessions*size, proof.LiveHeap()-base, sessions*size/4, "one item per session")
	for id := range sessions {
		table.end(id)
	}
	require.Less(t, int64(proof.LiveHeap()-base), int64(sessions*size/20))

	for id := range sessions {
		table.start(id)
		table.end(id)
	}
	require.Less(t, int64(proof.LiveHeap()-base), int64(sessions*size/20), "as many sessions, no growth")
	runtime.KeepAlive(&table)
}

// Truncating a slice with s = s[:0] frees nothing: the array keeps every
// pointer behind the new length until it is overwritten. A batch that was once
// large so holds the last objects of that day. Call clear(s) before s[:0].
// Elements without pointers need no clear: only the array itself stays, and that
// is what reuse is for.
//
//claim:ask I reuse a slice with s = s[:0]. Why are the old elements not collected?
//claim:source https://go.dev/ref/spec#Clear
func TestTruncateKeeps(t *testing.T) {
	kept := func(empty func([]*leakItem) []*leakItem) (n int) {
		var batch []*leakItem
		var watch []weak.Pointer[leakItem]
		for range 8 {
			item := new(leakItem)
			batch = append(batch, item)
			watch = append(watch, weak.Make(item))
		}
		batch = append(empty(batch), new(leakItem)) // overwrites the first pointer
		runtime.GC()
		for _, w := range watch {
			if w.Value() != nil {
				n++
			}
		}
		runtime.KeepAlive(batch)
		return n
	}
	require.Equal(t, 7, kept(resetLeaking))
	require.Zero(t, kept(reset))
}

// Since Go 1.23 a timer or ticker that nobody refers to is collected, stopped
// or not: time.After in a loop and a dropped Ticker leak nothing. You may read
// that time.After leaks until it fires and that every Ticker needs Stop; that was
// the rule up to Go 1.22, and GODEBUG=asynctimerchan=1 brought it back until Go
// 1.27 removed the setting. The function of time.AfterFunc is still held until
// it has run or the timer is stopped.
//
//claim:ask Does time.After in a loop, or a Ticker that is not stopped, leak?
//claim:source https://go.dev/doc/go1.23#timer-changes
//claim:source https://pkg.go.dev/time#After
func TestDroppedTimers(t *testing.T) {
	const timers = 2000
	base := proof.LiveHeap()
	for range timers {
		select {
		case <-time.After(time.Hour):
		case <-time.Tick(time.Hour):
		default:
		}
	}
	require.Less(t, int64(proof.LiveHeap()-base), int64(timers*50), "a timer with its channel is larger")

	dropped := func() (weak.Pointer[time.Timer], weak.Pointer[time.Ticker]) {
		return weak.Make(time.NewTimer(time.Hour)), weak.Make(time.NewTicker(time.Hour))
	}
	timer, ticker := dropped()
	runtime.GC()
	require.Nil(t, timer.Value())
	require.Nil(t, ticker.Value())

	if !proof.GoAtLeast("go1.27") {
		t.Setenv("GODEBUG", "asynctimerchan=1")
		timer, ticker = dropped()
		runtime.GC()
		require.NotNil(t, timer.Value(), "as in Go 1.22")
		require.NotNil(t, ticker.Value(), "as in Go 1.22")
		timer.Value().Stop()
		ticker.Value().Stop()
		t.Setenv("GODEBUG", "")
	}

	var watch weak.Pointer[leakItem]
	later := func() *time.Timer {
		item := new(leakItem)
		watch = weak.Make(item)
		return time.AfterFunc(time.Hour, func() { item.id++ })
	}()
	runtime.GC()
	require.NotNil(t, watch.Value(), "held by the timer")
	later.Stop()
	for deadline := time.Now().Add(10 * time.Second); watch.Value() != nil; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline)) // the scheduler removes stopped timers lazily
		runtime.GC()
	}
}

// Stop turns the ticks off and does not close the channel, so a goroutine in
// for range ticker.C waits for ever after Stop, and with it leaks the ticker.
// Such a loop needs a second way out: a select with a done channel or a context.
//
//claim:ask Does Ticker.Stop end a goroutine that ranges over the ticker's channel?
//claim:source https://pkg.go.dev/time#Ticker.Stop
func TestTickerStop(t *testing.T) {
	ticker := time.NewTicker(time.Microsecond)
	received(t, ticker.C)
	ticker.Stop()
	select {
	case _, open := <-ticker.C:
		require.Fail(t, "received", "from a stopped ticker, open: %t", open)
	default: // neither closed nor a tick
	}

	ctx, cancel := context.WithCancel(t.Context())
	go tickUntilDone(ctx, ticker)
	waitGoroutinesIn(t, "tickUntilDone", 1)
	cancel()
	waitGoroutinesIn(t, "tickUntilDone", 0)
}

//go:noinline
func tickUntilDone(ctx context.Context, ticker *time.Ticker) {
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// openCount counts what is open now, and the most that was open at once.
type openCount struct{ now, most int }

func (c *openCount) open() io.Closer {
	c.now++
	c.most = max(c.most, c.now)
	return c
}

func (c *openCount) Close() error {
	c.now--
	return nil
}

// A deferred call runs at the end of the function, not of the iteration. A loop
// over n files that defers Close has n descriptors open at its end, and a loop
// that never ends never closes one. Make the body a function of its own, or call
// Close without defer.
//
//claim:ask What is wrong with defer file.Close() inside a loop?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestDeferInLoop(t *testing.T) {
	var deferred, inTurn openCount
	visitLeaking(100, deferred.open)
	visit(100, inTurn.open)
	require.Equal(t, openCount{most: 100}, deferred)
	require.Equal(t, openCount{most: 1}, inTurn)
}

// A context made by WithCancel is stored in its parent until it is cancelled or
// the parent is. Under a parent that lives long, such as that of a server, a
// child per request that nobody cancels is a leak; WithTimeout and WithDeadline
// end it late, at the deadline. So call cancel on every path, best with defer.
// A parent that cannot be cancelled, such as context.Background, keeps no
// children, and there is no leak. go vet (lostcancel) finds the plain cases.
//
//claim:ask What leaks if you do not call the cancel function of a context?
//claim:source https://pkg.go.dev/context#WithCancel
func TestUncancelledContext(t *testing.T) {
	const children = 1000
	type derive func(context.Context) (context.Context, context.CancelFunc)
	cost := func(parent context.Context, child derive, finish func(context.CancelFunc)) int64 {
		base := proof.LiveHeap()
		for range children {
			_, cancel := child(parent)
			finish(cancel)
		}
		grown := int64(proof.LiveHeap() - base)
		runtime.KeepAlive(parent)
		return grown
	}
	call := func(cancel context.CancelFunc) { cancel() }
	forget := func(context.CancelFunc) {}

	server, shutdown := context.WithCancel(context.Background())
	anHour := func(parent context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(parent, time.Hour)
	}
	require.Less(t, cost(server, context.WithCancel, call), int64(children*10))
	require.Greater(t, cost(server, context.WithCancel, forget), int64(children*50), "every child is in the parent")
	require.Greater(t, cost(server, anHour, forget), int64(children*50), "for an hour")
	require.Less(t, cost(context.Background(), context.WithCancel, forget), int64(children*10))
	base := proof.LiveHeap()
	shutdown()
	require.Greater(t, int64(base-proof.LiveHeap()), int64(children*50), "the parent lets go of them")
	runtime.KeepAlive(server)

	if testing.Short() {
		t.Skip("starts go vet")
	}
	report, err := exec.CommandContext(t.Context(), "go", "vet", "./testdata/leak/lostcancel").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(report), "the cancel function returned by context.WithCancel should be called, not discarded")
}

// A sync.Pool does not know how large its values are. A buffer that has grown
// once for a huge message goes back to the pool and stays at that size as long
// as it is taken and returned between collections, with nothing small ever in
// it. Do not return what is larger than some limit. A value that nobody takes
// is dropped by the second collection, so an idle pool does not leak.
//
//claim:ask How can a sync.Pool make a program use too much memory?
//claim:source https://go.dev/issue/23199
func TestPoolGiant(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("with the race detector a pool drops values at random")
	}
	// One P: a pool has a place per P that the others cannot take from.
	procs := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
	const giant = 1 << 20
	growOnce := func(p *bufferPool) {
		b := p.get()
		b.Grow(giant)
		p.put(b)
	}
	capAfterUse := func(p *bufferPool) (capacity int) {
		for range 5 {
			b := p.get()
			b.WriteString("small")
			capacity = b.Cap()
			p.put(b)
			runtime.GC()
		}
		return capacity
	}
	var unlimited bufferPool
	growOnce(&unlimited)
	require.GreaterOrEqual(t, capAfterUse(&unlimited), giant, "after five collections")
	limited := bufferPool{max: 64 << 10}
	growOnce(&limited)
	require.Less(t, capAfterUse(&limited), 1<<10)

	runtime.GC()
	runtime.GC()
	require.Less(t, unlimited.get().Cap(), giant, "idle for two collections")
}

// A function value keeps alive every variable it uses, whole. A closure that
// uses one field of a struct through a pointer keeps the struct; a method value
// such as item.number keeps its receiver. If the function is stored for long, in
// a list of callbacks or a timer, first copy what it needs into a variable of
// its own. Variables that the closure does not mention are not captured.
//
//claim:ask What does a closure or a method value keep alive?
//claim:source https://go.dev/ref/spec#Function_literals
//claim:source https://go.dev/ref/spec#Method_values
func TestClosureKeeps(t *testing.T) {
	keeps := func(later func(*leakItem) func() int) bool {
		callback, watch := func() (func() int, weak.Pointer[leakItem]) {
			item := &leakItem{id: 7}
			return later(item), weak.Make(item)
		}()
		runtime.GC()
		kept := watch.Value() != nil
		require.Equal(t, 7, callback())
		return kept
	}
	require.True(t, keeps(idLaterLeaking))
	require.True(t, keeps(func(item *leakItem) func() int { return item.number }), "method value")
	require.False(t, keeps(idLater))
	require.False(t, keeps(func(item *leakItem) func() int {
		unused := item.next
		_ = unused
		return func() int { return 7 }
	}))
}

// Look at what survives a collection, not at what is allocated or at what the
// operating system shows. HeapAlloc counts garbage that is not yet swept and
// swings by design between the live heap and the goal of the next collection. A
// leak is a live heap that grows with the number of equal operations: measure
// after runtime.GC, or compare the low points of HeapAlloc over hours.
//
//claim:ask Memory use goes up. How do you tell a leak from garbage that is just not collected yet?
//claim:source https://pkg.go.dev/runtime#MemStats
//claim:source https://go.dev/doc/gc-guide#GOGC
func TestLiveHeap(t *testing.T) {
	collectByHand(t)
	heapAlloc := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	base := int64(proof.LiveHeap())
	for range 500 {
		leakSink = new(leakItem)
	}
	const size, slack = 500 * leakItemSize, 200 << 10
	require.InDelta(t, size, heapAlloc()-base, slack, "all of it counts before a collection")
	require.InDelta(t, 0, int64(proof.LiveHeap())-base, slack, "none of it after")

	for range 500 {
		leakSink = &leakItem{next: leakSink}
	}
	require.InDelta(t, size, int64(proof.LiveHeap())-base, slack, "what survives may be a leak")
	leakSink = nil
}

var leakSink *leakItem
