package memory

import (
	"os"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Convert it in the list of arguments of syscall.Syscall: there the compiler keeps
// the object alive and in its place until the call returns. A uintptr that was put
// into a variable before is an ordinary number and keeps nothing alive, see
// UintptrIsNoPointer. os.File.Write and the like do this for you.
//
//claim:ask How do you pass a pointer to a system call?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/unsafe#Pointer
func TestSyscallPointer(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()

	text := []byte("text")
	n, _, errno := syscall.Syscall(syscall.SYS_WRITE, w.Fd(), uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)))
	require.Zero(t, errno)
	require.Equal(t, uintptr(len(text)), n)

	got := make([]byte, len(text))
	_, err = r.Read(got)
	require.NoError(t, err)
	require.Equal(t, text, got)
}
