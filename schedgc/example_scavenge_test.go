package schedgc_test

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/go-deep-dive/godeep/schedgc"
)

// After a peak most memory is in free pages: the scavenger has not returned them yet.
func ExampleHeapPages() {
	pages := schedgc.HeapPages{Objects: 40, Unused: 10, Free: 130, Released: 300, Rest: 20}
	fmt.Println("lost in pages in use:", pages.Unused)
	fmt.Println("could be returned:", pages.Free)
	fmt.Println("was returned:", pages.Released)
	// Output:
	// lost in pages in use: 10
	// could be returned: 130
	// was returned: 300
}

// A collection makes free pages, FreeOSMemory gives them back.
func ExampleReadHeapPages() {
	const mib = 1 << 20
	data := make([]byte, 32*mib)
	for i := range data {
		data[i] = 1
	}
	released := schedgc.ReadHeapPages().Released
	runtime.KeepAlive(data)
	data = nil
	debug.FreeOSMemory()
	fmt.Println("more than 16 MiB given back:", schedgc.ReadHeapPages().Released-released > 16*mib)
	// Output:
	// more than 16 MiB given back: true
}

// Released pages are still mapped addresses, and cost no memory.
func ExampleHeapPages_Mapped() {
	pages := schedgc.HeapPages{Objects: 10, Unused: 2, Free: 30, Released: 50, Rest: 8}
	fmt.Println("mapped:", pages.Mapped())
	pages.Released, pages.Free = pages.Released+pages.Free, 0
	fmt.Println("after FreeOSMemory:", pages.Mapped())
	// Output:
	// mapped: 50
	// after FreeOSMemory: 20
}
