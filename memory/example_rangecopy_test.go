package memory_test

import "fmt"

// Ranging over an array works on a copy of it, made before the first iteration,
// so changes made in the loop do not show in the value variable; ranging over a
// pointer to an array or over a slice copies an address, and changes do show.
// If there is no value variable, there is no copy either: s[i] reads the
// original.
//
//claim:ask The body of for i, v := range x changes x[i+1]: does v see the change?
//claim:source https://go.dev/ref/spec#For_range
func Example_rangeOperand() {
	array := [3]int{1, 2, 3}
	for i, v := range array {
		if i == 0 {
			array[1] = 9
		}
		fmt.Print(v, " ")
	}
	fmt.Println("array, now", array)

	array = [3]int{1, 2, 3}
	for i, v := range &array {
		if i == 0 {
			array[1] = 9
		}
		fmt.Print(v, " ")
	}
	fmt.Println("pointer to array")

	slice := []int{1, 2, 3}
	for i, v := range slice {
		if i == 0 {
			slice[1] = 9
		}
		fmt.Print(v, " ")
	}
	fmt.Println("slice")
	// Output:
	// 1 2 3 array, now [1 9 3]
	// 1 9 3 pointer to array
	// 1 9 3 slice
}

// The loop ends after the original elements: range takes the slice header once,
// so neither appending nor shortening nor assigning nil inside the loop changes
// the number of iterations or the array that is read. After a shortening, v is
// still valid, but s[i] may panic. A loop with i < len(s) is different: it asks
// for the length each time.
//
//claim:ask Does for _, v := range s end if the body appends to s?
//claim:source https://go.dev/ref/spec#For_range
func Example_rangeAppend() {
	s := []int{1, 2, 3}
	for _, v := range s {
		s = append(s, v*10)
	}
	fmt.Println("appended: ", s)

	for i, v := range s {
		if i == 0 {
			s = s[:1]
		}
		fmt.Print(v, " ")
	}
	fmt.Println("after shortening to", s)

	for _, v := range s {
		s = nil
		fmt.Println("read", v, "after s is", s)
	}
	// Output:
	// appended:  [1 2 3 10 20 30]
	// 1 2 3 10 20 30 after shortening to [1]
	// read 1 after s is []
}

// Assigning to v or to its fields changes a copy of the element and leaves the
// slice as it is. Write to s[i], or through a pointer to it. If the elements are
// pointers, slices or maps, v is a copy of that reference, and what it leads to
// is shared: then a change through v does stay.
//
//claim:ask Why does for _, v := range items { v.field = x } not change the items?
//claim:source https://go.dev/ref/spec#For_range
func Example_rangeValue() {
	type item struct{ price int }

	values := []item{{1}, {2}}
	for _, v := range values {
		v.price = 9
	}
	fmt.Println("v:       ", values)

	for i := range values {
		values[i].price = 9
	}
	fmt.Println("index:   ", values)

	pointers := []*item{{1}, {2}}
	for _, v := range pointers {
		v.price = 9
	}
	fmt.Println("pointers:", *pointers[0], *pointers[1])
	// Output:
	// v:        [{1} {2}]
	// index:    [{9} {9}]
	// pointers: {9} {9}
}

// Ranging over an integer evaluates it once and gives the body a fresh i each
// time, so neither changing n nor changing i in the body has an effect on the
// number of iterations. In a loop with three clauses both have: the condition is
// evaluated every time, and the next i continues from the changed one. Ranging
// over integers is possible since Go 1.22.
//
//claim:ask What changes if the body of for i := range n assigns to i or n?
//claim:source https://go.dev/ref/spec#For_range
func Example_rangeInt() {
	n := 3
	for i := range n {
		fmt.Print(i, " ")
		i += 10
		n = 0
		_ = i
	}
	fmt.Println("range")

	n = 6
	for i := 0; i < n; i++ {
		fmt.Print(i, " ")
		i++
	}
	fmt.Println("three clauses")

	for i := range -1 {
		fmt.Println("never", i)
	}
	// Output:
	// 0 1 2 range
	// 0 2 4 three clauses
}
