package interfaces_test

import (
	"fmt"
	"io"
)

type (
	diskCache struct{}
	dbConn    struct{}
	backend   struct {
		diskCache
		dbConn
	}
)

func (diskCache) Close() error { return nil }
func (dbConn) Close() error    { return nil }

// Two embedded types with a Close at the same depth: the struct has none, and an
// assertion that looks for it is silently false.
func Example_selectorAmbiguous() {
	var b backend // b.Close() does not compile: ambiguous selector
	_, ok := any(b).(io.Closer)
	fmt.Println("has Close:", ok)
	fmt.Println("full paths:", b.dbConn.Close(), b.diskCache.Close())
	// Output:
	// has Close: false
	// full paths: <nil> <nil>
}
