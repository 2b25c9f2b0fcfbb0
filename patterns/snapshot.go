package patterns

import (
	"sync"
	"sync/atomic"
)

// A Snapshot publishes a value that is read all the time and changed now and
// then, such as a configuration or a routing table. Readers take the current
// version without a lock and keep it as long as they like; a writer copies it,
// changes the copy and publishes that. The zero value holds the zero T.
//
// All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - Load never waits, and what it returns never changes: a reader sees one
//     whole version, not a mixture.
//   - What a writer did before it published a version is visible to those who
//     load that version.
//   - Writers take turns, so no update is lost. If the function of Update
//     returns an error or panics, the current version stays.
//   - An old version is freed when its last reader has let go of it.
//
// # Cost
//
// Load is one atomic load of a pointer, without an allocation. Store and Update
// allocate one T, and Update copies it. What T refers to, such as a map, must
// be copied by the function of Update, which takes time in proportion to its
// size.
//
// # When not to use it
//
// With large maps that change often, copying costs too much: use [ShardedMap],
// or a map with a mutex. If there is nothing but Load and Store, an
// atomic.Pointer does it. Versions are for reading only: nothing stops a reader
// from writing to them, and the race detector finds it only if it happens. T
// must not contain a mutex.
type Snapshot[T any] struct {
	current atomic.Pointer[T]
	mu      sync.Mutex // held by writers
}

// Load returns the current version. It must not be modified. Call Load once for
// each piece of work, because the next call may return another version.
func (s *Snapshot[T]) Load() *T {
	if p := s.current.Load(); p != nil {
		return p
	}
	return new(T)
}

// Store publishes value. It waits for a running Update, which cannot undo it.
func (s *Snapshot[T]) Store(value T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.Store(&value)
}

// Update copies the current version, calls change with the copy and publishes
// it, unless change returns an error, which Update returns. The copy is
// shallow: change must not modify what its maps, slices and pointers refer to,
// but replace them. It must not call Store or Update, nor use next after it has
// returned.
func (s *Snapshot[T]) Update(change func(next *T) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := *s.Load()
	if err := change(&next); err != nil {
		return err
	}
	s.current.Store(&next)
	return nil
}
