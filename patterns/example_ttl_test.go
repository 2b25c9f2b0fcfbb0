package patterns_test

import (
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleTTL() {
	var sessions patterns.TTL[string, int]
	sessions.Put("token", 42, time.Hour)
	user, ok := sessions.Get("token")
	fmt.Println(user, ok)
	// Output:
	// 42 true
}

// The answer itself says how long it may be used, so every entry has its own
// life.
func ExampleTTL_Put() {
	var addresses patterns.TTL[string, string]
	addresses.Put("go.dev", "2001:db8::1", 5*time.Minute)
	addresses.Put("old.example", "2001:db8::2", 0) // not a moment
	_, ok := addresses.Get("old.example")
	fmt.Println(addresses.Len(), ok)
	// Output:
	// 1 false
}

func ExampleTTL_Get() {
	var c patterns.TTL[string, int]
	c.Put("a", 1, time.Nanosecond)
	time.Sleep(time.Millisecond)
	fmt.Println(c.Get("a"))
	// Output:
	// 0 false
}

func ExampleTTL_Remove() {
	var c patterns.TTL[string, int]
	c.Put("a", 1, time.Hour)
	fmt.Println(c.Remove("a"))
	fmt.Println(c.Remove("a"))
	// Output:
	// 1 true
	// 0 false
}

// Len counts what is in memory, expired or not. All yields only what is alive.
func ExampleTTL_Len() {
	var c patterns.TTL[string, int]
	c.Put("long", 1, time.Hour)
	c.Put("short", 2, time.Millisecond)
	time.Sleep(2 * time.Millisecond)
	fmt.Println(c.Len())
	for key := range c.All() {
		fmt.Println(key)
	}
	// Output:
	// 2
	// long
}

func ExampleTTL_All() {
	var c patterns.TTL[string, int]
	c.Put("a", 1, time.Hour)
	c.Put("b", 2, time.Hour)
	for key := range c.All() {
		c.Remove(key) // the loop works on a copy
	}
	fmt.Println(c.Len())
	// Output:
	// 0
}

// A cache that nobody writes to is cleaned by a loop that its owner can end.
func ExampleTTL_RemoveExpired() {
	var c patterns.TTL[int, int]
	for i := range 100 {
		c.Put(i, i, time.Millisecond)
	}
	time.Sleep(2 * time.Millisecond)
	fmt.Println(c.Len() > 0)
	c.RemoveExpired()
	fmt.Println(c.Len())
	// Output:
	// true
	// 0
}
