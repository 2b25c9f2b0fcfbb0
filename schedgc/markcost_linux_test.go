package schedgc

import (
	"runtime"
	"syscall"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"
)

// Yes: memory from mmap, or from a C library, is no part of the heap. It counts for no
// number of the heap and for no memory limit, it is not scanned, and it must be given back
// by hand. For the same reason it must not hold pointers to Go objects: the collector does
// not see them, and here the object that only such memory refers to is collected. It
// suits huge tables of bytes and numbers; a slice of values without pointers on the
// heap is nearly as cheap to mark and is freed by itself.
//
//claim:ask Can I keep data off the Go heap, so that the collector does not see it?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/syscall#Mmap
//claim:source https://go.dev/doc/gc-guide#Memory_limit
func TestMarkOffHeap(t *testing.T) {
	const size = 4 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	memory, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip("no memory from mmap: ", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(memory)) })
	memory[size-1] = 7
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/4))
	require.Less(t, int64(after.Sys-before.Sys), int64(size/2))

	hidden := func() weak.Pointer[markNode] {
		node := &markNode{key: 7}
		*(*uintptr)(unsafe.Pointer(&memory[0])) = uintptr(unsafe.Pointer(node))
		return weak.Make(node)
	}()
	runtime.GC()
	require.Nil(t, hidden.Value())
}
