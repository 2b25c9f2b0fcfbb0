package optimizing_test

import (
	"bytes"
	"fmt"
	"log"
	"runtime"
	"runtime/pprof"
)

// A file with the four views of the heap: collect first, so that it is up to
// date. Then read it with go tool pprof -sample_index=inuse_space FILE, or
// another view.
func Example_profWriteHeap() {
	var file bytes.Buffer // in a program: os.Create
	runtime.GC()
	if err := pprof.Lookup("heap").WriteTo(&file, 0); err != nil {
		log.Fatal(err)
	}
	fmt.Println("a gzip file:", bytes.HasPrefix(file.Bytes(), []byte{0x1f, 0x8b}))
	// Output:
	// a gzip file: true
}
