package interfaces_test

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// The name of a running generic function does not tell its type arguments; the value
// does.
func Example_shapeName() {
	fmt.Println(shapeDescribe(new(int)))
	fmt.Println(shapeDescribe(new(string)))
	// Output:
	// shapeDescribe[...] of *int
	// shapeDescribe[...] of *string
}

func shapeDescribe[T any](v T) string {
	pc, _, _, _ := runtime.Caller(0)
	_, name, _ := strings.Cut(path.Base(runtime.FuncForPC(pc).Name()), ".")
	return fmt.Sprintf("%s of %T", name, v)
}
