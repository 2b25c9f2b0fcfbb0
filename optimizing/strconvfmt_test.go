package optimizing

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// strconvFmtNumbers are too large for the strings and boxes that exist already.
func strconvFmtNumbers() (numbers []int) {
	for i := range 100 {
		numbers = append(numbers, 1_000_000+7919*i)
	}
	return numbers
}

// More than 1.5 times as fast, and with half of the allocations: Itoa knows that it
// has an int, while Sprintf has to read the format, put the number into an interface,
// which allocates, and find its type again. AppendInt into a kept buffer saves the
// string too, more than twice as fast as Sprintf and without allocation. In a message
// that is printed once a second Sprintf is right, because it is easier to read.
//
//claim:ask How much faster is strconv.Itoa than fmt.Sprintf("%d", n)?
//claim:expect ns/op of=sprintf > 1.5x of=itoa
//claim:expect ns/op of=sprintf > 2x of=append
//claim:expect allocs/op of=sprintf == 200
//claim:expect allocs/op of=itoa == 100
//claim:expect allocs/op of=append == 0
//claim:source https://pkg.go.dev/strconv#AppendInt
func BenchmarkStrconvFmtInt(b *testing.B) {
	numbers := strconvFmtNumbers()
	kept := make([]byte, 0, 64)
	layoutRun(b, "of=sprintf", func() {
		for _, n := range numbers {
			strconvFmtSprintf(n)
		}
	})
	layoutRun(b, "of=itoa", func() {
		for _, n := range numbers {
			strconvFmtItoa(n)
		}
	})
	layoutRun(b, "of=append", func() {
		for _, n := range numbers {
			kept = strconvFmtAppend(kept[:0], n)
		}
	})
}

func TestStrconvFmtInt(t *testing.T) {
	for _, n := range append(strconvFmtNumbers(), 0, -1, 99, 100, math.MaxInt, math.MinInt) {
		want := strconvFmtItoa(n)
		assert.Equal(t, want, strconvFmtSprintf(n))
		assert.Equal(t, want, strconvFmtSprint(n))
		assert.Equal(t, want, string(strconvFmtAppend(nil, n)))
		assert.Equal(t, want, string(strconvFmtAppendf(nil, n)))
		back, err := strconvFmtSscanf(want)
		assert.NoError(t, err)
		assert.Equal(t, n, back)
	}
}

// Not for 0 to 99: Itoa and FormatInt with base 10 return parts of one constant
// string for them, and allocate from 100 on and for negative numbers. Sprintf does
// not use that table and allocates its result, but the number itself is free up to
// 255, because an interface can point to a table of single bytes. So benchmarks with
// small numbers measure something else than production does.
//
//claim:ask Does strconv.Itoa always allocate?
//claim:source internal/strconv/itoa.go
func TestStrconvFmtSmall(t *testing.T) {
	proof.WantAllocs(t, 0, func() { strconvFmtItoa(0) })
	proof.WantAllocs(t, 0, func() { strconvFmtItoa(99) })
	proof.WantAllocs(t, 1, func() { strconvFmtItoa(100) })
	proof.WantAllocs(t, 1, func() { strconvFmtItoa(-1) })
	proof.WantAllocs(t, 1, func() { strconvFmtSprintf(99) })
	proof.WantAllocs(t, 1, func() { strconvFmtSprintf(255) })
	proof.WantAllocs(t, 2, func() { strconvFmtSprintf(256) })
}

// It removes the string and not the rest: the result goes into your buffer, but every
// argument still travels in an interface, so an int above 255 is allocated, and the
// format is still read. A string in a variable is allocated for its header in the same
// way. A pointer is not, it fits into the interface. With strconv.AppendInt nothing is
// left. Appendf exists since Go 1.19.
//
//claim:ask Is fmt.Appendf free of allocations?
//claim:source https://pkg.go.dev/fmt#Appendf
func TestStrconvFmtAppendf(t *testing.T) {
	kept := make([]byte, 0, 64)
	proof.WantAllocs(t, 0, func() { kept = strconvFmtAppendf(kept[:0], 255) })
	proof.WantAllocs(t, 1, func() { kept = strconvFmtAppendf(kept[:0], 256) })
	proof.WantAllocs(t, 0, func() { kept = strconvFmtAppend(kept[:0], 1<<30) })
	names := []string{"Ann", "Bob"}
	turn := 0
	proof.WantAllocs(t, 1, func() { turn++; kept = fmt.Appendf(kept[:0], "%s", names[turn%2]) })
	proof.WantAllocs(t, 0, func() { turn++; kept = fmt.Appendf(kept[:0], "%p", &names[turn%2]) })
}

