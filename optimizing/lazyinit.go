package optimizing

import "fmt"

// Work that is not done until somebody needs it is work that many runs never do.
// The two checks differ in when their message is made.

func lazyInitCheck(ok bool, message string) {
	if !ok {
		panic(message)
	}
}

func lazyInitCheckf(ok bool, format string, id int) {
	if !ok {
		panic(fmt.Sprintf(format, id))
	}
}

//go:noinline
func lazyInitSumEager(ids []int) (total int) {
	for _, id := range ids {
		lazyInitCheck(id >= 0, fmt.Sprintf("order %d is negative", id))
		total += id
	}
	return total
}

//go:noinline
func lazyInitSumLazy(ids []int) (total int) {
	for _, id := range ids {
		lazyInitCheckf(id >= 0, "order %d is negative", id)
		total += id
	}
	return total
}
