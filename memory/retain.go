package memory

import "unsafe"

// SharesText reports whether two strings share bytes in memory, so that each
// of them keeps the text of the other alive. Equal strings need not share, and
// empty ones never do. It takes constant time and reads no text.
func SharesText(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	startA := uintptr(unsafe.Pointer(unsafe.StringData(a)))
	startB := uintptr(unsafe.Pointer(unsafe.StringData(b)))
	return startA < startB+uintptr(len(b)) && startB < startA+uintptr(len(a))
}
