package patterns_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleLRU() {
	cache := patterns.NewLRU[string, int](2, nil)
	cache.Put("a", 1)
	cache.Put("b", 2)
	cache.Get("a")    // now b is the oldest
	cache.Put("c", 3) // and makes room
	for key, value := range cache.All() {
		fmt.Println(key, value)
	}
	// Output:
	// a 1
	// c 3
}

// The callback closes what the cache has opened. Replaced and removed values
// are returned instead, because their caller may still need them.
func ExampleNewLRU() {
	closeFile := func(name string, descriptor int) {
		fmt.Println("close", name, descriptor)
	}
	files := patterns.NewLRU(2, closeFile)
	files.Put("one", 1)
	files.Put("two", 2)
	files.Put("three", 3)
	if descriptor, ok := files.Remove("two"); ok {
		fmt.Println("removed two", descriptor)
	}
	// Output:
	// close one 1
	// removed two 2
}

func ExampleLRU_Get() {
	cache := patterns.NewLRU[string, int](10, nil)
	cache.Put("a", 1)
	value, ok := cache.Get("a")
	fmt.Println(value, ok)
	value, ok = cache.Get("b")
	fmt.Println(value, ok)
	// Output:
	// 1 true
	// 0 false
}

func ExampleLRU_Put() {
	cache := patterns.NewLRU[string, int](10, nil)
	fmt.Println(cache.Put("a", 1))
	fmt.Println(cache.Put("a", 2))
	// Output:
	// 0 false
	// 1 true
}

// Peek does not make an entry newer, so a report does not change what is
// evicted.
func ExampleLRU_Peek() {
	cache := patterns.NewLRU[string, int](2, nil)
	cache.Put("a", 1)
	cache.Put("b", 2)
	fmt.Println(cache.Peek("a"))
	cache.Put("c", 3)
	fmt.Println(cache.Peek("a"))
	// Output:
	// 1 true
	// 0 false
}

func ExampleLRU_Remove() {
	cache := patterns.NewLRU[string, int](2, nil)
	cache.Put("a", 1)
	fmt.Println(cache.Remove("a"))
	fmt.Println(cache.Remove("a"))
	// Output:
	// 1 true
	// 0 false
}

func ExampleLRU_Len() {
	cache := patterns.NewLRU[int, string](100, nil)
	for i := range 1000 {
		cache.Put(i, "")
	}
	fmt.Println(cache.Len())
	// Output:
	// 100
}

// The loop works on a copy, so it may change the cache.
func ExampleLRU_All() {
	cache := patterns.NewLRU[string, int](10, nil)
	cache.Put("a", 1)
	cache.Put("b", -2)
	cache.Put("c", 3)
	for key, value := range cache.All() {
		if value < 0 {
			cache.Remove(key)
		}
	}
	fmt.Println(cache.Len())
	// Output:
	// 2
}
