package interfaces

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// An enumeration in Go is a defined integer type with constants. It is not closed: an
// untyped constant is assigned without a conversion, a variable with one, and no range is
// checked, not even by a decoder. It does keep two enumerations apart: a value of one type
// is not assignable to the other. So a function that takes one checks values from outside,
// and a switch has a default.
//
//claim:ask Can a variable of an enum type hold a value that is none of its constants?
//claim:source https://go.dev/ref/spec#Assignability
func TestEnumNotClosed(t *testing.T) {
	var c enumColor = 200 // compiles
	require.False(t, enumColors.Valid(c))
	require.Equal(t, "enumColor(200)", c.String())
	type plain uint8
	var p plain
	require.NoError(t, json.Unmarshal([]byte("77"), &p))
	require.EqualValues(t, 77, p)

	const types = `type a int; type b int
		const (a0 a = iota; a1); const b0 b = 0
		var n int
		`
	check := func(use string) []string { return consumerErrors(consumerSources{"main": types + use}) }
	require.Empty(t, check(`var x a = 99; var y = a(n); var z = a0 + 7*a1`))
	require.Contains(t, check(`var x a = n`)[0], "cannot use n")
	require.Contains(t, check(`var x a = b0`)[0], "cannot use b0")
	require.Contains(t, check(`var same = a0 == b0`)[0], "mismatched types")
}

// A variable that nobody has set is 0, and so is a JSON field that is missing. If 0 is a
// real constant, "not set" and that constant cannot be told apart. So begin with iota + 1,
// or name the zero Unknown, and let encoding reject it. Let 0 be a real value only if it is
// the right default for everyone, as slog.LevelInfo is.
//
//claim:ask Should the first constant of an enum be zero?
//claim:source https://go.dev/ref/spec#The_zero_value
func TestEnumZero(t *testing.T) {
	var paint struct{ Color enumColor }
	require.NoError(t, json.Unmarshal([]byte(`{}`), &paint))
	require.False(t, enumColors.Valid(paint.Color))
	_, err := json.Marshal(paint)
	require.ErrorContains(t, err, "enumColor(0) has no name")
	require.Zero(t, slog.LevelInfo)
}

// In a const block iota is the index of the line, beginning with 0 in each block, and
// counts every line, whether it is used there or not. A line without an expression repeats
// the one above, with the new iota and the same type; a line with an expression of its own
// ends that. The underscore skips a value. Two names on a line have the same iota. Comments
// and empty lines do not count.
//
//claim:ask How does iota count?
//claim:source https://go.dev/ref/spec#Iota
func TestEnumIota(t *testing.T) {
	const (
		a    = iota // 0
		b           // 1
		_           // 2
		text = "x"  // iota is 3 here
		same        // again "x"

		c    = iota // 5
		d, e = iota, -iota
		kib  = 1 << (10 * (iota - 6))            // iota 7
		mib                                      // iota 8
		f    float64                  = iota / 2 // an integer division: 9/2
		g                                        // float64 as well
	)
	const next = iota
	require.Equal(t, []any{0, 1, "x", "x", 5, 6, -6}, []any{a, b, text, same, c, d, e})
	require.Equal(t, []any{1 << 10, 1 << 20, 4.0, 5.0, 0}, []any{kib, mib, f, g, next})
}

// The values are part of every file, database and message they were written to. A constant
// inserted in the middle moves all that follow, and old data is read as something else,
// without an error. Append at the end, give persistent constants explicit numbers, or store
// the names: a test that pins name and number finds a change.
//
//claim:ask May I insert a constant in the middle of an iota block?
//claim:source https://go.dev/ref/spec#Iota
func TestEnumInsert(t *testing.T) {
	const (
		oldLow = iota
		oldHigh
	)
	const (
		newLow = iota
		newMiddle
		newHigh
	)
	require.EqualValues(t, newMiddle, oldHigh, "what was stored as high is read as middle")
	require.NotEqual(t, newHigh, oldHigh)

	require.Equal(t, map[string]int{"red": 1, "green": 2, "blue": 3},
		map[string]int{enumRed.String(): int(enumRed), enumGreen.String(): int(enumGreen), enumBlue.String(): int(enumBlue)})
}

// Declare String for printing and MarshalText with UnmarshalText for everything else:
// encoding/json uses them for values and for map keys, flag.TextVar for flags, and they
// reject what has no name. String alone leaves the number in JSON. MarshalText must be on
// the value and UnmarshalText on the pointer. A table by constant, as EnumNames has it,
// keeps names and numbers together.
//
//claim:ask How do I make an enum print and decode as text in JSON, as map keys and as flags?
//claim:source https://pkg.go.dev/encoding#TextMarshaler
//claim:source https://pkg.go.dev/flag#TextVar
func TestEnumText(t *testing.T) {
	text, err := json.Marshal(map[enumColor][]enumColor{enumRed: {enumGreen, enumBlue}})
	require.NoError(t, err)
	require.JSONEq(t, `{"red": ["green", "blue"]}`, string(text))
	var back map[enumColor][]enumColor
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, []enumColor{enumGreen, enumBlue}, back[enumRed])
	require.ErrorContains(t, json.Unmarshal([]byte(`["pink"]`), new([]enumColor)), `"pink" is no enumColor`)
	require.Error(t, json.Unmarshal([]byte(`[1]`), new([]enumColor)), "a number is not a text")

	var c enumColor
	set := flag.NewFlagSet("test", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.TextVar(&c, "color", enumRed, "")
	require.NoError(t, set.Parse([]string{"-color", "blue"}))
	require.Equal(t, enumBlue, c)
	require.Error(t, set.Parse([]string{"-color", "pink"}))

	text, err = json.Marshal(map[string]any{"only String": enumRead})
	require.NoError(t, err)
	require.JSONEq(t, `{"only String": 1}`, string(text))
}

