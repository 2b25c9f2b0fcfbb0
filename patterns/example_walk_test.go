package patterns_test

import (
	"context"
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing/fstest"

	"github.com/go-deep-dive/godeep/patterns"
)

// Directories are read concurrently, and their sizes added up.
func ExampleWalk() {
	files := fstest.MapFS{
		"readme":     {Data: make([]byte, 10)},
		"src/a":      {Data: make([]byte, 100)},
		"src/deep/b": {Data: make([]byte, 1000)},
	}
	var size atomic.Int64
	err := patterns.Walk(context.Background(), 4, ".", func(_ context.Context, dir string) (subdirs []string, err error) {
		entries, err := fs.ReadDir(files, dir)
		for _, entry := range entries {
			path := dir + "/" + entry.Name()
			if dir == "." {
				path = entry.Name()
			}
			if entry.IsDir() {
				subdirs = append(subdirs, path)
			} else if info, err := entry.Info(); err == nil {
				size.Add(info.Size())
			}
		}
		return subdirs, err
	})
	fmt.Println("bytes:", size.Load(), "error:", err)
	// Output: bytes: 1110 error: <nil>
}