// More than 5 times: Sscanf makes a reader around the text, reads it rune by rune,
// interprets a format and writes through a pointer that sits in an interface, so the
// variable is allocated as well. Atoi is a loop over bytes and allocates nothing. Use
// strings.Cut or Fields to take the text apart and strconv to parse the parts. Sscanf
// also ignores what follows: it reads 12 from 12x without an error.
//
//claim:ask Is fmt.Sscanf a good way to parse numbers?
//claim:expect ns/op of=sscanf > 5x of=atoi
//claim:expect allocs/op of=sscanf >= 1
//claim:expect allocs/op of=atoi == 0
//claim:source https://pkg.go.dev/fmt#Sscanf
func BenchmarkStrconvFmtScan(b *testing.B) {
	texts := []string{"1234567", "-42", "99999"}
	layoutRun(b, "of=sscanf", func() {
		for _, s := range texts {
			_, _ = strconvFmtSscanf(s)
		}
	})
	layoutRun(b, "of=atoi", func() {
		for _, s := range texts {
			_, _ = strconvFmtAtoi(s)
		}
	})
}

func TestStrconvFmtScan(t *testing.T) {
	for _, s := range []string{"1234567", "-42", "99999"} {
		scanned, err := strconvFmtSscanf(s)
		assert.NoError(t, err)
		parsed, err := strconvFmtAtoi(s)
		assert.NoError(t, err)
		assert.Equal(t, parsed, scanned)
	}
	n, err := strconvFmtSscanf("12x")
	assert.NoError(t, err)
	assert.Equal(t, 12, n)
	_, err = strconvFmtAtoi("12x")
	assert.Error(t, err)
}

// Only if most texts are numbers. A call that succeeds allocates nothing, but one that
// fails makes a NumError and a copy of the text: two allocations for an answer that is
// thrown away. If failing is normal, look at the bytes first. The two do not ask the
// same: Atoi accepts a sign and refuses what does not fit into an int. The rule is a
// general one: errors are cheap to check and not free to make.
//
//claim:ask Is calling strconv.Atoi a good way to find out whether a text is a number?
//claim:source strconv/number.go
func TestStrconvFmtFailure(t *testing.T) {
	text := "order-2381"
	proof.WantAllocs(t, 0, func() { strconvFmtIsNumber("2381") })
	proof.WantAllocs(t, 2, func() { strconvFmtIsNumber(text) })
	proof.WantAllocs(t, 0, func() { _ = strconvFmtIsDigits(text) })
	for s, want := range map[string][2]bool{
		"2381": {true, true}, text: {false, false}, "": {false, false},
		"-7": {true, false}, "99999999999999999999": {false, true},
	} {
		assert.Equal(t, want, [2]bool{strconvFmtIsNumber(s), strconvFmtIsDigits(s)}, s)
	}
}

// hex.EncodeToString gives the same text as Sprintf("%x") for bytes and needs neither
// a format nor an interface, and allocates less often: Sprintf allocates a copy of the
// array to put it into the interface, and then the result. hex.AppendEncode, since Go
// 1.22, writes into a kept buffer and costs none.
//
//claim:ask What should I use instead of fmt.Sprintf("%x", id)?
//claim:source https://pkg.go.dev/encoding/hex#AppendEncode
func TestStrconvFmtHex(t *testing.T) {
	id := [16]byte{0xde, 0xad, 15: 1}
	assert.Equal(t, "dead0000000000000000000000000001", strconvFmtHex(id))
	assert.Equal(t, strconvFmtHex(id), strconvFmtHexf(id))
	kept := make([]byte, 0, 32)
	assert.Equal(t, strconvFmtHex(id), string(hex.AppendEncode(kept, id[:])))
	if !proof.RaceEnabled {
		byFormat := testing.AllocsPerRun(10, func() { strconvFmtHexf(id) })
		assert.Greater(t, byFormat, testing.AllocsPerRun(10, func() { strconvFmtHex(id) }))
	}
	proof.WantAllocs(t, 0, func() { kept = hex.AppendEncode(kept[:0], id[:]) })
}

// Take the shortest form only where it has to be read back: FormatFloat(f, 'g', -1,
// 64) finds the fewest digits that give the same float64, and those may be 17. A fixed
// number of digits makes shorter text, and AppendFloat writes it without allocation.
// Sprint(f) is the shortest form too, Sprintf("%f") has six digits after the point and
// loses the rest. For float32 give 32 as the last argument, or the text has digits
// that do not belong to it.
//
//claim:ask How do I format floats compactly and without allocations?
//claim:source https://pkg.go.dev/strconv#FormatFloat
func TestStrconvFmtFloat(t *testing.T) {
	x, y := 0.1, 0.2
	sum := x + y
	assert.Equal(t, "0.30000000000000004", strconv.FormatFloat(sum, 'g', -1, 64))
	assert.Equal(t, "0.30000000000000004", fmt.Sprint(sum))
	assert.Equal(t, "0.300000", fmt.Sprintf("%f", sum))
	single := float32(0.1)
	assert.Equal(t, "0.1", strconv.FormatFloat(float64(single), 'g', -1, 32))
	assert.Equal(t, "0.10000000149011612", strconv.FormatFloat(float64(single), 'g', -1, 64))
	kept := make([]byte, 0, 32)
	proof.WantAllocs(t, 0, func() { kept = strconv.AppendFloat(kept[:0], sum, 'f', 2, 64) })
	assert.Equal(t, "0.30", string(kept))
}
