package errors_test

import (
	"errors"
	"fmt"
	"io"

	deep "github.com/go-deep-dive/godeep/errors"
)

func ExampleInField() {
	checkAddress := func(street, city string) (err error) {
		if street == "" {
			err = errors.Join(err, deep.InField("street", errors.New("is empty")))
		}
		if city == "" {
			err = errors.Join(err, deep.InField("city", errors.New("is empty")))
		}
		return err
	}
	fmt.Println(deep.InField("address", checkAddress("", "")))
	fmt.Println(deep.InField("address", checkAddress("Long Lane 1", "Bath")))
	// Output:
	// address.street: is empty
	// address.city: is empty
	// <nil>
}

func ExampleFieldError() {
	err := errors.Join(
		deep.InField("name", errors.New("is empty")),
		deep.InField("items", deep.InField("[2]", deep.OutOfRange)),
	)
	for field := range deep.AllAs[*deep.FieldError](err) {
		fmt.Printf("%s -> %v\n", field.Path, field.Err)
	}
	// Output:
	// name -> is empty
	// items[2] -> out of range
}

func ExampleFieldError_Error() {
	err := deep.FieldError{Path: "port", Err: deep.OutOfRange}
	fmt.Println(err.Error())
	// Output: port: out of range
}

func ExampleFieldError_Unwrap() {
	err := deep.InField("body", io.ErrUnexpectedEOF)
	fmt.Println(errors.Is(err, io.ErrUnexpectedEOF))
	// Output: true
}
