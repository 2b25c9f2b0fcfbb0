package memory

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A weak pointer refers to an object and does not keep it alive. Value returns
// a usual, strong pointer, or nil after the object is collected, so take it
// once, check it and use that. Weak pointers to the same address are equal, and
// stay equal when the object is gone, so they can be map keys. Pointers to
// different fields are different. New in Go 1.24. A weak pointer to an object
// in use elsewhere says nothing about how soon it turns nil: that is when a
// collection comes.
//
//claim:ask What is a weak pointer, and when does it become nil?
//claim:source https://pkg.go.dev/weak#Pointer
func TestWeakPointer(t *testing.T) {
	d := &doomed{id: 7}
	w := weak.Make(d)
	again := weak.Make(d)
	runtime.GC()
	require.Same(t, d, w.Value())
	require.Equal(t, w, again)
	byWeak := map[weak.Pointer[doomed]]string{w: "seven"}
	middle, end := weak.Make(&d.data[1]), weak.Make(&d.data[2])
	require.NotEqual(t, middle, end)

	strong := w.Value()
	d = nil
	runtime.GC()
	require.Equal(t, 7, w.Value().id, "Value gave a strong pointer")
	runtime.KeepAlive(strong)

	runtime.GC()
	require.Nil(t, w.Value())
	require.Nil(t, middle.Value())
	require.Equal(t, w, again, "equal in death")
	require.Equal(t, "seven", byWeak[again])

	var zero weak.Pointer[doomed]
	require.Nil(t, zero.Value())
	require.Equal(t, zero, weak.Make(d), "made from nil")
}

// A cache that should not keep its values alive is a map of weak pointers plus
// a cleanup per value that removes the entry. Both halves are needed. Weak
// pointers alone leave dead entries, so the map grows with every key ever seen. The
// cleanup must compare the entry with its own weak pointer before it deletes,
// because a new value may be there already. Such a cache shares what is in use;
// it does not keep what may be used again, so it is no replacement for an LRU.
//
//claim:ask How do you build a cache that does not prevent its values from being collected?
//claim:source https://go.dev/doc/gc-guide#Finalizers_cleanups_and_weak_pointers
func TestWeakCache(t *testing.T) {
	var cache WeakCache[string, doomed]
	built := 0
	build := func(string) *doomed { built++; return &doomed{id: built} }

	kept := cache.Get("kept", build)
	require.Same(t, kept, cache.Get("kept", build))
	func() { cache.Get("dropped", build) }()
	require.Equal(t, 2, built)
	require.Equal(t, 2, cache.Len())
	require.Nil(t, cache.Get("none", func(string) *doomed { return nil }))

	for deadline := time.Now().Add(10 * time.Second); cache.Len() == 2; {
		require.True(t, time.Now().Before(deadline))
		collected := make(chan bool, 1)
		runtime.AddCleanup(new(doomed), func(int) { collected <- true }, 0)
		receivedByGC(t, collected)
	}
	require.Equal(t, 1, cache.Len(), "the unused entry is gone")
	require.Same(t, kept, cache.Get("kept", build))
	require.Equal(t, 3, cache.Get("dropped", build).id, "built anew")

	// A late cleanup of the old value must not remove the new one.
	late := weak.Make(new(doomed))
	cache.evict("kept", late)
	require.Same(t, kept, cache.Get("kept", build))
}

// Objects smaller than 16 bytes without pointers are packed together into
// blocks of 16 bytes, and a block lives as long as any of its objects. A weak
// pointer to such an object may therefore stay valid, and its cleanup wait, as
// long as a neighbour is in use. Watch an object that has a pointer or at least
// 16 bytes. The race detector turns the packing off, so tests with -race do not
// show the effect.
//
//claim:ask Why does the cleanup or weak pointer of a small object fire late or never?
//claim:source https://pkg.go.dev/runtime#AddCleanup
func TestTinyCleanup(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector turns the tiny allocator off")
	}
	const n = 64
	require.Greater(t, deadNeighbours[int32](n), n/2, "kept by the neighbours")
	require.Zero(t, deadNeighbours[*int32](n), "has a pointer")
	require.Zero(t, deadNeighbours[[4]int32](n), "has 16 bytes")
}

// deadNeighbours makes 2n objects one after the other, keeps every second one,
// and returns how many of the others a collection leaves alive.
//
//go:noinline
func deadNeighbours[T any](n int) (alive int) {
	var kept []*T
	var watch []weak.Pointer[T]
	for range n {
		kept = append(kept, new(T))
		watch = append(watch, weak.Make(new(T)))
	}
	runtime.GC()
	for _, w := range watch {
		if w.Value() != nil {
			alive++
		}
	}
	runtime.KeepAlive(kept)
	return alive
}
