package memory

// The three functions of this file differ in what a pointer taken in the body of
// a range loop points to, and in what that costs.

// pointersToElements takes the address of each element: writing through it
// changes s, and nothing but the result is allocated.
func pointersToElements(s []int) []*int {
	pointers := make([]*int, len(s)) //claim:heap
	for i := range s {               //claim:stack
		pointers[i] = &s[i] //claim:stack
	}
	return pointers
}

// pointersToCopies takes the address of the variable v, which since Go 1.22 is
// a new one in each iteration: a heap allocation per element.
func pointersToCopies(s []int) []*int {
	pointers := make([]*int, len(s)) //claim:heap
	for i, v := range s {            //claim:heap
		pointers[i] = &v
	}
	return pointers
}

// pointersToOneVariable assigns to a variable declared before the loop, which
// stays one variable in every release.
func pointersToOneVariable(s []int) []*int {
	pointers := make([]*int, len(s)) //claim:heap
	var v int                        //claim:heap
	var i int
	for i, v = range s {
		pointers[i] = &v
	}
	return pointers
}
