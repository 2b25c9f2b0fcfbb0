package memory_test

import (
	"bytes"
	"fmt"
	"unique"
	"unsafe"

	"github.com/go-deep-dive/godeep/memory"
)

func ExampleInterner() {
	var names memory.Interner
	row := []byte("host=a;host=b;host=a")
	var kept []string
	for field := range bytes.SplitSeq(row, []byte(";")) {
		kept = append(kept, names.Intern(field))
	}
	fmt.Println(kept)
	fmt.Println("first and third share memory:", unsafe.StringData(kept[0]) == unsafe.StringData(kept[2]))
	// Output:
	// [host=a host=b host=a]
	// first and third share memory: true
}

func ExampleInterner_Intern() {
	var names memory.Interner
	buffer := []byte("GET")
	method := names.Intern(buffer)
	copy(buffer, "PUT") // the interned string has bytes of its own
	fmt.Println(method, names.Intern(buffer))
	// Output: GET PUT
}

func Example_uniqueHandle() {
	a := unique.Make("example.com")
	b := unique.Make(string([]byte("example.com")))
	fmt.Println("same handle:", a == b)
	fmt.Println("value:", a.Value())
	fmt.Println("other text:", a == unique.Make("example.org"))
	// Output:
	// same handle: true
	// value: example.com
	// other text: false
}
