package interfaces_test

import (
	"fmt"
	"time"
)

// In a case with one type the variable has that type; in the others it stays what
// the operand is.
func Example_typeSwitchVariable() {
	for _, v := range []any{21, "ab", 3 * time.Second, nil} {
		switch x := v.(type) {
		case int:
			fmt.Println("int:     ", x*2)
		case string:
			fmt.Println("string:  ", x+x)
		case fmt.Stringer:
			fmt.Println("stringer:", x.String())
		default:
			fmt.Println("default: ", x)
		}
	}
	// Output:
	// int:      42
	// string:   abab
	// stringer: 3s
	// default:  <nil>
}
