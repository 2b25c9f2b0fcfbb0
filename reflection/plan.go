package reflection

import (
	"reflect"
	"sync"
)

// TypeCache keeps what was derived from a type by reflection, such as a list of
// fields with their parsed tags. A type never changes, so its entry is right
// for ever, and so is the error of a type that cannot be used. Entries are
// never dropped: that is right for the types of a program, whose number is
// fixed, and a leak for types that are made at run time with reflect.StructOf
// and the like. A TypeCache is safe for concurrent use.
type TypeCache[P any] struct {
	build   func(reflect.Type) (P, error)
	entries sync.Map // reflect.Type → *typeCacheEntry[P]
}

type typeCacheEntry[P any] struct {
	plan P
	err  error
}

// NewTypeCache returns a cache that calls build for a type it does not know.
// The result is shared by all callers of Get and must not be changed.
// Goroutines that ask for the same new type at the same time may each call
// build; they all get the result of one of these calls.
func NewTypeCache[P any](build func(reflect.Type) (P, error)) *TypeCache[P] {
	return &TypeCache[P]{build: build}
}

// Get returns what build returned for t, the error included. Apart from the
// first call for a type it costs one lookup in a [sync.Map] and no allocation.
func (c *TypeCache[P]) Get(t reflect.Type) (P, error) {
	found, ok := c.entries.Load(t)
	if !ok {
		plan, err := c.build(t)
		// Not Store: a second goroutine must not replace what the first has handed out.
		found, _ = c.entries.LoadOrStore(t, &typeCacheEntry[P]{plan, err})
	}
	entry := found.(*typeCacheEntry[P])
	return entry.plan, entry.err
}
