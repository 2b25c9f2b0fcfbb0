package memory

import (
	"debug/elf"
	"os"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Variables of package level, by what they hold when the program starts.
var (
	regionSet      = gridPoint{1, 2}        // a value
	regionZero     gridPoint                // nothing
	regionPointer  = &gridPoint{3, 4}       // the address of a literal
	regionSlice    = []gridPoint{{5, 6}}    // a slice of a literal
	regionMap      = map[string]int{"a": 1} // a map
	regionText     = "text"
	regionComputed = newPoint(7, 8) // the result of a call
)

// elfSection returns the name of the section of the running executable that
// the address lies in, or "" if it lies in none.
func elfSection(t *testing.T, p unsafe.Pointer) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("reads the executable as ELF")
	}
	path, err := os.Executable()
	require.NoError(t, err)
	f, err := elf.Open(path)
	require.NoError(t, err)
	defer f.Close()
	if f.Type != elf.ET_EXEC {
		t.Skip("a position-independent executable is loaded somewhere else")
	}
	for _, s := range f.Sections {
		if addr := uint64(uintptr(p)); s.Flags&elf.SHF_ALLOC != 0 && s.Addr <= addr && addr < s.Addr+s.Size {
			return s.Name
		}
	}
	return ""
}

// Go variables live in three regions: those of package level in the data and
// bss sections of the executable, all others on a goroutine stack or in the
// heap, which are both memory that the runtime gets while the program runs. A
// variable of package level is in data if it has an initial value that the
// compiler can write down, in bss if it starts as zero; the names noptrdata
// and noptrbss mark those without pointers, which the garbage collector need
// not scan. The bytes of a string constant are in read-only data. The compiler
// makes the decision for each variable when it builds the program.
//
//claim:ask Which regions of memory do Go variables live in, and who decides?
//claim:needs goos=linux
//claim:source runtime/symtab.go
//claim:source https://go.dev/doc/gc-guide#Where_Go_Values_Live
func TestMemoryRegions(t *testing.T) {
	assert.Equal(t, ".noptrdata", elfSection(t, unsafe.Pointer(&regionSet)))
	assert.Equal(t, ".noptrbss", elfSection(t, unsafe.Pointer(&regionZero)))
	assert.Equal(t, ".data", elfSection(t, unsafe.Pointer(&regionPointer)), "has pointers, starts set")
	assert.Equal(t, ".bss", elfSection(t, unsafe.Pointer(&keptPoint)), "has pointers, starts as zero")
	assert.Equal(t, ".rodata", elfSection(t, unsafe.Pointer(unsafe.StringData(regionText))))

	var local gridPoint
	assert.Empty(t, elfSection(t, unsafe.Pointer(newPoint(1, 2))), "heap")
	assert.Empty(t, elfSection(t, unsafe.Pointer(uintptr(unsafe.Pointer(&local)))), "stack")
}

// What a package-level pointer or slice points to is in the executable as
// well, if it is a literal the compiler can write down: nothing is allocated
// for it, and it is never freed. A map and the result of a function call are
// made by code that runs before main, and lie in the heap. The variable itself
// is in the executable in every case.
//
//claim:ask Is var p = &T{…} at package level an allocation on the heap?
//claim:needs goos=linux
//claim:source https://go.dev/ref/spec#Package_initialization
func TestGlobalInitialiser(t *testing.T) {
	assert.Equal(t, ".noptrdata", elfSection(t, unsafe.Pointer(regionPointer)))
	assert.Equal(t, ".noptrdata", elfSection(t, unsafe.Pointer(&regionSlice[0])))
	assert.Empty(t, elfSection(t, *(*unsafe.Pointer)(unsafe.Pointer(&regionMap))))
	assert.Empty(t, elfSection(t, unsafe.Pointer(regionComputed)))
	assert.NotEmpty(t, elfSection(t, unsafe.Pointer(&regionMap)))
	assert.NotEmpty(t, elfSection(t, unsafe.Pointer(&regionComputed)))
}
