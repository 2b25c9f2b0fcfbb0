package optimizing

import "sync"

// profTally counts words under locks: with one shard all callers meet at the same
// lock, with more only those whose words share a shard.
type profTally struct {
	shards []profShard
}

type profShard struct {
	mu    sync.Mutex
	words map[string]int
}

func newProfTally(shards int) *profTally {
	t := &profTally{shards: make([]profShard, shards)}
	for i := range t.shards {
		t.shards[i].words = make(map[string]int)
	}
	return t
}

// add counts a word. The critical section ends with slow, which stands for work
// that should not be done there.
//
//go:noinline
func (t *profTally) add(shard int, word string, slow func()) {
	s := &t.shards[shard%len(t.shards)]
	s.mu.Lock()
	s.words[word]++
	slow()
	s.mu.Unlock()
}

func (t *profTally) count(word string) (n int) {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		n += s.words[word]
		s.mu.Unlock()
	}
	return n
}
