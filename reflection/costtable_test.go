package reflection

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

var costtableValue = &costtableRow{ID: 1234567, Name: "Ada", Age: 360, Score: 12000}

// costtableWays are the functions, with one signature.
func costtableWays() map[string]func([]byte) []byte {
	return map[string]func([]byte) []byte{
		"generated": func(b []byte) []byte { return costtableGenerated(b, costtableValue) },
		"generic":   func(b []byte) []byte { return costtableGeneric(b, costtableValue, costtableColumns) },
		"cached":    func(b []byte) []byte { b, _ = costtableCached(b, costtableValue); return b },
		"naive":     func(b []byte) []byte { b, _ = costtableNaive(b, costtableValue); return b },
	}
}

func TestCostTable(t *testing.T) {
	for name, way := range costtableWays() {
		assert.Equal(t, "id=1234567&name=Ada&age=360&score=12000", string(way(nil)), name)
	}
	type other struct{ F float64 }
	_, err := costtableCached(nil, &other{})
	assert.EqualError(t, err, "no form for type float64")
	_, err = costtableNaive(nil, &other{})
	assert.EqualError(t, err, "no form for type float64")
}

// Most of the cost of naive reflection can be removed without leaving
// reflection. Here a struct is written as text. The naive version reads names
// and tags with each value and calls Interface, which allocates for each field;
// it takes more than 3 times as long as the one that keeps a plan for the type
// and calls Int and String. The planned one allocates nothing, and takes less
// than 4 times as long as code of the shape that a generator writes. A generic
// function with a list of accessors takes less than 2 times the planned one and
// needs no reflection, but somebody writes the list. So: keep a plan; measure;
// only then generate.
//
//claim:ask Why is reflection slow, how slow is it, and how do you avoid it in a hot path?
//claim:expect ns/op of=naive > 3x of=cached
//claim:expect ns/op of=cached < 4x of=generated
//claim:expect ns/op of=generic < 2x of=cached
//claim:expect allocs/op of=naive == 4
//claim:expect allocs/op of=cached == 0
//claim:expect allocs/op of=generic == 0
//claim:expect allocs/op of=generated == 0
//claim:source https://go.dev/blog/laws-of-reflection
//claim:source https://pkg.go.dev/reflect#Value.Interface
func BenchmarkCostTable(b *testing.B) {
	ways := costtableWays()
	for _, name := range []string{"generated", "generic", "cached", "naive"} {
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			way, buffer := ways[name], make([]byte, 0, 64)
			for b.Loop() {
				buffer = way(buffer[:0])
			}
			if len(buffer) != 39 {
				b.Fatal(string(buffer))
			}
		})
	}
}
