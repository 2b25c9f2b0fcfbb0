package schedgc_test

import (
	"fmt"
	"reflect"
	"time"

	"github.com/go-deep-dive/godeep/schedgc"
)

func ExampleHasPointers() {
	type flat struct {
		ID   uint64
		Name [16]byte
		At   int64
	}
	type usual struct {
		ID   uint64
		Name string
		At   time.Time
	}
	fmt.Println("flat:", schedgc.HasPointers(reflect.TypeFor[flat]()))
	fmt.Println("usual:", schedgc.HasPointers(reflect.TypeFor[usual]()))
	// Output:
	// flat: false
	// usual: true
}

// A time has a pointer to its time zone, the nanoseconds since 1970 have none.
func ExampleHasPointers_time() {
	fmt.Println("time.Time:", schedgc.HasPointers(reflect.TypeFor[time.Time]()))
	fmt.Println("UnixNano:", schedgc.HasPointers(reflect.TypeOf(time.Now().UnixNano())))
	// Output:
	// time.Time: true
	// UnixNano: false
}
