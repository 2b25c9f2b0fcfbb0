package optimizing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func devirtShapes(n int) (squares []devirtSquare, pointers []*devirtSquare, shapes []devirtShape) {
	squares = make([]devirtSquare, n)
	for i := range squares {
		squares[i].side = int64(i)
		pointers = append(pointers, &squares[i])
		shapes = append(shapes, &squares[i])
	}
	return squares, pointers, shapes
}

func TestInterfaceCall(t *testing.T) {
	squares, pointers, shapes := devirtShapes(100)
	want := areaOfSquares(squares)
	assert.Equal(t, want, areaOfSquaresCalled(pointers))
	assert.Equal(t, want, areaOfShapes(shapes))
	shapes = append(shapes, &devirtRect{2, 3})
	assert.Equal(t, want+6, areaOfUsualShapes(shapes))
}

// A call through an interface costs little more than a call: here it takes
// less than 5 times as long as a direct call of a function that is not
// inlined. The address of the method is read from the table that the
// interface value points to, and the processor guesses the target well if it
// is the same most of the time. What is expensive is that such a call cannot
// be inlined: the same loop over the concrete type is more than 1.5 times as
// fast. It also hides from the compiler what happens to pointer arguments,
// which then go to the heap. So interfaces matter in loops around tiny
// methods, and nowhere else.
//
//claim:ask What does a call of an interface method cost?
//claim:expect ns/op of=interface < 5x of=direct
//claim:expect ns/op of=interface > 1.5x of=inlined
//claim:source https://research.swtch.com/interfaces
func BenchmarkInterfaceCall(b *testing.B) {
	squares, pointers, shapes := devirtShapes(1000)
	b.Run("of=interface", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			areaOfShapes(shapes)
		}
	})
	b.Run("of=direct", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			areaOfSquaresCalled(pointers)
		}
	})
	b.Run("of=inlined", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			areaOfSquares(squares)
		}
	})
}

// Ask for the type that nearly all values have with a type assertion, and
// call the method on the concrete value: the call is then inlined, and the
// loop is more than 1.5 times as fast. The assertion to a concrete type is
// one comparison. All other values go the slow way and are still right. A
// profile makes the compiler write exactly that (see PGODevirtualizes). It is
// slower, not faster, if the guess is mostly wrong.
//
//claim:ask How can a hot loop over interface values be made faster without changing its type?
//claim:expect ns/op of=interface > 1.5x of=asserted
//claim:source cmd/compile/internal/devirtualize/pgo.go
func BenchmarkGuardedCall(b *testing.B) {
	_, _, shapes := devirtShapes(1000)
	b.Run("of=interface", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			areaOfShapes(shapes)
		}
	})
	b.Run("of=asserted", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			areaOfUsualShapes(shapes)
		}
	})
}

// Yes, if it sees which type is in the interface: a local variable to which
// only values of one type are assigned, the result of a constructor that is
// inlined, and an argument of a function that is inlined. This is called
// devirtualization;
// -gcflags=-m prints it, and the direct call can be inlined then. It does not
// work for a package variable, for the result of a function that is not
// inlined, for a parameter of such a function, and if two types are assigned.
// Before Go 1.26 it did not work either if a value of the same type was
// assigned again.
//
//claim:ask Can the compiler call an interface method directly?
//claim:source cmd/compile/internal/devirtualize/devirtualize.go
func TestDevirtualization(t *testing.T) {
	report := codegenReport(t, "devirt/report", "-m")
	for line, direct := range map[int]bool{21: true, 26: true, 31: false, 39: true, 47: false, 51: false, 55: true, 61: false, 68: false} {
		got := inlineLines(report, fmt.Sprintf("report.go:%d:", line))
		found := inlineLines(strings.Join(got, "\n"), ": devirtualizing s.area to square")
		assert.Equal(t, direct, len(found) > 0, "line %d: %q", line, got)
	}
	assert.NotEmpty(t, inlineLines(report, "report.go:66:"), "a call of the asserted type is direct and inlined")
}
