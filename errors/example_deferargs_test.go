package errors_test

import "fmt"

type deferargsAccount struct{ balance int }

func (a deferargsAccount) printCopy()     { fmt.Println("value receiver:", a.balance) }
func (a *deferargsAccount) printCurrent() { fmt.Println("pointer receiver:", a.balance) }

// A deferred method with a value receiver works on the copy that was made at
// the defer statement.
func Example_deferArgsMethod() {
	a := deferargsAccount{balance: 1}
	defer a.printCopy()
	defer a.printCurrent()
	a.balance = 2
	// Output:
	// pointer receiver: 2
	// value receiver: 1
}
