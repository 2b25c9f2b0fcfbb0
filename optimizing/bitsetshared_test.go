package optimizing

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

// No: they are different bits, but one word. Setting a bit reads the word, changes it
// and writes it back, and if another goroutine writes in between, its bit is lost. A
// []bool has a byte for each element, so there different elements are safe. For a
// shared bitset use atomic.Uint64 with Or and And, which exist since Go 1.23, or give
// each goroutine whole words.
//
//claim:ask May two goroutines set different bits of one bitset without a lock?
//claim:source https://go.dev/ref/mem
//claim:source https://pkg.go.dev/sync/atomic#Uint64.Or
func TestBitsetSharedWord(t *testing.T) {
	var word uint64
	// The steps of word |= 1<<1 and word |= 1<<2 in an order that two goroutines may have.
	write := func(v uint64) { word = v }
	first := word
	second := word
	write(first | 1<<1)
	write(second | 1<<2)
	assert.Equal(t, uint64(1<<2), word, "bit 1 is lost")

	var shared atomic.Uint64
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for bit := g; bit < 64; bit += 4 {
				shared.Or(1 << bit)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, ^uint64(0), shared.Load())
	assert.Equal(t, ^uint64(0), shared.And(^uint64(1)), "And and Or return the old value")
	assert.Equal(t, ^uint64(1), shared.Load())
}
