package memory_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

func Example_nilMap() {
	var m map[string]int
	fmt.Println("read:", m["a"], "len:", len(m))
	delete(m, "a")
	for range m {
		fmt.Println("never")
	}
	func() {
		defer func() { fmt.Println("write:", recover()) }()
		m["a"] = 1
	}()
	// Output:
	// read: 0 len: 0
	// write: assignment to entry in nil map
}

func Example_mapIsPointer() {
	add := func(m map[string]int) { m["added"] = 1 }
	replace := func(m map[string]int) {
		m = maps.Clone(m)
		m["lost"] = 1
	}
	m := map[string]int{}
	add(m)
	replace(m)
	fmt.Println(m)
	// Output: map[added:1]
}

func Example_mapOrder() {
	m := map[string]int{"c": 3, "a": 1, "b": 2}
	fmt.Println("fmt sorts:", m)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		fmt.Println(key, m[key])
	}
	// Output:
	// fmt sorts: map[a:1 b:2 c:3]
	// a 1
	// b 2
	// c 3
}

func Example_mapElementAddress() {
	type point struct{ x, y int }
	values := map[string]point{"a": {1, 2}}
	// values["a"].x = 9 does not compile.
	p := values["a"]
	p.x = 9
	values["a"] = p
	fmt.Println("stored back:", values["a"])

	pointers := map[string]*point{"a": {1, 2}}
	pointers["a"].x = 9
	fmt.Println("through a pointer:", *pointers["a"])
	// Output:
	// stored back: {9 2}
	// through a pointer: {9 2}
}

// To sort a map by its values, collect the keys in a slice and sort that; a map
// itself has no order to change. The comparison looks up the values, and falls
// back to the key where values are equal, so that the result is always the
// same.
//
//claim:ask How do you sort a map by its values?
//claim:source https://pkg.go.dev/slices#SortFunc
func Example_mapSortByValue() {
	votes := map[string]int{"ann": 3, "bob": 7, "cid": 3}
	names := slices.SortedFunc(maps.Keys(votes), func(a, b string) int {
		return cmp.Or(-cmp.Compare(votes[a], votes[b]), cmp.Compare(a, b))
	})
	for _, name := range names {
		fmt.Println(name, votes[name])
	}
	// Output:
	// bob 7
	// ann 3
	// cid 3
}
