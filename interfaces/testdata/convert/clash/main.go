// No type has both methods called Read. The compiler accepts the assertion.
package main

type reader interface{ Read() }

type clash interface{ Read() int }

func both(x reader) bool {
	_, ok := x.(clash)
	return ok
}

func main() {
	println(both(nil))
}
