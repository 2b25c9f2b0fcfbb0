package reflection_test

import (
	"bytes"
	"fmt"
	"io"
	"reflect"

	"github.com/go-deep-dive/godeep/reflection"
)

// A plugin registry says what is wrong instead of "does not implement".
func ExampleWhyNot() {
	closer := reflect.TypeFor[io.ReadCloser]()
	writer := reflect.TypeFor[io.Writer]()
	fmt.Println(reflection.WhyNot(reflect.TypeFor[*bytes.Buffer](), closer))
	fmt.Println(reflection.WhyNot(reflect.TypeFor[bytes.Buffer](), writer))
	fmt.Printf("%q\n", reflection.WhyNot(reflect.TypeFor[*bytes.Buffer](), writer))
	// Output:
	// *bytes.Buffer lacks Close
	// bytes.Buffer lacks Write, which has a pointer receiver
	// ""
}
