// Package report calls a method of an interface in many ways. The comment at each
// call says whether the compiler calls the method of square directly. There is
// one implementation of shape in the whole package.
package report

import "fmt"

type shape interface{ area() int }

type square struct{ side int }

func (s *square) area() int { return s.side * s.side }

func inlined(side int) shape { return &square{side} }

//go:noinline
func notInlined(side int) shape { return &square{side} }

func small(s shape) int { return s.area() } // dynamic

//go:noinline
func large(s shape) int { return s.area() } // dynamic

type holder struct{ s shape }

var global shape = &square{1}

// Calls holds the calls.
func Calls() {
	total := 0

	var local shape = &square{1}
	total += local.area() // direct

	total += inlined(2).area() // direct

	total += notInlined(3).area() // dynamic

	total += small(&square{4}) // direct

	total += large(&square{5})

	total += global.area() // dynamic

	h := holder{&square{6}}
	total += h.s.area() // dynamic

	list := []shape{&square{7}}
	total += list[0].area() // dynamic

	for _, s := range list {
		total += s.area() // dynamic
	}

	var captured shape = &square{8}
	func() { total += captured.area() }() // direct

	if s, ok := global.(*square); ok {
		total += s.area() // concrete
	}

	var wide any = &square{9}
	total += wide.(shape).area() // direct

	f := local.area
	total += f()

	var addressed shape = &square{10}
	p := &addressed
	total += (*p).area() // dynamic

	fmt.Println(total)
}
