package memory

import "unsafe"

// A conversion between string and []byte copies the bytes, because a string may
// not change and a slice may. The compiler leaves the copy out where nobody
// could tell the difference. The functions below show, line by line, where it
// can and where it cannot: a conversion that does not escape costs at most a
// copy on the stack, and in the marked cases nothing at all.

// lookupBytes finds a key that is at hand as bytes; no string is made.
func lookupBytes(counts map[string]int, key []byte) int {
	return counts[string(key)] //claim:stack
}

// lookupBytesNamed does the same with a variable in between.
func lookupBytesNamed(counts map[string]int, key []byte) int {
	//lint:ignore SA6001 that it makes no difference any more is the point
	name := string(key) //claim:stack
	return counts[name]
}

// countBytes must keep the key, so the string is made, even if it is there
// already.
func countBytes(counts map[string]int, key []byte) {
	counts[string(key)]++ //claim:heap
}

// countBytesPointer makes the string only for a new key.
func countBytesPointer(counts map[string]*int, key []byte) {
	n := counts[string(key)] //claim:stack
	if n == nil {
		n = new(int)            //claim:heap
		counts[string(key)] = n //claim:heap
	}
	*n++
}

// sumBytes only reads its argument.
//
//go:noinline
func sumBytes(b []byte) (sum int) {
	for _, c := range b {
		sum += int(c)
	}
	return sum
}

// wipeBytes writes to its argument.
//
//go:noinline
func wipeBytes(b []byte) int {
	clear(b)
	return len(b)
}

// aliasString returns a string that shares the bytes of b. Nobody may write to
// b afterwards for as long as the string is in use.
func aliasString(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //claim:stack
}
