package reflection

import "reflect"

// A callcostCounter is called in all ways that there are.
type callcostCounter struct{ n int }

// Add has the shape of a small method: an argument and a result.
//
//go:noinline
func (c *callcostCounter) Add(d int) int {
	c.n += d
	return c.n
}

type callcostAdder interface{ Add(d int) int }

// callcostMake returns a function of the type of Add that reflection implements.
func callcostMake(c *callcostCounter) func(int) int {
	made := reflect.MakeFunc(reflect.TypeFor[func(int) int](), func(args []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(c.Add(int(args[0].Int())))}
	})
	return made.Interface().(func(int) int)
}
