package interfaces_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/interfaces"
)

func ExampleAnys() {
	words := []string{"a", "b"}
	values := interfaces.Anys(words)
	fmt.Println(len(values), "arguments")
	fmt.Printf("%s and %s\n", values...)
	// Output:
	// 2 arguments
	// a and b
}

type shape interface{ area() int }

type square struct{ side int }

func (s square) area() int { return s.side * s.side }

func total(shapes []shape) (sum int) {
	for _, s := range shapes {
		sum += s.area()
	}
	return sum
}

func totalOf[S shape](shapes []S) (sum int) {
	for _, s := range shapes {
		sum += s.area()
	}
	return sum
}

// A []square is not a []shape, so it is copied element by element. A function with a type
// parameter takes the []square as it is, but then all elements have one type.
func Example_convertSlice() {
	squares := []square{{1}, {2}, {3}}
	var shapes []shape
	for _, s := range squares {
		shapes = append(shapes, s)
	}
	fmt.Println("interface:     ", total(shapes))
	fmt.Println("type parameter:", totalOf(squares))
	// Output:
	// interface:      14
	// type parameter: 14
}
