package interfaces_test

import "fmt"

// The constraint asks for a method whose parameter has the type of the receiver.
func Example_selfrefConstraint() {
	fmt.Println("newest:", selfrefMax(selfrefVersion{1, 9}, selfrefVersion{1, 12}, selfrefVersion{1, 3}))
	// Output: newest: {1 12}
}

type selfrefVersion struct{ major, minor int }

func (v selfrefVersion) Less(w selfrefVersion) bool {
	return v.major < w.major || v.major == w.major && v.minor < w.minor
}

func selfrefMax[T interface{ Less(T) bool }](first T, rest ...T) T {
	for _, v := range rest {
		if first.Less(v) {
			first = v
		}
	}
	return first
}
