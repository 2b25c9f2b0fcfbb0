package interfaces

// A type assertion x.(T) asks for the dynamic type of an interface value. With a
// concrete T it compares one pointer; with an interface T it must find out
// whether the dynamic type has all the methods.

type assertionShape interface{ assertionArea() int64 }

type assertionNamed interface{ assertionName() string }

type assertionSquare struct{ side int64 }

func (s *assertionSquare) assertionArea() int64  { return s.side * s.side }
func (s *assertionSquare) assertionName() string { return "square" }

type assertionCircle struct{ radius int64 }

func (c *assertionCircle) assertionArea() int64 { return 3 * c.radius * c.radius }

//go:noinline
func assertionCountSquares(shapes []assertionShape) (n int) {
	for _, s := range shapes {
		if _, ok := s.(*assertionSquare); ok {
			n++
		}
	}
	return n
}

//go:noinline
func assertionCountNamed(shapes []assertionShape) (n int) {
	for _, s := range shapes {
		if _, ok := s.(assertionNamed); ok {
			n++
		}
	}
	return n
}

// assertionCountRecovered asks in the form that panics, and recovers.
//
//go:noinline
func assertionCountRecovered(shapes []assertionShape) (n int) {
	for _, s := range shapes {
		if assertionRecovered(s) {
			n++
		}
	}
	return n
}

//go:noinline
func assertionRecovered(s assertionShape) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	_ = s.(*assertionSquare)
	return true
}
