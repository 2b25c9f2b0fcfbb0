package reflection_test

import (
	"fmt"
	"reflect"
)

// A list of channels of different types in one select.
func Example_rselect() {
	numbers, words := make(chan int, 1), make(chan string, 1)
	var cases []reflect.SelectCase
	for _, c := range []any{numbers, words} {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)})
	}
	words <- "hello"
	i, v, ok := reflect.Select(cases)
	fmt.Println(i, v, ok)
	close(numbers)
	i, v, ok = reflect.Select(cases)
	fmt.Println(i, v, ok)
	// Output:
	// 1 hello true
	// 0 0 false
}
