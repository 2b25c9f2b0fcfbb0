package memory_test

import (
	"fmt"
	"runtime"
	"weak"

	"github.com/go-deep-dive/godeep/memory"
)

func ExampleOpenResource() {
	released := make(chan int)
	memory.OpenResource(7, func(id int) { released <- id }) // nobody closes it
	runtime.GC()
	fmt.Println("the runtime released", <-released)
	// Output: the runtime released 7
}

func ExampleResource() {
	use := func() {
		r := memory.OpenResource(7, func(id int) { fmt.Println("released", id) })
		defer r.Close()
		fmt.Println("in use")
	}
	use()
	// Output:
	// in use
	// released 7
}

func ExampleResource_Close() {
	r := memory.OpenResource(7, func(id int) { fmt.Println("released", id) })
	defer r.Close() // does nothing any more
	r.Close()
	// Output: released 7
}

func ExampleWeakCache() {
	type page struct{ title *string }
	load := func(name string) *page {
		fmt.Println("load", name)
		return &page{title: &name}
	}
	var pages memory.WeakCache[string, page]
	first := pages.Get("home", load)
	second := pages.Get("home", load)
	fmt.Println("shared:", first == second)
	fmt.Println("entries:", pages.Len())
	runtime.KeepAlive(first)
	// Output:
	// load home
	// shared: true
	// entries: 1
}

func ExampleWeakCache_Get() {
	var buffers memory.WeakCache[int, [4096]byte]
	loads := 0
	load := func(int) *[4096]byte { loads++; return new([4096]byte) }
	buffers.Get(1, load) // used once and dropped
	runtime.GC()
	buffers.Get(1, load)
	fmt.Println("loads:", loads)
	// Output: loads: 2
}

func ExampleWeakCache_Len() {
	var pages memory.WeakCache[string, string]
	name := func(key string) *string { return &key }
	home, help := pages.Get("home", name), pages.Get("help", name)
	fmt.Println(pages.Len(), *home, *help)
	// Output: 2 home help
}

// A weak pointer can be a map key: it attaches data to an object without a
// field in it and without keeping it alive.
func Example_weakKey() {
	type user struct{ name string }
	visits := make(map[weak.Pointer[user]]int)
	u := &user{name: "ann"}
	visits[weak.Make(u)]++
	visits[weak.Make(u)]++
	fmt.Println(u.name, visits[weak.Make(u)])
	// Output: ann 2
}
