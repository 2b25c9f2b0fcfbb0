package schedgc_test

import (
	"fmt"
	"runtime"
)

// An argument of 0 asks and changes nothing; a positive one returns the old value.
func Example_gomaxprocs() {
	atStart := runtime.GOMAXPROCS(3)
	fmt.Println("now:", runtime.GOMAXPROCS(0))
	fmt.Println("replaced:", runtime.GOMAXPROCS(atStart))
	fmt.Println("as before:", runtime.GOMAXPROCS(0) == atStart)
	// Output:
	// now: 3
	// replaced: 3
	// as before: true
}
