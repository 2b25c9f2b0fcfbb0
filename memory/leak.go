package memory

import (
	"bytes"
	"io"
	"sync"
)

// A leak in a garbage-collected language is memory that is reachable and never
// used again. The collector cannot know the second half. Here are the functions
// that the usual shapes of leaks are shown on; where one name ends in Leaking,
// its neighbour is the cure.

// leakItem stands for whatever is kept by mistake. It takes leakItemSize bytes
// of the heap: what is left out is for the header that the allocator adds.
type leakItem struct {
	next *leakItem
	id   int
	_    [leakItemSize - 24]byte
}

const leakItemSize = 4096

// firstReply starts all queries and returns the first reply. Whether it leaks
// is decided by the capacity of replies: without room for every reply, the
// goroutines that come second wait for ever for a receiver.
func firstReply(replies chan *leakItem, queries ...func() *leakItem) *leakItem {
	for _, query := range queries {
		go func() { replies <- query() }()
	}
	return <-replies
}

// sessionTable is a registry, as a package-level map often is one.
type sessionTable struct {
	mu   sync.Mutex
	byID map[int]*leakItem
}

func (t *sessionTable) start(id int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byID[id] = &leakItem{id: id}
}

// end is the half that is easily forgotten, or skipped by an early return.
func (t *sessionTable) end(id int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byID, id)
}

// resetLeaking empties a batch for reuse and keeps the array, with all the
// pointers in it.
func resetLeaking(batch []*leakItem) []*leakItem { return batch[:0] }

func reset(batch []*leakItem) []*leakItem {
	clear(batch)
	return batch[:0]
}

// idLater returns a function that needs one number and keeps the whole item.
func idLaterLeaking(item *leakItem) func() int {
	return func() int { return item.id }
}

func idLater(item *leakItem) func() int {
	id := item.id
	return func() int { return id }
}

func (item *leakItem) number() int { return item.id }

// visitLeaking opens n files one after the other. They are all open at the end
// of the loop, because a deferred call waits for the end of the function.
func visitLeaking(n int, open func() io.Closer) {
	for range n {
		file := open()
		defer file.Close()
	}
}

func visit(n int, open func() io.Closer) {
	for range n {
		func() {
			file := open()
			defer file.Close()
		}()
	}
}

// bufferPool hands out used buffers. It does not take back those that have
// grown beyond max bytes; 0 means no limit.
type bufferPool struct {
	pool sync.Pool
	max  int
}

func (p *bufferPool) get() *bytes.Buffer {
	if b, ok := p.pool.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

func (p *bufferPool) put(b *bytes.Buffer) {
	if p.max > 0 && b.Cap() > p.max {
		return
	}
	b.Reset()
	p.pool.Put(b)
}
