package reflection_test

import (
	"fmt"
	"reflect"
	"time"
)

// Four types and two kinds.
func Example_kindAndType() {
	type celsius float64
	for _, v := range []any{1.5, celsius(36.6), int64(5), 5 * time.Second} {
		t := reflect.TypeOf(v)
		fmt.Printf("type %v, kind %v\n", t, t.Kind())
	}
	// Output:
	// type float64, kind float64
	// type reflection_test.celsius, kind float64
	// type int64, kind int64
	// type time.Duration, kind int64
}
