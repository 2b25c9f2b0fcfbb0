package errors_test

import (
	"fmt"
	"strconv"
	"sync"

	deep "github.com/go-deep-dive/godeep/errors"
)

func ExampleCollector() {
	failed := deep.Collector{Limit: 2}
	var wg sync.WaitGroup
	for i, text := range []string{"1", "two", "3", "four", "five"} {
		wg.Go(func() {
			_, err := strconv.Atoi(text)
			failed.Add(i, err)
		})
	}
	wg.Wait()
	fmt.Println(failed.Err())
	// Output:
	// strconv.Atoi: parsing "two": invalid syntax
	// strconv.Atoi: parsing "four": invalid syntax
	// and 1 more
}

func ExampleCollector_Add() {
	var failed deep.Collector
	failed.Add(2, deep.NotFound)
	failed.Add(1, deep.Internal)
	failed.Add(0, nil)
	fmt.Println(failed.Err())
	// Output:
	// internal error
	// not found
}

func ExampleCollector_Err() {
	var failed deep.Collector
	fmt.Println(failed.Err())
	failed.Add(0, deep.NotFound)
	fmt.Println(failed.Err() == deep.NotFound)
	// Output:
	// <nil>
	// true
}
