package optimizing

// devirtShape is an interface with two implementations that are tiny enough to
// be inlined where the compiler knows which one it is.
type devirtShape interface{ area() int64 }

type devirtSquare struct{ side int64 }

func (s *devirtSquare) area() int64 { return s.side * s.side }

type devirtRect struct{ a, b int64 }

func (r *devirtRect) area() int64 { return r.a * r.b }

//go:noinline
func areaOfSquares(squares []devirtSquare) (sum int64) {
	for i := range squares {
		sum += squares[i].area() //claim:inlined
	}
	return sum
}

// areaCalled is what a direct call costs that is not inlined.
//
//go:noinline
func (s *devirtSquare) areaCalled() int64 { return s.side * s.side }

//go:noinline
func areaOfSquaresCalled(squares []*devirtSquare) (sum int64) {
	for _, s := range squares {
		sum += s.areaCalled() //claim:called
	}
	return sum
}

//go:noinline
func areaOfShapes(shapes []devirtShape) (sum int64) {
	for _, s := range shapes {
		sum += s.area() //claim:called
	}
	return sum
}

// areaOfUsualShapes asks for the usual type before it calls the method, which is
// what the compiler does by itself with a profile.
//
//go:noinline
func areaOfUsualShapes(shapes []devirtShape) (sum int64) {
	for _, s := range shapes {
		if square, ok := s.(*devirtSquare); ok {
			sum += square.area() //claim:inlined
		} else {
			sum += s.area() //claim:called
		}
	}
	return sum
}
