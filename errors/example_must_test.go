package errors_test

import (
	"fmt"
	"net/netip"
	"strconv"

	deep "github.com/go-deep-dive/godeep/errors"
)

var exampleMustLocal = deep.Must(netip.ParsePrefix("10.0.0.0/8"))

// Must passes the value on, or panics with the error.
func ExampleMust() {
	fmt.Println(exampleMustLocal.Bits())

	defer func() { fmt.Println("panic:", recover()) }()
	deep.Must(strconv.Atoi("ten"))
	// Output:
	// 8
	// panic: strconv.Atoi: parsing "ten": invalid syntax
}
