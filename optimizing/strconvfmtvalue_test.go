package optimizing

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A strconvFmtValue is a record that is printed in each request.
type strconvFmtValue struct {
	ID    int64
	Name  string
	Score float64
	Tags  [2]string
}

//go:noinline
func strconvFmtValueAppend(dst []byte, v *strconvFmtValue) []byte {
	dst = append(dst, '{')
	dst = strconv.AppendInt(dst, v.ID, 10)
	dst = append(dst, ' ')
	dst = append(dst, v.Name...)
	dst = append(dst, ' ')
	dst = strconv.AppendFloat(dst, v.Score, 'g', -1, 64)
	dst = append(dst, " ["...)
	dst = append(dst, v.Tags[0]...)
	dst = append(dst, ' ')
	dst = append(dst, v.Tags[1]...)
	return append(dst, "]}"...)
}

var strconvFmtValueSink []byte

// The verb %v walks through the struct by reflection, looks at each field for the
// methods Format, Error and String, and boxes what it is given. Appending the same text
// by hand is more than 2 times faster and allocates nothing. For a type that is printed
// once in a while that is no reason to write code. For one that is printed in each
// request, a method AppendText or String is enough; %v uses String.
//
//claim:ask How expensive is fmt.Sprintf("%v", aStruct)?
//claim:expect ns/op of=verb > 2x of=append
//claim:expect allocs/op of=append == 0
//claim:expect allocs/op of=verb >= 1
//claim:source https://pkg.go.dev/fmt#hdr-Printing
//claim:source fmt/print.go
func BenchmarkStrconvFmtValue(b *testing.B) {
	v := &strconvFmtValue{1234567, "gopher", 2.5, [2]string{"new", "blue"}}
	buffer := make([]byte, 0, 128)
	b.Run("of=verb", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			strconvFmtValueSink = fmt.Appendf(buffer[:0], "%v", *v)
		}
	})
	b.Run("of=append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			strconvFmtValueSink = strconvFmtValueAppend(buffer[:0], v)
		}
	})
}

func TestStrconvFmtValue(t *testing.T) {
	for _, v := range []strconvFmtValue{{}, {-5, "x", 0.1, [2]string{"a", ""}}, {1 << 40, "", 1e30, [2]string{}}} {
		assert.Equal(t, fmt.Sprint(v), string(strconvFmtValueAppend(nil, &v)))
	}
}

// It calls itself for ever, because %v and %s call the method String: the test shows
// the recursion with a stop at the 50th call. Without a stop the stack overflows, which
// is fatal and cannot be recovered, see StackOverflow in the topic memory. Convert to a
// type without methods first, type plain T; fmt.Sprintf("%v", plain(t)), or print the
// fields. The method Error has the same trap.
//
//claim:ask What happens if a String method uses fmt.Sprintf("%v", receiver)?
//claim:source https://pkg.go.dev/fmt#hdr-Printing
func TestStrconvFmtValueRecursion(t *testing.T) {
	assert.Equal(t, "<5>", strconvFmtValueDegrees(5).String())
	assert.Equal(t, "<5>", fmt.Sprint(strconvFmtValueDegrees(5)))
	assert.Equal(t, strconvFmtValueDepth, strconvFmtValueLoop{new(int)}.String(), "it was stopped at this depth")
}

type strconvFmtValueDegrees int

func (d strconvFmtValueDegrees) String() string {
	type plain strconvFmtValueDegrees
	return fmt.Sprintf("<%v>", plain(d))
}

// strconvFmtValueDepth is what the innermost call of strconvFmtValueLoop returns.
const strconvFmtValueDepth = "50"

// A strconvFmtValueLoop has the bug, but stops at the 50th call.
type strconvFmtValueLoop struct{ depth *int }

func (l strconvFmtValueLoop) String() string {
	if *l.depth++; *l.depth == 50 {
		return strconv.Itoa(*l.depth)
	}
	var again any = l // hides it from vet
	return fmt.Sprintf("%v", again)
}
