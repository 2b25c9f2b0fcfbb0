package interfaces

import (
	"encoding"
	"fmt"
	"io"
	"reflect"
	"sort"
)

// A type switch compares the dynamic type with all its cases. Concrete cases are
// found by the hash of the type, as integers are in a switch; interface cases by
// one question to the runtime, whose answer is kept for each type. The types here
// are pointers to arrays of different lengths: many types, and no boxing.

//go:noinline
func typeSwitchFew(v any) int {
	switch v.(type) {
	case *[29]byte:
		return 29
	case *[30]byte:
		return 30
	case *[31]byte:
		return 31
	case *[32]byte:
		return 32
	}
	return 0
}

//go:noinline
func typeSwitchMany(v any) int {
	switch v.(type) {
	case *[1]byte:
		return 1
	case *[2]byte:
		return 2
	case *[3]byte:
		return 3
	case *[4]byte:
		return 4
	case *[5]byte:
		return 5
	case *[6]byte:
		return 6
	case *[7]byte:
		return 7
	case *[8]byte:
		return 8
	case *[9]byte:
		return 9
	case *[10]byte:
		return 10
	case *[11]byte:
		return 11
	case *[12]byte:
		return 12
	case *[13]byte:
		return 13
	case *[14]byte:
		return 14
	case *[15]byte:
		return 15
	case *[16]byte:
		return 16
	case *[17]byte:
		return 17
	case *[18]byte:
		return 18
	case *[19]byte:
		return 19
	case *[20]byte:
		return 20
	case *[21]byte:
		return 21
	case *[22]byte:
		return 22
	case *[23]byte:
		return 23
	case *[24]byte:
		return 24
	case *[25]byte:
		return 25
	case *[26]byte:
		return 26
	case *[27]byte:
		return 27
	case *[28]byte:
		return 28
	case *[29]byte:
		return 29
	case *[30]byte:
		return 30
	case *[31]byte:
		return 31
	case *[32]byte:
		return 32
	}
	return 0
}

//go:noinline
func typeSwitchChain(v any) int {
	if _, ok := v.(*[1]byte); ok {
		return 1
	}
	if _, ok := v.(*[2]byte); ok {
		return 2
	}
	if _, ok := v.(*[3]byte); ok {
		return 3
	}
	if _, ok := v.(*[4]byte); ok {
		return 4
	}
	if _, ok := v.(*[5]byte); ok {
		return 5
	}
	if _, ok := v.(*[6]byte); ok {
		return 6
	}
	if _, ok := v.(*[7]byte); ok {
		return 7
	}
	if _, ok := v.(*[8]byte); ok {
		return 8
	}
	if _, ok := v.(*[9]byte); ok {
		return 9
	}
	if _, ok := v.(*[10]byte); ok {
		return 10
	}
	if _, ok := v.(*[11]byte); ok {
		return 11
	}
	if _, ok := v.(*[12]byte); ok {
		return 12
	}
	if _, ok := v.(*[13]byte); ok {
		return 13
	}
	if _, ok := v.(*[14]byte); ok {
		return 14
	}
	if _, ok := v.(*[15]byte); ok {
		return 15
	}
	if _, ok := v.(*[16]byte); ok {
		return 16
	}
	if _, ok := v.(*[17]byte); ok {
		return 17
	}
	if _, ok := v.(*[18]byte); ok {
		return 18
	}
	if _, ok := v.(*[19]byte); ok {
		return 19
	}
	if _, ok := v.(*[20]byte); ok {
		return 20
	}
	if _, ok := v.(*[21]byte); ok {
		return 21
	}
	if _, ok := v.(*[22]byte); ok {
		return 22
	}
	if _, ok := v.(*[23]byte); ok {
		return 23
	}
	if _, ok := v.(*[24]byte); ok {
		return 24
	}
	if _, ok := v.(*[25]byte); ok {
		return 25
	}
	if _, ok := v.(*[26]byte); ok {
		return 26
	}
	if _, ok := v.(*[27]byte); ok {
		return 27
	}
	if _, ok := v.(*[28]byte); ok {
		return 28
	}
	if _, ok := v.(*[29]byte); ok {
		return 29
	}
	if _, ok := v.(*[30]byte); ok {
		return 30
	}
	if _, ok := v.(*[31]byte); ok {
		return 31
	}
	if _, ok := v.(*[32]byte); ok {
		return 32
	}
	return 0
}

// typeSwitchTable is the same as a map, which can be filled at run time.
var typeSwitchTable = func() map[reflect.Type]int {
	table := make(map[reflect.Type]int)
	for n := 1; n <= 32; n++ {
		table[reflect.PointerTo(reflect.ArrayOf(n, reflect.TypeFor[byte]()))] = n
	}
	return table
}()

//go:noinline
func typeSwitchLookup(v any) int { return typeSwitchTable[reflect.TypeOf(v)] }

//go:noinline
func typeSwitchInterfaces(v any) int {
	switch v.(type) {
	case io.Closer:
		return 1
	case fmt.Stringer:
		return 2
	case error:
		return 3
	case io.Writer:
		return 4
	case sort.Interface:
		return 5
	case encoding.TextMarshaler:
		return 6
	}
	return 0
}

//go:noinline
func typeSwitchInterfaceChain(v any) int {
	if _, ok := v.(io.Closer); ok {
		return 1
	}
	if _, ok := v.(fmt.Stringer); ok {
		return 2
	}
	if _, ok := v.(error); ok {
		return 3
	}
	if _, ok := v.(io.Writer); ok {
		return 4
	}
	if _, ok := v.(sort.Interface); ok {
		return 5
	}
	if _, ok := v.(encoding.TextMarshaler); ok {
		return 6
	}
	return 0
}

// A closed set of variants, and one operation on it by a method and by a switch.

type typeSwitchExpr interface{ typeSwitchEval() int64 }

type typeSwitchConst struct{ value int64 }

type typeSwitchNeg struct{ value int64 }

func (c *typeSwitchConst) typeSwitchEval() int64 { return c.value }

func (n *typeSwitchNeg) typeSwitchEval() int64 { return -n.value }

func typeSwitchSumMethods(exprs []typeSwitchExpr) (sum int64) {
	for _, e := range exprs {
		sum += e.typeSwitchEval()
	}
	return sum
}

func typeSwitchSumCases(exprs []typeSwitchExpr) (sum int64) {
	for _, e := range exprs {
		switch e := e.(type) {
		case *typeSwitchConst:
			sum += e.typeSwitchEval() //claim:inlined
		case *typeSwitchNeg:
			sum += e.typeSwitchEval() //claim:inlined
		default:
			sum += e.typeSwitchEval()
		}
	}
	return sum
}
