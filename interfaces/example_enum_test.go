package interfaces_test

import (
	"encoding/json"
	"fmt"

	"github.com/go-deep-dive/godeep/interfaces"
)

// ticketPriority prints and decodes as text.
type ticketPriority int

const (
	ticketLow ticketPriority = iota + 1
	ticketHigh
)

var ticketPriorities = interfaces.EnumNames[ticketPriority]{ticketLow: "low", ticketHigh: "high"}

func (p ticketPriority) String() string               { return ticketPriorities.Name(p) }
func (p ticketPriority) MarshalText() ([]byte, error) { return ticketPriorities.Append(nil, p) }
func (p *ticketPriority) UnmarshalText(text []byte) (err error) {
	*p, err = ticketPriorities.Parse(string(text))
	return err
}

func ExampleEnumNames() {
	text, _ := json.Marshal(map[string]ticketPriority{"ticket": ticketHigh})
	fmt.Println(string(text))
	var p ticketPriority
	fmt.Println(json.Unmarshal([]byte(`"low"`), &p), p)
	_, err := json.Marshal(ticketPriority(7))
	fmt.Println(err != nil)
	// Output:
	// {"ticket":"high"}
	// <nil> low
	// true
}

func ExampleEnumNames_Name() {
	fmt.Println(ticketPriorities.Name(ticketHigh), ticketPriorities.Name(0))
	// Output:
	// high ticketPriority(0)
}

func ExampleEnumNames_Valid() {
	fmt.Println(ticketPriorities.Valid(ticketLow), ticketPriorities.Valid(0), ticketPriorities.Valid(-1))
	// Output:
	// true false false
}

func ExampleEnumNames_Parse() {
	fmt.Println(ticketPriorities.Parse("high"))
	_, err := ticketPriorities.Parse("urgent")
	fmt.Println(err)
	// Output:
	// high <nil>
	// "urgent" is no ticketPriority
}

func ExampleEnumNames_Append() {
	text, err := ticketPriorities.Append([]byte("priority="), ticketLow)
	fmt.Println(string(text), err)
	_, err = ticketPriorities.Append(nil, 9)
	fmt.Println(err)
	// Output:
	// priority=low <nil>
	// ticketPriority(9) has no name
}

// The values of a const block: the underscore skips one, a new expression
// replaces the old one.
func Example_enumIota() {
	const (
		a = iota
		_
		b
		c = iota * 10
		d
	)
	fmt.Println(a, b, c, d)
	// Output:
	// 0 2 30 40
}
