package optimizing

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The switch, by more than 1.5 times for nine short strings in mixed order: the
// compiler makes a binary search of it, first by length and then by value, with
// each constant in the code, while the map has to call a function, hash the string
// and look at a table. A map is right if the entries are not known when the
// program is compiled, if there are hundreds, or if other code wants to list them.
// It also costs time at program start, used or not.
//
//claim:ask What is faster, a switch over strings or a lookup in a map?
//claim:expect ns/op of=map > 1.5x of=switch
//claim:source cmd/compile/internal/walk/switch.go
func BenchmarkSwitchMapStrings(b *testing.B) {
	methods := switchmapRequests()
	layoutRun(b, "of=map", func() { switchmapMap(methods) })
	layoutRun(b, "of=switch", func() { switchmapSwitch(methods) })
}

// switchmapRequests has the methods of an ordinary access log: mostly two.
func switchmapRequests() (methods []string) {
	for i := range 1000 {
		method := "GET"
		switch {
		case i%100 == 37:
			method = "DELETE"
		case i%100 == 73:
			method = "OPTIONS"
		case i%8 == 5:
			method = "POST"
		}
		methods = append(methods, method)
	}
	return methods
}

func TestSwitchMapStrings(t *testing.T) {
	for method := range switchmapMethods {
		assert.Equal(t, switchmapMap([]string{method}), switchmapSwitch([]string{method}))
	}
	assert.Len(t, switchmapMethods, 9)
	assert.Zero(t, switchmapSwitch([]string{"", "get", "GETT", "CONNECTED"}))
	assert.Zero(t, switchmapMap([]string{"", "get", "GETT", "CONNECTED"}))
	assert.Equal(t, switchmapMap(switchmapRequests()), switchmapSwitch(switchmapRequests()))
}

// An array, if the keys are small integers and the results are values: it is one
// load and has no branch that could be predicted wrongly, and it is more than 3
// times as fast as the map. A switch needs no hash either, and is the only one of
// the three that can do something else in each case; how it compares with the
// array depends on how regular the input is. The test that the index is in range
// replaces the bounds check of the compiler, so it costs nothing more.
//
//claim:ask Map, switch or array for a small table with integer keys?
//claim:expect ns/op of=map > 3x of=array
//claim:source https://go.dev/doc/go1.19#compiler
func BenchmarkSwitchMapTable(b *testing.B) {
	months := switchmapMonths()
	layoutRun(b, "of=map", func() { switchmapSumMap(months) })
	layoutRun(b, "of=array", func() { switchmapSumArray(months) })
}

func switchmapMonths() (months []int) {
	for i := range 1000 {
		months = append(months, 1+i%12)
	}
	return months
}

func TestSwitchMapTable(t *testing.T) {
	for month := -1; month < 15; month++ {
		days := switchmapSumMap([]int{month})
		assert.Equal(t, days, switchmapSumSwitch([]int{month}))
		assert.Equal(t, days, switchmapSumArray([]int{month}))
	}
	year := 0
	for month := 1; month <= 12; month++ {
		year += switchmapSumArray([]int{month})
	}
	assert.Equal(t, 365, year)
}

// Only if the cases are not constants. A switch over variables or conditions is
// tried from top to bottom: the last of 16 strings takes more than twice as long
// as the first. A switch over constants is searched by halves, so no case is far
// away, and the last of the 16 is found more than 1.5 times as fast as with
// variables. A chain of if and else if is always tried in the order in which it is
// written. There put what is most likely first, unless an earlier condition must
// be tested before.
//
//claim:ask Should the most frequent case of a switch come first?
//claim:expect ns/op of=variables,case=last > 2x of=variables,case=first
//claim:expect ns/op of=variables,case=last > 1.5x of=constants,case=last
//claim:source https://go.dev/ref/spec#Expression_switches
func BenchmarkSwitchMapOrder(b *testing.B) {
	names := switchmapFilled()
	layoutRun(b, "of=variables/case=first", func() { switchmapRepeat(names.variables, "step-00") })
	layoutRun(b, "of=variables/case=last", func() { switchmapRepeat(names.variables, "step-15") })
	layoutRun(b, "of=constants/case=last", func() { switchmapRepeat(names.constants, "step-15") })
}

func switchmapFilled() *switchmapNames {
	names := new(switchmapNames)
	for i := range names {
		names[i] = fmt.Sprintf("step-%02d", i)
	}
	return names
}

func TestSwitchMapOrder(t *testing.T) {
	names := switchmapFilled()
	for i, name := range names {
		assert.Equal(t, i, names.variables(name))
		assert.Equal(t, i, names.constants(name))
	}
	assert.Equal(t, -1, names.variables("step-16"))
	assert.Equal(t, -1, names.constants("step-16"))

	tried := 0
	value := func(x int) int {
		tried++
		return x
	}
	switch 2 {
	case value(1), value(2), value(3):
	case value(4):
	}
	assert.Equal(t, 2, tried, "from left to right and top to bottom, until one is equal")
}
