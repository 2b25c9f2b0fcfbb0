package reflection_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/reflection"
)

// A tag with a mistake gives the pairs before it and an error. StructTag.Get
// would only find nothing.
func ExampleParseTag() {
	pairs, err := reflection.ParseTag(`json:"id,omitempty" db:"order_id"`)
	fmt.Printf("%q %v\n", pairs, err)

	pairs, err = reflection.ParseTag(`json:"id" db: "order_id"`)
	fmt.Printf("%q\n%v\n", pairs, err)
	// Output:
	// [{"json" "id,omitempty"} {"db" "order_id"}] <nil>
	// [{"json" "id"}]
	// struct tag "json:\"id\" db: \"order_id\"", byte 10: a key must be followed by :"
}

// Pairs keep the order of the tag, which Get does not tell.
func ExampleTagPair() {
	pairs, _ := reflection.ParseTag(`json:"id" xml:"id,attr"`)
	for _, pair := range pairs {
		fmt.Println(pair.Key, "=", pair.Value)
	}
	// Output:
	// json = id
	// xml = id,attr
}
