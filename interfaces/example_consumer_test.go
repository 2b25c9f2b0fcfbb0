package interfaces_test

import "fmt"

// warehouse is a client with many methods, of another package in real programs.
type warehouse struct{ stock map[string]int }

func (w *warehouse) Count(item string) int    { return w.stock[item] }
func (w *warehouse) Add(item string, n int)   { w.stock[item] += n }
func (w *warehouse) Transfer(to *warehouse)   {}
func (w *warehouse) Reserve(item string) bool { return w.stock[item] > 0 }

// counter is declared by the code that needs it, and has what is needed.
type counter interface{ Count(item string) int }

func soldOut(c counter, item string) bool { return c.Count(item) == 0 }

// emptyShelf is the whole fake.
type emptyShelf struct{}

func (emptyShelf) Count(string) int { return 0 }

func Example_consumerInterface() {
	fmt.Println("real:", soldOut(&warehouse{map[string]int{"book": 3}}, "book"))
	fmt.Println("fake:", soldOut(emptyShelf{}, "book"))
	// Output:
	// real: false
	// fake: true
}
