package interfaces

// Boxing is the conversion of a value that is not a pointer to an interface
// type: the value needs an address for the second word. The topic memory shows
// type by type what that allocates; here is where the second word points to,
// and what it costs code that takes any.

var boxingKept any

//go:noinline
func boxingInt(v int) any { return v } //claim:heap

//go:noinline
func boxingString(v string) any { return v } //claim:heap

//go:noinline
func boxingBytes(v []byte) any { return v } //claim:heap

// boxingLarge is a value that is expensive to copy.
type boxingLarge struct{ cells [128]int }

// boxingSmall is a value that is expensive only to box.
type boxingSmall struct{ x, y, z int }

//go:noinline
func boxingKeep(v any) { boxingKept = v }

// boxingSwitchedOff has a parameter that escapes only if on is set.

//go:noinline
func boxingSwitchedOff(on bool, v any) {
	if on {
		boxingKeep(v)
	}
}

//go:noinline
func boxingAlways(on bool, v boxingSmall) {
	boxingSwitchedOff(on, v) //claim:heap
}

// boxingGuarded converts where the interface is needed, and not before.
//
//go:noinline
func boxingGuarded(on bool, v boxingSmall) {
	if on {
		boxingSwitchedOff(on, v) //claim:heap
	}
}

// boxingGeneric leaves the conversion to the branch that needs it.
//
//go:noinline
func boxingGeneric[T any](on bool, v T) {
	if on {
		boxingKeep(v)
	}
}

// boxingIsLarge is small enough for the compiler to copy it into its caller.
func boxingIsLarge(v any) bool {
	n, ok := v.(int)
	return ok && n > 1000
}

//go:noinline
func boxingInlined(n int) bool {
	return boxingIsLarge(n) //claim:inlined
}

//go:noinline
func boxingIsSmall(v any) bool {
	n, ok := v.(int)
	return ok && n < 1000
}

//go:noinline
func boxingCalled(n int) bool {
	return boxingIsSmall(n) //claim:stack
}

// The functions below return n numbers, as they are and boxed, and sum them.

//go:noinline
func boxingFillInts(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = 1000 + i
	}
	return list
}

//go:noinline
func boxingFillAny(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = 1000 + i
	}
	return list
}

//go:noinline
func boxingSumInts(list []int) (sum int) {
	for _, n := range list {
		sum += n
	}
	return sum
}

//go:noinline
func boxingSumAny(list []any) (sum int) {
	for _, v := range list {
		sum += v.(int)
	}
	return sum
}
