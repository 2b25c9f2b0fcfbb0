package interfaces_test

import "fmt"

// event is sealed by its unexported method.
type event interface{ event() }

type (
	joined struct{ Name string }
	said   struct{ Name, Text string }
)

func (joined) event() {}
func (said) event()   {}

func describe(e event) string {
	switch e := e.(type) {
	case joined:
		return e.Name + " joined"
	case said:
		return e.Name + ": " + e.Text
	default:
		panic(fmt.Sprintf("unknown event %T", e))
	}
}

func Example_sealedTypeSwitch() {
	for _, e := range []event{joined{"Ada"}, said{"Ada", "hello"}} {
		fmt.Println(describe(e))
	}
	defer func() { fmt.Println("recovered:", recover()) }()
	describe(nil)
	// Output:
	// Ada joined
	// Ada: hello
	// recovered: unknown event <nil>
}
