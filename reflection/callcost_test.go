package reflection

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

const callcostBatch = 100

// callcostWays are the ways to call Add callcostBatch times.
func callcostWays() (names []string, ways map[string]func() int) {
	c := new(callcostCounter)
	var adder callcostAdder = c
	value := c.Add
	called, method, index := reflect.ValueOf(c.Add), reflect.ValueOf(c), 0
	args := []reflect.Value{reflect.ValueOf(1000)}
	made := callcostMake(c)
	reset := func() { c.n = 0 }
	return []string{"direct", "interface", "func", "call", "method", "made"}, map[string]func() int{
		"direct": func() (last int) {
			reset()
			for range callcostBatch {
				last = c.Add(1000)
			}
			return last
		},
		"interface": func() (last int) {
			reset()
			for range callcostBatch {
				last = adder.Add(1000)
			}
			return last
		},
		"func": func() (last int) {
			reset()
			for range callcostBatch {
				last = value(1000)
			}
			return last
		},
		"call": func() (last int) {
			reset()
			for range callcostBatch {
				last = int(called.Call(args)[0].Int())
			}
			return last
		},
		"method": func() (last int) {
			reset()
			for range callcostBatch {
				last = int(method.Method(index).Call(args)[0].Int())
			}
			return last
		},
		"made": func() (last int) {
			reset()
			for range callcostBatch {
				last = made(1000)
			}
			return last
		},
	}
}

func TestCallCost(t *testing.T) {
	names, ways := callcostWays()
	for _, name := range names {
		assert.Equal(t, 1000*callcostBatch, ways[name](), name)
	}
}

// Value.Call takes more than 10 times as long as a call through an interface.
// It checks number and types of the arguments, copies them into a frame laid
// out at run time, calls through that, and returns the results in a new slice,
// which are two allocations for one int. A function of MakeFunc pays on the
// other side, when ordinary code calls it: also more than 10 times. To call
// often, get the function once with Value.Interface and a type assertion to its
// func type, if you know it: from then on it is an ordinary call.
//
//claim:ask How slow is a call through reflection?
//claim:expect ns/op of=call > 10x of=interface
//claim:expect ns/op of=method > 10x of=interface
//claim:expect ns/op of=made > 10x of=interface
//claim:expect allocs/op of=interface == 0
//claim:expect allocs/op of=call == 200
//claim:source reflect/value.go
//claim:source https://pkg.go.dev/reflect#Value.Call
func BenchmarkCallCost(b *testing.B) {
	names, ways := callcostWays()
	for _, name := range names {
		if name == "direct" || name == "func" {
			continue // like interface, and each variant costs time
		}
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			way := ways[name]
			for b.Loop() {
				if way() == 0 {
					b.Fatal("not called")
				}
			}
		})
	}
}

// Get it out of reflection: Interface on the Value of a function gives an any,
// and an assertion to the func type gives the function itself, whose calls
// allocate nothing and cost as before. It does not work like that for a method:
// Interface on v.Method(i) makes a function that goes through reflection on
// each call, with an allocation. For a method, assert the receiver to an
// interface that has it. Both need a set of signatures that you know, which
// net/rpc and text/template do not have.
//
//claim:ask How do you call a function or method often that was found by reflection?
//claim:source https://pkg.go.dev/reflect#Value.Interface
//claim:source reflect/makefunc.go
func TestCallAssert(t *testing.T) {
	c := new(callcostCounter)
	function := reflect.ValueOf(c.Add)
	args := []reflect.Value{reflect.ValueOf(1000)}
	add, ok := function.Interface().(func(int) int)
	assert.True(t, ok)
	assert.Equal(t, 1000, add(1000))
	method, ok := reflect.ValueOf(c).MethodByName("Add").Interface().(func(int) int)
	assert.True(t, ok)
	assert.Equal(t, 2000, method(1000))
	adder, ok := reflect.ValueOf(c).Interface().(callcostAdder)
	assert.True(t, ok)
	assert.Equal(t, 3000, adder.Add(1000))
	if proof.RaceEnabled {
		return
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { add(1000); adder.Add(1000) }))
	assert.Equal(t, 1.0, testing.AllocsPerRun(100, func() { method(1000) }))
	assert.Equal(t, 2.0, testing.AllocsPerRun(100, func() { function.Call(args) }))
}
