package patterns_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/go-deep-dive/godeep/patterns"
)

// Goroutines count words together. Compute makes reading and adding one step.
func ExampleShardedMap() {
	var counts patterns.ShardedMap[string, int]
	var readers sync.WaitGroup
	for _, line := range []string{"to be or not", "to be that is", "to think"} {
		readers.Go(func() {
			for word := range strings.FieldsSeq(line) {
				counts.Compute(word, func(n int, _ bool) (int, bool) { return n + 1, true })
			}
		})
	}
	readers.Wait()
	fmt.Println(counts.Load("to"))
	fmt.Println(counts.Len(), "words")
	// Output:
	// 3 true
	// 7 words
}

func ExampleShardedMap_Load() {
	var m patterns.ShardedMap[string, int]
	m.Store("a", 1)
	fmt.Println(m.Load("a"))
	fmt.Println(m.Load("b"))
	// Output:
	// 1 true
	// 0 false
}

func ExampleShardedMap_Store() {
	var m patterns.ShardedMap[int, string]
	m.Store(1, "one")
	m.Store(1, "uno")
	fmt.Println(m.Load(1))
	// Output:
	// uno true
}

// Whoever comes first sets the value, and all get that one.
func ExampleShardedMap_LoadOrStore() {
	var owners patterns.ShardedMap[string, string]
	fmt.Println(owners.LoadOrStore("job", "worker 1"))
	fmt.Println(owners.LoadOrStore("job", "worker 2"))
	// Output:
	// worker 1 false
	// worker 1 true
}

// Compute can also remove: here the last user of a connection.
func ExampleShardedMap_Compute() {
	var users patterns.ShardedMap[string, int]
	users.Store("db", 2)
	leave := func(n int, ok bool) (int, bool) { return n - 1, ok && n > 1 }
	fmt.Println(users.Compute("db", leave))
	fmt.Println(users.Compute("db", leave))
	fmt.Println(users.Len())
	// Output:
	// 1 true
	// 0 false
	// 0
}

func ExampleShardedMap_Delete() {
	var m patterns.ShardedMap[string, int]
	m.Store("a", 1)
	fmt.Println(m.Delete("a"))
	fmt.Println(m.Delete("a"))
	// Output:
	// 1 true
	// 0 false
}

func ExampleShardedMap_Len() {
	var m patterns.ShardedMap[int, bool]
	for i := range 1000 {
		m.Store(i%10, true)
	}
	fmt.Println(m.Len())
	// Output:
	// 10
}

func ExampleShardedMap_All() {
	var m patterns.ShardedMap[string, int]
	m.Store("b", 2)
	m.Store("a", 1)
	m.Store("c", 3)
	plain := maps.Collect(m.All())
	fmt.Println(slices.Sorted(maps.Keys(plain)))
	// Output:
	// [a b c]
}
