package errors_test

import (
	"fmt"
	"strconv"

	deep "github.com/go-deep-dive/godeep/errors"
)

func ExampleCollectOK() {
	numbers := func(texts ...string) func(func(int, error) bool) {
		return func(yield func(int, error) bool) {
			for _, text := range texts {
				if !yield(strconv.Atoi(text)) {
					return
				}
			}
		}
	}
	fmt.Println(deep.CollectOK(numbers("1", "2")))
	fmt.Println(deep.CollectOK(numbers("1", "two", "3")))
	// Output:
	// [1 2] <nil>
	// [1] strconv.Atoi: parsing "two": invalid syntax
}
