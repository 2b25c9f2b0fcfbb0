package interfaces_test

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-deep-dive/godeep/interfaces"
)

type upload struct{}

func (upload) Read(p []byte) int { return 0 }
func (*upload) Close() error     { return nil }

// The reasons why a value does not implement an interface, all of them at once.
func ExampleUnimplemented() {
	for _, reason := range interfaces.Unimplemented[io.ReadWriteCloser](upload{}) {
		fmt.Println(reason)
	}
	fmt.Println(interfaces.Unimplemented[io.Reader](strings.NewReader("")) == nil)
	// Output:
	// Close: has pointer receiver
	// Read: have func([]uint8) int, want func([]uint8) (int, error)
	// Write: missing
	// true
}

// lener is younger than the types that implement it.
type lener interface{ Len() int }

func Example_satisfyImplicit() {
	for _, v := range []lener{strings.NewReader("abc"), new(strings.Builder)} {
		fmt.Printf("%T: %d\n", v, v.Len())
	}
	// Output:
	// *strings.Reader: 3
	// *strings.Builder: 0
}
