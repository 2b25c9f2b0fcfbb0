package interfaces

import (
	"fmt"
	"math"
)

// A sealed interface has an unexported method: only this package can declare it, so all
// implementations are here. It is the nearest that Go has to a sum type. sealedShape is
// one, with a function over all of its variants.

type sealedShape interface{ isShape() }

type (
	sealedCircle struct{ Radius float64 }
	sealedRect   struct{ Width, Height float64 }
	sealedEmpty  struct{}
)

func (sealedCircle) isShape() {}
func (sealedRect) isShape()   {}
func (sealedEmpty) isShape()  {}

// sealedArea has to name every variant; the default is for nil, for pointers to variants
// and for the variant that somebody will add.
func sealedArea(s sealedShape) float64 {
	switch s := s.(type) {
	case sealedCircle:
		return math.Pi * s.Radius * s.Radius
	case sealedRect:
		return s.Width * s.Height
	case sealedEmpty:
		return 0
	default:
		panic(fmt.Sprintf("area of %T", s))
	}
}

// sealedNode is sealed on the pointer: a value is no variant, so nobody can mix the two up.
type sealedNode interface{ sealedNode() }

type sealedLeaf struct{ Value int }

func (*sealedLeaf) sealedNode() {}

// sealedVisitor has a method for each variant of sealedVisited. A function over the
// variants is a type that implements it.
type (
	sealedVisited interface{ accept(sealedVisitor) }
	sealedVisitor interface {
		visitCircle(sealedVisitCircle)
		visitRect(sealedVisitRect)
	}
	sealedVisitCircle sealedCircle
	sealedVisitRect   sealedRect
	sealedAreaVisitor struct{ sum float64 }
)

func (c sealedVisitCircle) accept(v sealedVisitor) { v.visitCircle(c) }
func (r sealedVisitRect) accept(v sealedVisitor)   { v.visitRect(r) }

func (a *sealedAreaVisitor) visitCircle(c sealedVisitCircle) {
	a.sum += math.Pi * c.Radius * c.Radius
}
func (a *sealedAreaVisitor) visitRect(r sealedVisitRect) { a.sum += r.Width * r.Height }

// sealedTagged is the other way to store variants: one struct with a kind and the fields of
// all of them.
type sealedTagged struct {
	kind sealedKind
	a, b float64
}

type sealedKind uint8

const (
	sealedKindEmpty sealedKind = iota
	sealedKindCircle
	sealedKindRect
)

func (s sealedTagged) area() float64 {
	switch s.kind {
	case sealedKindEmpty:
		return 0
	case sealedKindCircle:
		return math.Pi * s.a * s.a
	case sealedKindRect:
		return s.a * s.b
	default:
		panic(fmt.Sprintf("area of kind %d", s.kind))
	}
}

// sealedBoxes and sealedStructs build the same list of n shapes in both ways.
//
//go:noinline
func sealedBoxes(n int) []sealedShape {
	list := make([]sealedShape, 0, n)
	for i := range n {
		if i%2 == 0 {
			list = append(list, sealedCircle{float64(i)})
		} else {
			list = append(list, sealedRect{float64(i), 2})
		}
	}
	return list
}

//go:noinline
func sealedStructs(n int) []sealedTagged {
	list := make([]sealedTagged, 0, n)
	for i := range n {
		if i%2 == 0 {
			list = append(list, sealedTagged{kind: sealedKindCircle, a: float64(i)})
		} else {
			list = append(list, sealedTagged{kind: sealedKindRect, a: float64(i), b: 2})
		}
	}
	return list
}
