package errors

import (
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Only faults at addresses near zero are taken for a nil dereference and become
// a panic. At any other address, as in a memory-mapped file that was cut short,
// or after a mistake with unsafe, the fault is the fatal error "unexpected
// fault address" and recover does not see it. debug.SetPanicOnFault(true) turns
// it into a panic for the calling goroutine; its value is a runtime.Error with
// a method Addr. A program that reads mapped files needs it.
//
//claim:ask Can I recover from a fault at an address that is not nil?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/runtime/debug#SetPanicOnFault
func TestRuntimeErrFault(t *testing.T) {
	page, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	defer func() { require.NoError(t, syscall.Munmap(page)) }()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))

	fault := runtimeerrOf(t, func() { page[100]++ })
	require.ErrorContains(t, fault, "invalid memory address or nil pointer dereference")
	where, ok := fault.(interface{ Addr() uintptr })
	require.True(t, ok)
	require.Equal(t, uintptr(unsafe.Pointer(&page[100])), where.Addr())

	end := exitpathsRun(t, "fault")
	require.Contains(t, end.stderr, "unexpected fault address")
	require.Contains(t, end.stderr, "fatal error: fault\n")
	require.Empty(t, end.stdout, "no deferred call, no recover")
}
