package memory

import (
	"runtime"
	"sync"
)

// Code can follow the death of an object in three ways: a finalizer
// (runtime.SetFinalizer), a cleanup (runtime.AddCleanup, Go 1.24) and a weak
// pointer (package weak, Go 1.24). Here is the first pattern that needs one, the
// safety net under a Close; the other, a weak cache, is in cleanup_weak.go.

// Resource stands for something outside the Go heap that has to be given back:
// a file descriptor, memory of a C library, a row in a lock table. Its owner
// calls Close; a cleanup gives it back if the owner forgets. A Resource is safe
// for concurrent use.
type Resource struct {
	id      int
	release func(id int)
	cleanup runtime.Cleanup
	once    sync.Once
}

// OpenResource returns the resource id. release is called once with id: by
// Close, or by the runtime in a goroutine of its own some time after the
// Resource has become unreachable. release must not refer to the Resource.
func OpenResource(id int, release func(id int)) *Resource {
	r := &Resource{id: id, release: release}
	// The argument is the id and not r: a cleanup that can reach its object
	// keeps it alive and never runs.
	r.cleanup = runtime.AddCleanup(r, release, id)
	return r
}

// Close releases the resource. Calls after the first do nothing.
func (r *Resource) Close() {
	r.once.Do(func() {
		r.cleanup.Stop()
		r.release(r.id)
	})
	// Without this line r could die inside Close before Stop is called, and
	// release would be called twice.
	runtime.KeepAlive(r)
}
