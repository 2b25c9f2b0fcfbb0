package reflection_test

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/go-deep-dive/godeep/reflection"
)

type exposeCounter struct{ hits int }

func (c *exposeCounter) Hits() int { return c.hits }

// A test prepares a state that no exported function leads to.
func ExampleExpose() {
	var c exposeCounter
	hits := reflect.ValueOf(&c).Elem().FieldByName("hits")
	fmt.Println("settable:", hits.CanSet())
	reflection.Expose(hits).SetInt(41)
	fmt.Println("hits:", c.Hits())
	// Output:
	// settable: false
	// hits: 41
}

// Private fields of other packages are seen, with their values, and not let out.
func Example_unexportedRead() {
	buffer := bytes.NewBufferString("abc")
	content := reflect.ValueOf(buffer).Elem().FieldByName("buf")
	fmt.Println(content.Len(), content.Index(0).Uint(), content.CanInterface())
	// Output: 3 97 false
}
