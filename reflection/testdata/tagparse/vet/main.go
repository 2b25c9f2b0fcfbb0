// Package main has struct tags with mistakes.
package main

type order struct {
	NoQuotes   int `json:noquotes`
	SpaceAfter int `json: "space_after"`
	NoSpace    int `json:"no_space",xml:"x"`
	Options    int `json:"options, omitempty"`
	hidden     int `json:"hidden"`
	First      int `json:"name"`
	Second     int `json:"name"`

	// The next two are not found.
	Misspelled int `jsno:"misspelled"`
	Twice      int `json:"twice" json:"other"`
}

func main() {
	_ = order{hidden: 1}
}
