package optimizing_test

import (
	"fmt"
	"slices"
)

// A sorted slice finds what a map cannot: the entry before a key.
func Example_mapsliceRange() {
	from := []int{0, 1000, 5000, 20000} // where a level begins
	rate := []string{"free", "small", "medium", "large"}
	for _, amount := range []int{0, 999, 1000, 7000} {
		i, found := slices.BinarySearch(from, amount)
		if !found {
			i--
		}
		fmt.Println(amount, rate[i])
	}
	// Output:
	// 0 free
	// 999 free
	// 1000 small
	// 7000 medium
}

// If the keys are letters, the array is the map.
func Example_mapsliceLetters() {
	var counts [26]int
	for _, letter := range []byte("mississippi") {
		counts[letter-'a']++
	}
	for i, count := range counts {
		if count > 0 {
			fmt.Printf("%c:%d ", 'a'+i, count)
		}
	}
	fmt.Println()
	// Output: i:4 m:1 p:2 s:4
}
