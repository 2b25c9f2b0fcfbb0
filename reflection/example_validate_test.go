package reflection_test

import (
	"errors"
	"fmt"

	"github.com/go-deep-dive/godeep/reflection"
)

// All problems come at once, each with its path.
func ExampleValidate() {
	type item struct {
		Name  string `validate:"required"`
		Price int    `validate:"min=1"`
	}
	type order struct {
		ID    string `validate:"len=4"`
		Mail  string `validate:"omitempty,email"`
		Items []item `validate:"min=1,max=100"`
	}
	fmt.Println(reflection.Validate(order{ID: "A123", Items: []item{{"pen", 2}}}))
	fmt.Println(reflection.Validate(&order{ID: "A1", Mail: "me", Items: []item{{"pen", 2}, {"ink", 0}}}))
	// Output:
	// <nil>
	// ID fails len=4
	// Mail fails email
	// Items[1].Price fails min=1
}

// The parts of the joined error tell path and rule, for example for the answer of an API.
func ExampleFieldError() {
	type user struct {
		Name string `validate:"required"`
		Age  int    `validate:"min=18"`
	}
	err := reflection.Validate(user{Age: 7})
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, each := range all.Unwrap() {
			if field, ok := errors.AsType[*reflection.FieldError](each); ok {
				fmt.Printf("path=%s rule=%s\n", field.Path, field.Rule)
			}
		}
	}
	// Output:
	// path=Name rule=required
	// path=Age rule=min=18
}

func ExampleFieldError_Error() {
	err := &reflection.FieldError{Path: "Items[1].Price", Rule: "min=1"}
	fmt.Println(err)
	// Output:
	// Items[1].Price fails min=1
}

// A misspelled rule is a mistake in the program: it is found with the first
// value of the type, however good the value is.
func ExampleTagError() {
	type user struct {
		Name string `validate:"requird"`
	}
	err := reflection.Validate(user{Name: "Ada"})
	tag, ok := errors.AsType[*reflection.TagError](err)
	fmt.Println(ok, tag.Field, tag.Rule)
	// Output:
	// true Name requird
}

func ExampleTagError_Error() {
	type user struct {
		Age int `validate:"min=18,email"`
	}
	fmt.Println(reflection.Validate(user{}))
	// Output:
	// reflection_test.user, field Age: "email": not for type int
}
