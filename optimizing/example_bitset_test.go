package optimizing_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleBitSet() {
	var primes optimizing.BitSet
	for _, i := range []int{2, 3, 5, 7, 11} {
		primes.Add(i)
	}
	fmt.Println("is 7 a prime?", primes.Has(7))
	fmt.Println("is 8 a prime?", primes.Has(8))
	// Output:
	// is 7 a prime? true
	// is 8 a prime? false
}

func ExampleBitSet_Add() {
	var set optimizing.BitSet
	set.Add(100)
	set.Add(100)
	fmt.Println("elements:", set.Len())
	// Output: elements: 1
}

func ExampleBitSet_Has() {
	var set optimizing.BitSet
	set.Add(64)
	fmt.Println("64:", set.Has(64), "63:", set.Has(63), "9999:", set.Has(9999))
	// Output: 64: true 63: false 9999: false
}

func ExampleBitSet_Len() {
	var set optimizing.BitSet
	for i := range 1000 {
		set.Add(i * 3)
	}
	fmt.Println("elements:", set.Len())
	// Output: elements: 1000
}

func ExampleBitSet_KeepOnly() {
	var red, round optimizing.BitSet
	for i := range 30 {
		if i%2 == 0 {
			red.Add(i)
		}
		if i%7 == 0 {
			round.Add(i)
		}
	}
	red.KeepOnly(&round)
	for row := range red.All() {
		fmt.Println("red and round: row", row)
	}
	// Output:
	// red and round: row 0
	// red and round: row 14
	// red and round: row 28
}

func ExampleBitSet_All() {
	var set optimizing.BitSet
	for _, i := range []int{500, 3, 70} {
		set.Add(i)
	}
	for i := range set.All() {
		fmt.Println("element:", i)
	}
	// Output:
	// element: 3
	// element: 70
	// element: 500
}
