// Package report is compiled with -m: what is called directly?
package report

type shape interface{ area() float64 }

type square struct{ side float64 }

func (s square) area() float64 { return s.side * s.side }

type circle struct{ radius float64 }

func (c circle) area() float64 { return 3 * c.radius * c.radius }

func newShape() shape { return square{2} }

//go:noinline
func newShapeCalled() shape { return square{2} }

func local() float64 {
	var s shape = square{2}
	return s.area() // line 21
}

func fromInlined() float64 {
	s := newShape()
	return s.area() // line 26
}

func fromCalled() float64 {
	s := newShapeCalled()
	return s.area() // line 31
}

func sameType(big bool) float64 {
	var s shape = square{2}
	if big {
		s = square{20}
	}
	return s.area() // line 39
}

func twoTypes(round bool) float64 {
	var s shape = square{2}
	if round {
		s = circle{2}
	}
	return s.area() // line 47
}

func parameter(s shape) float64 {
	return s.area() // line 51
}

func argument() float64 {
	return parameter(square{2}) // line 55
}

var global shape = square{2}

func fromGlobal() float64 {
	return global.area() // line 61
}

func asserted(s shape) float64 {
	if s, ok := s.(square); ok {
		return s.area() // line 66
	}
	return s.area() // line 68
}
