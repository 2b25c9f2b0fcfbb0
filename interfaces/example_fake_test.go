package interfaces_test

import "fmt"

// warehouseAPI is large, and belongs to somebody else.
type warehouseAPI interface {
	Stock(item string) int
	Order(item string, n int) error
	Cancel(id int) error
}

func reorder(w warehouseAPI, item string) bool { return w.Stock(item) < 5 }

// lowStock writes one method; the nil interface inside makes it compile.
type lowStock struct{ warehouseAPI }

func (lowStock) Stock(string) int { return 2 }

func Example_fakePartial() {
	fmt.Println("reorder:", reorder(lowStock{}, "book"))
	defer func() { fmt.Println("not faked:", recover() != nil) }()
	lowStock{}.Cancel(1)
	// Output:
	// reorder: true
	// not faked: true
}
