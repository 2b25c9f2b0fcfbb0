package memory_test

import (
	"fmt"
	"testing"
)

type account struct{ balance int }

//go:noinline
func accountValue() account { return account{} }

//go:noinline
func accountPointer() *account {
	a := account{}
	return &a // valid: a outlives the call
}

func Example_returnPointer() {
	a, b := accountPointer(), accountPointer()
	a.balance = 100
	fmt.Println("a:", a.balance, "b:", b.balance)
	fmt.Println("allocations, value:  ", testing.AllocsPerRun(100, func() { accountValue() }))
	fmt.Println("allocations, pointer:", testing.AllocsPerRun(100, func() { accountPointer() }))
	// Output:
	// a: 100 b: 0
	// allocations, value:   0
	// allocations, pointer: 1
}

func Example_keywordSaysNothing() {
	stays := func() {
		a := new(account)
		b := &account{balance: 1}
		c := make([]account, 8)
		c[0].balance = a.balance + b.balance
	}
	fmt.Println("allocations:", testing.AllocsPerRun(100, stays))
	// Output:
	// allocations: 0
}
