package memory

import (
	"bytes"
	"sync"
)

// Every variable has a value from the start: the zero value of its type, which
// is zero bytes. Good types make it useful, so that they need no constructor.

// Tracker counts events by name. The zero value is ready to use. It is safe for
// concurrent use and must not be copied after its first use.
type Tracker struct {
	mu     sync.Mutex
	counts map[string]int
	log    bytes.Buffer
}

// Count adds one to the count of name and returns it.
func (t *Tracker) Count(name string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil { // the one field whose zero value cannot be written to
		t.counts = make(map[string]int)
	}
	t.counts[name]++
	t.log.WriteString(name)
	t.log.WriteByte('\n')
	return t.counts[name]
}

// Log returns the names in the order they were counted, a line each.
func (t *Tracker) Log() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.log.String()
}

// Zero returns the zero value of T, for generic code that needs one.
func Zero[T any]() T {
	var zero T
	return zero
}

// branch is a binary tree whose methods work on nil, the empty tree.
type branch struct {
	left, right *branch
	value       int
}

func (b *branch) sum() int {
	if b == nil {
		return 0
	}
	return b.left.sum() + b.value + b.right.sum()
}

// zeroError is a typed error for the most famous trap of nil.
type zeroError struct{}

func (*zeroError) Error() string { return "zero" }

// failTyped returns a nil pointer in a non-nil error, failPlain a nil error.
func failTyped() error {
	var err *zeroError
	return err
}

func failPlain() error { return nil }

// useBuffer counts its calls in a large buffer and uses nothing else of it.
//
//go:noinline
func useBuffer(buffer *[65536]byte) int {
	buffer[0]++
	return int(buffer[0])
}

//go:noinline
func useLocalBuffer() int {
	var buffer [65536]byte //claim:stack
	return useBuffer(&buffer)
}

//go:noinline
func clearBuiltin(s []byte) { clear(s) }

//go:noinline
func clearByRange(s []byte) {
	for i := range s {
		s[i] = 0
	}
}

//go:noinline
func clearByCount(s []byte) {
	for i := 0; i < len(s); i++ {
		s[i] = 0
	}
}