func TestEnumNames(t *testing.T) {
	names := EnumNames[int8]{"zero", "", "two"}
	for value, want := range map[int8]string{0: "zero", 1: "int8(1)", 2: "two", 3: "int8(3)", -1: "int8(-1)", math.MinInt8: "int8(-128)"} {
		require.Equal(t, want, names.Name(value))
		_, err := names.Append(nil, value)
		require.Equal(t, names.Valid(value), err == nil)
	}
	_, err := names.Parse("")
	require.EqualError(t, err, `"" is no int8`)
	require.False(t, EnumNames[uint64](nil).Valid(0))
	require.False(t, EnumNames[uint64]{"a"}.Valid(math.MaxUint64))
	require.Equal(t, "enumColor(0)", fmt.Sprint(enumColor(0)))
}

// Give each constant one bit with 1 << iota, and the type the operators do the work: |
// adds, &^ removes, ^ toggles, a&x == x asks for all of x and a&x != 0 for any. Zero is the
// empty set. The number of flags is that of the bits of the type. Beware of == with one
// flag: it is false as soon as a second is set. iota + 1 in place of 1 << iota is the usual
// bug: 3 is then 1|2.
//
//claim:ask How do I make bit flags with iota, and how do I test them?
//claim:source https://go.dev/ref/spec#Arithmetic_operators
func TestEnumFlags(t *testing.T) {
	a := enumRead | enumExec
	require.EqualValues(t, []uint8{1, 2, 4}, []uint8{uint8(enumRead), uint8(enumWrite), uint8(enumExec)})
	require.True(t, a.has(enumRead))
	require.False(t, a == enumRead)
	require.False(t, a.has(enumRead|enumWrite), "not all")
	require.True(t, a&(enumRead|enumWrite) != 0, "one of them")
	require.Equal(t, enumExec, a&^enumRead)
	require.Equal(t, enumExec, a&^enumRead&^enumRead, "removing twice is harmless")
	require.Equal(t, enumRead|enumExec, a^enumRead^enumRead)
	require.True(t, a.has(0), "the empty set is in every set")
	const wrongRead, wrongWrite, wrongExec = 1, 2, 3 // iota + 1
	require.Equal(t, wrongExec, wrongRead|wrongWrite)
	require.Equal(t, "read|exec none write|0x40", fmt.Sprint(a, " ", enumAccess(0), " ", enumWrite|0x40))
	require.NotEmpty(t, consumerErrors(consumerSources{"main": `type f uint8
		const (f0 f = 1 << iota; f1; f2; f3; f4; f5; f6; f7; f8)`}), "the ninth flag of a uint8 does not compile")
}

// The compiler checks a switch over constants for duplicates, not for completeness: two
// cases with the same value do not compile, a missing one does. Add a default that panics
// or returns an error, and keep tables by constant complete: an array with the last
// constant as its length gets an empty entry for a constant that somebody adds, which a
// test finds, and a constant expression that becomes negative turns into a compile error.
//
//claim:ask Does the compiler check that a switch handles all constants of an enum?
//claim:source https://go.dev/ref/spec#Expression_switches
func TestEnumSwitch(t *testing.T) {
	const types = `type color uint8
		const (red color = iota; green; blue; end)
		var names = [...]string{"red", "green", "blue"}
		`
	check := func(use string) []string { return consumerErrors(consumerSources{"main": types + use}) }
	require.Empty(t, check(`func f(c color) { switch c { case red: case green: } }`), "blue is missing")
	require.Contains(t, check(`func f(c color) { switch c { case red: case green: case 1: } }`)[0], "duplicate case")

	const pinned = `var _ [1]struct{} = [len(names) - int(end) + 1]struct{}{}`
	require.Empty(t, check(pinned))
	added := consumerErrors(consumerSources{"main": `type color uint8
		const (red color = iota; green; blue; pink; end)
		var names = [...]string{"red", "green", "blue"}
		` + pinned})
	require.NotEmpty(t, added, "a constant without a name")

	for c := enumRed; c < enumColorEnd; c++ {
		require.True(t, enumColors.Valid(c), "%d has no name", c)
	}
}

// Make the type a struct with an unexported field and export variables of it. Other
// packages can then copy and compare these values but make no new ones, except the zero
// value. You lose constants: a package variable can be assigned by everybody, so hand the
// values out by functions; the cases of a switch are not checked for duplicates. For most
// enumerations an integer and a check at the border are enough.
//
//claim:ask How do I make an enum that other packages cannot extend?
//claim:source https://go.dev/ref/spec#Composite_literals
func TestEnumStruct(t *testing.T) {
	const lib = `type Color struct{ name string }
		var Red, Green = Color{"red"}, Color{"green"}
		func (c Color) String() string { return c.name }`
	check := func(use string) []string {
		return consumerErrors(consumerSources{"lib": lib, "main": "import \"lib\"\n" + use})
	}
	require.Empty(t, check(`var c = lib.Red
		var same = c == lib.Green
		var zero lib.Color
		func f() { lib.Red = lib.Green; switch c { case lib.Red: case lib.Red: } }`))
	require.NotEmpty(t, check(`var c = lib.Color{"pink"}`))
	require.NotEmpty(t, check(`var c = lib.Color{name: "pink"}`))
	require.NotEmpty(t, check(`var c lib.Color = "pink"`))
	require.Contains(t, check(`const c = lib.Red`)[0], "not constant")
}
