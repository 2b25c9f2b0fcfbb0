package optimizing_test

import "fmt"

// An array with named indexes reads like a map and needs no hash.
func Example_switchmapArray() {
	type color uint8
	const (
		red color = iota
		green
		blue
	)
	names := [...]string{red: "red", green: "green", blue: "blue"}
	for _, c := range []color{blue, red, 7} {
		if int(c) < len(names) {
			fmt.Println(names[c])
		} else {
			fmt.Println("unknown color", c)
		}
	}
	// Output:
	// blue
	// red
	// unknown color 7
}
