package reflection

import "reflect"

// A rescapePoint is a local variable that reflection looks at. Does it stay on the stack?
//
// The comments at the ends of lines state what the compiler decides, and the command claims
// compares them with what it reports.
type rescapePoint struct{ X, Y int }

// String makes the pointer a fmt.Stringer.
func (p *rescapePoint) String() string { return "point" }

//go:noinline
func rescapeKind(x int) reflect.Kind {
	p := rescapePoint{X: x}
	t := reflect.TypeOf(p) //claim:stack
	return t.Kind()
}

//go:noinline
func rescapeField(x int) int64 {
	p := rescapePoint{X: x}
	v := reflect.ValueOf(p) //claim:stack
	return v.Field(0).Int()
}

//go:noinline
func rescapeSet(x int) int {
	p := rescapePoint{X: x} //claim:stack
	reflect.ValueOf(&p).Elem().Field(1).SetInt(7)
	return p.Y
}

//go:noinline
func rescapeInterface(x int) int {
	p := rescapePoint{X: x}
	q, _ := reflect.ValueOf(p).Interface().(rescapePoint) //claim:heap
	return q.X
}

//go:noinline
func rescapeTypeAssert(x int) int {
	p := rescapePoint{X: x}
	q, _ := reflect.TypeAssert[rescapePoint](reflect.ValueOf(p)) //claim:heap
	return q.X
}

//go:noinline
func rescapeByName(x int) int64 {
	p := rescapePoint{X: x}
	v := reflect.ValueOf(p) //claim:stack
	return v.FieldByName("X").Int()
}

//go:noinline
func rescapeCall(x int) string {
	p := rescapePoint{X: x} //claim:heap
	return reflect.ValueOf(&p).Method(0).Call(nil)[0].String()
}
