package memory_test

import "fmt"

func Example_closureCapture() {
	n := 1
	f := func() int { return n } // n is assigned below: f shares the variable
	n = 2
	fmt.Println("n:", f())

	m := 1
	g := func() int { m++; return m }
	g()
	g()
	fmt.Println("m:", m)
	// Output:
	// n: 2
	// m: 3
}

func Example_methodValue() {
	a := account{balance: 1}
	byValue := a.value    // copies a now
	byAddress := a.double // copies &a
	a.balance = 10
	byAddress()
	fmt.Println("method value:", byValue())
	fmt.Println("variable:", a.balance)
	// Output:
	// method value: 1
	// variable: 20
}

func (a account) value() int { return a.balance }

func (a *account) double() { a.balance *= 2 }
