package memory

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"math/big"
	"math/bits"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Integer arithmetic wraps around: the result is the exact one with the upper
// bits cut off, for signed and unsigned types alike. There is no panic, and it
// is defined behaviour, so the compiler may not assume that it does not happen.
// int8(127)+1 is -128, and uint8(0)-1 is 255.
//
//claim:ask What happens on integer overflow at run time?
//claim:source https://go.dev/ref/spec#Integer_overflow
func TestIntegerWraps(t *testing.T) {
	i, u := int8(127), uint8(0)
	i++
	u--
	require.Equal(t, int8(-128), i)
	require.Equal(t, uint8(255), u)

	n := math.MaxInt
	require.Equal(t, math.MinInt, n+1)
	require.False(t, n+1 > n)
	h := int8(100)
	require.Equal(t, int8(16), h*100, "10000 is 39*256 + 16")
}

// A constant that does not fit is a compile error: in a conversion, in an
// assignment, and in arithmetic of typed constants. Untyped constants are exact
// and as large as they need to be, so 1<<100>>98 is 4; only what is stored has
// to fit. An untyped integer constant that goes into an interface is stored as an
// int, so fmt.Println(math.MaxUint64) does not compile. Division by a constant zero
// is a compile error too, except for a float variable divided by one.
//
//claim:ask When is integer overflow a compile error?
//claim:source https://go.dev/ref/spec#Constant_expressions
func TestConstantOverflow(t *testing.T) {
	for code, want := range map[string]string{
		"var a int8 = 127 + 1":                       "overflows",
		"const b int8 = 127\nvar c = b + 1":          "overflows",
		"var d = uint8(256)":                         "overflows",
		"var e uint = -1":                            "overflows",
		"var f int = 1.5":                            "truncated",
		"var g = 1 / 0":                              "division by zero",
		"var g = 1.0 / 0.0":                          "division by zero",
		"var n = 1\nvar g = n / 0":                   "division by zero",
		"var n = 1.0\nvar g = n / 0":                 "",
		"var m any = 18446744073709551615":           "as int value in variable declaration (overflows)",
		"var m any = uint64(18446744073709551615)":   "",
		"var h int8 = 1<<100>>98":                    "",
		"const huge = 1 << 200\nvar i = huge >> 199": "",
		"var j float64 = 1 << 200":                   "",
		"var k int8 = 127\nvar l = k + 1":            "", // a variable wraps at run time
	} {
		got := typeError(t, code)
		if want == "" {
			assert.Empty(t, got, code)
		} else {
			assert.Contains(t, got, want, code)
		}
	}
}

// There is one negative number more than there are positive ones, so the
// smallest integer has no counterpart: negating it gives itself, an abs function
// returns a negative number for it, and dividing it by -1 gives it back, with the
// remainder 0. Nothing panics, although the division instruction of amd64 would
// trap: the compiler adds a check for -1.
//
//claim:ask What is -x and x / -1 for the smallest int?
//claim:source https://go.dev/ref/spec#Integer_operators
func TestSmallestInteger(t *testing.T) {
	smallest := math.MinInt
	require.Equal(t, smallest, -smallest)
	quotient, remainder := divide(smallest, -1)
	require.Equal(t, smallest, quotient)
	require.Equal(t, 0, remainder)
	abs := func(x int8) int8 {
		if x < 0 {
			return -x
		}
		return x
	}
	require.Equal(t, int8(-128), abs(-128))
}

// An unsigned loop variable is never below zero, so for i := n-1; i >= 0; i--
// does not end by its condition: at zero it wraps to the largest number, and
// indexing with that panics. The same happens to len(s)-1 once it is converted to
// uint. Count so that the comparison is done before the subtraction, or range
// backwards with slices.Backward.
//
//claim:ask Why does for i := uint(n) - 1; i >= 0; i-- never end?
//claim:source https://go.dev/ref/spec#Integer_overflow
//claim:source https://pkg.go.dev/slices#Backward
func TestUnsignedLoop(t *testing.T) {
	var empty []int
	require.Equal(t, uint(math.MaxUint), uint(len(empty))-1)
	require.Equal(t, []uint{2, 1, 0}, countDown(3))
	require.Empty(t, countDown(0))

	s, last := []int{1, 2, 3}, uint(2)
	wrapped := fmt.Sprintf("runtime error: index out of range [%d] with length 3", uint(math.MaxUint))
	require.PanicsWithError(t, wrapped, func() {
		sum := 0
		for i := last; ; i-- { // as if with i >= 0
			sum += s[i]
		}
	})
	var backward []int
	for i := range slices.Backward(s) {
		backward = append(backward, i)
	}
	require.Equal(t, []int{2, 1, 0}, backward)
}

// A byte cannot count to 256: i <= 255 is always true for it, after 255 comes 0,
// and the loop does not end. i < 256 does not compile, as the constant is no byte.
// Count with an int and convert inside; range over an int has no last step that
// could wrap. The same is true of the largest value of every integer type, so
// i <= math.MaxInt does not end either.
//
//claim:ask How do you loop over all 256 values of a byte?
//claim:source https://go.dev/ref/spec#Integer_overflow
//claim:source https://go.dev/ref/spec#For_range
func TestByteLoop(t *testing.T) {
	last, steps, wrapped := byte(255), 0, false
	for i := byte(0); i <= last; i++ {
		if steps++; steps > 1000 {
			wrapped = i < last
			break
		}
	}
	require.True(t, wrapped, "the loop had to be stopped")
	require.Contains(t, typeError(t, "func f(i byte) bool { return i < 256 }"), "overflows")

	var values [256]int
	for i := range 256 {
		values[byte(i)]++
	}
	require.NotContains(t, values, 0)
	visited := 0
	for range last {
		visited++
	}
	require.Equal(t, 255, visited, "255 itself is left out")
}

// Go has five levels of binary operators: first * / % << >> & and &^, then + - | and
// ^, then the comparisons, then &&, then ||. So x&1 == 0 needs no parentheses, and
// 1<<2+3 is 7. In C the shift comes after the addition, and the same text is 32
// there. gofmt shows the order by its spaces. ++ and -- are statements and no
// operators, so they have no place in an expression.
//
//claim:ask What is 1<<2+3?
//claim:source https://go.dev/ref/spec#Operator_precedence
//claim:source https://go.dev/ref/spec#IncDec_statements
func TestOperatorPrecedence(t *testing.T) {
	one, two, three := 1, 2, 3
	require.Equal(t, 7, one<<two+three)
	require.Equal(t, 32, one<<(two+three))
	require.True(t, two&one == 0)
	require.Equal(t, 4, one|three+one, "from the left, | and + have one level")
	require.Equal(t, 5, one|(three+one))
	require.Equal(t, -2, -two&^one, "the sign first: -2 &^ 1")

	for code, want := range map[string]string{"x = 1<<2+3": "x = 1<<2 + 3", "x = a*b+c": "x = a*b + c"} {
		got, err := format.Source([]byte(code))
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	_, err := parser.ParseExpr("i++ + 1")
	require.Error(t, err)
}

// With one operand ^ flips all bits, with two it is the exclusive or, and never a
// power: 2^3 is 1. For a signed x, ^x is -x-1. How many bits there are depends on the
// type, so ^uint8(1) is 254; the constant ^1 has no width and is -2, which no
// unsigned variable can take. &^ clears the bits that are set on its right side. The
// ~ of other languages exists only in constraints.
//
//claim:ask What do ^5, 2^3 and x &^ y mean?
//claim:source https://go.dev/ref/spec#Arithmetic_operators
//claim:source https://go.dev/ref/spec#Constant_expressions
func TestBitOperators(t *testing.T) {
	five, two, three := 5, 2, 3
	require.Equal(t, -6, ^five)
	require.Equal(t, 1, two^three)
	require.Equal(t, 8.0, math.Pow(2, 3))
	for _, x := range []int{0, 1, -1, 100, math.MaxInt, math.MinInt} {
		require.Equal(t, -x-1, ^x)
	}
	require.Equal(t, uint8(254), ^uint8(1))
	require.Contains(t, typeError(t, "var x uint8 = ^1"), "overflows")
	require.Equal(t, 0b1000, 0b1010&^0b0011)
	require.Contains(t, typeError(t, "var x = ~5 + 1"), "~")
}

// A leading zero makes an integer literal octal: 010 is 8, the same as 0o10 (Go
// 1.13), and 08 does not compile. An underscore between digits is ignored. Text is
// read by other rules: strconv.Atoi takes "010" for ten, and ParseInt does what the
// language does only with base 0. A character in quotes is an integer
// constant too, of the type rune, which is another name of int32, as byte is of
// uint8.
//
//claim:ask What is 010?
//claim:source https://go.dev/ref/spec#Integer_literals
//claim:source https://pkg.go.dev/strconv#ParseInt
func TestIntegerLiterals(t *testing.T) {
	require.Equal(t, 8, 010)
	require.Equal(t, 8, 0o10)
	require.Equal(t, 1000, 1_000)
	_, err := parser.ParseExpr("08")
	require.Error(t, err)

	decimal, err := strconv.Atoi("010")
	require.NoError(t, err)
	require.Equal(t, 10, decimal)
	asInGo, err := strconv.ParseInt("010", 0, 64)
	require.NoError(t, err)
	require.Equal(t, int64(8), asInGo)
	_, err = strconv.Atoi("1_000")
	require.ErrorIs(t, err, strconv.ErrSyntax)

	require.Equal(t, int32(97), 'a')
	require.Equal(t, 'b', 'a'+1)
	require.Empty(t, typeError(t, "var r rune = int32(1)\nvar b byte = uint8(1)"))
}

// Converting an integer to a smaller type keeps the low bits: int8(300) of a
// variable is 44, and uint32(-1) is the largest uint32. Converting to a larger type
// extends the sign of a signed value, so the order of two conversions matters:
// uint16(int8(-1)) is 65535 and uint16(uint8(255)) is 255. Check the range before
// you convert what comes from outside; strconv.ParseInt takes the number of bits.
//
//claim:ask What does converting an integer to a smaller type do?
//claim:source https://go.dev/ref/spec#Conversions
//claim:source https://pkg.go.dev/strconv#ParseInt
func TestIntegerConversion(t *testing.T) {
	n, minus := 300, -1
	require.Equal(t, int8(44), int8(n))
	require.Equal(t, uint32(math.MaxUint32), uint32(minus))
	require.Equal(t, uint16(65535), uint16(int8(minus)))
	require.Equal(t, uint16(255), uint16(uint8(minus)))

	_, err := strconv.ParseInt("300", 10, 8)
	require.ErrorIs(t, err, strconv.ErrRange)
}

// int64(a*b) multiplies in the type of a and b and converts what is left of the
// product. Go never widens an operand, so convert the operands: int64(a)*int64(b).
// It is the same with shifts, and with uint8 and uint16, which are not turned
// into int as in C: uint8(200)+uint8(100) is 44, whatever it is assigned to.
//
//claim:ask Is int64(a*b) computed with 64 bits?
//claim:source https://go.dev/ref/spec#Arithmetic_operators
func TestConvertedTooLate(t *testing.T) {
	a, b := int32(100_000), int32(100_000)
	require.Equal(t, int64(1_410_065_408), int64(a*b))
	require.Equal(t, int64(10_000_000_000), int64(a)*int64(b))

	x, y, count := uint8(200), uint8(100), 8
	require.Equal(t, 44, int(x+y))
	require.Equal(t, 0, int(x<<count))
	require.Equal(t, 51200, int(x)<<count)
}

// In 1 << n with a variable n the constant takes the type that it would have
// without the shift: that of the variable it is assigned to, or of the conversion
// around it, and int if there is none. So var x int8 = 1 << n is a shift of 8 bits,
// and float64(1 << n) does not compile, as floats cannot be shifted. If n is a
// constant, the whole is a constant, and exact.
//
//claim:ask Which type has the 1 in 1 << n?
//claim:source https://go.dev/ref/spec#Operators
func TestShiftedConstant(t *testing.T) {
	n := 10
	var narrow int8 = 1 << n
	var wide int64 = 1 << n
	require.Equal(t, int8(0), narrow)
	require.Equal(t, int64(1024), wide)
	inferred := 1 << n
	require.Equal(t, 1024, inferred)
	require.Equal(t, uint8(0), uint8(1<<n))

	const count = 10
	require.Contains(t, typeError(t, "var n = 10\nvar x = float64(1 << n)"), "shifted operand 1 (type float64) must be integer")
	require.Equal(t, 1024.0, float64(1<<count))
}

// A Duration is an int64 of nanoseconds, so it reaches about 292 years, and a
// longer one wraps around: time.Duration(seconds) * time.Second is negative for
// 10 billion seconds. Multiplying two Durations is a mistake that compiles.
// Time.Sub does not wrap, it gives the largest Duration.
//
//claim:ask Can a time.Duration overflow?
//claim:source https://pkg.go.dev/time#Duration
//claim:source https://pkg.go.dev/time#Time.Sub
func TestDurationOverflow(t *testing.T) {
	seconds := int64(10_000_000_000)
	require.Negative(t, time.Duration(seconds)*time.Second)
	require.InDelta(t, 292, time.Duration(math.MaxInt64).Hours()/24/365.25, 1)

	second := time.Second
	require.NotEqual(t, 5*time.Second, 5*second*time.Second)
	start := time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC)
	require.Equal(t, time.Duration(math.MaxInt64), start.AddDate(1000, 0, 0).Sub(start))
}

// A shift by the width of the type or more is defined: all bits are gone, so a
// left shift gives 0 and a right shift of a negative number -1. A negative count
// panics, a negative constant one does not compile. The count may have any integer
// type, also a signed one (Go 1.13). A right shift rounds down where a division
// rounds towards zero.
//
//claim:ask What does x << 64 give?
//claim:source https://go.dev/ref/spec#Arithmetic_operators
//claim:source https://go.dev/doc/go1.13#language
func TestShiftCount(t *testing.T) {
	one, minus, count, negative := int64(1), int64(-5), 64, -1
	require.Equal(t, int64(0), one<<count)
	require.Equal(t, int64(-1), minus>>count)
	require.PanicsWithError(t, "runtime error: negative shift amount", func() { _ = one << negative })
	require.Equal(t, int64(-3), minus>>1)
	require.Equal(t, int64(-2), minus/2)

	const signed = "func f(n, count int) int { return n << count }"
	require.Empty(t, typeErrorAt(t, "go1.13", signed))
	require.Contains(t, typeErrorAt(t, "go1.12", signed), "signed shift count")
	require.Contains(t, typeError(t, "var n = 1\nvar x = n << -1"), "negative shift count")
}

// Check for overflow with the result at hand, as [AddInt] and [MulInt] do: a sum
// is larger than one operand exactly if the other is positive, and a product
// divided by one factor must be the other. Or check before: a+b is too large if b is
// positive and a > math.MaxInt-b. The test a+b > math.MaxInt comes too late, the sum
// has wrapped. For 64-bit unsigned numbers bits.Add64 returns the carry and
// bits.Mul64 the upper half, and for more there is math/big.
//
//claim:ask How do you detect integer overflow?
//claim:source https://pkg.go.dev/math/bits#Add64
//claim:source https://pkg.go.dev/math/bits#Mul64
func TestDetectOverflow(t *testing.T) {
	numbers := []int{0, 1, -1, 2, -2, 3, math.MaxInt, math.MinInt, math.MaxInt - 1, math.MinInt + 1, math.MaxInt / 2, math.MinInt / 2, 46341, -46341}
	fits := func(x *big.Int) bool { return x.IsInt64() && int64(int(x.Int64())) == x.Int64() }
	for _, a := range numbers {
		for _, b := range numbers {
			x, y := big.NewInt(int64(a)), big.NewInt(int64(b))
			sum, product := new(big.Int).Add(x, y), new(big.Int).Mul(x, y)

			got, err := AddInt(a, b)
			require.Equal(t, fits(sum), err == nil, "%d + %d", a, b)
			before := b > 0 && a > math.MaxInt-b || b < 0 && a < math.MinInt-b
			require.Equal(t, err != nil, before, "%d + %d", a, b)
			if err == nil {
				require.Equal(t, sum.Int64(), int64(got))
			}
			got, err = MulInt(a, b)
			require.Equal(t, fits(product), err == nil, "%d * %d", a, b)
			if err == nil {
				require.Equal(t, product.Int64(), int64(got))
			}
		}
	}
	_, carry := bits.Add64(math.MaxUint64, 1, 0)
	require.Equal(t, uint64(1), carry)
	high, low := mul128(1<<63, 4)
	require.Equal(t, []uint64{2, 0}, []uint64{high, low})
}

// int and uint are as wide as the machine wants, 32 or 64 bits: strconv.IntSize
// says which, and math.MaxInt is the constant for it. They are types of their own,
// so int and int64 do not mix without a conversion even where they are equally
// wide. So var x int = 1 << 31 compiles for amd64 and overflows for 386. Use int for
// counts and indexes, a sized type for what is stored or sent.
//
//claim:ask How large is an int?
//claim:source https://go.dev/ref/spec#Numeric_types
func TestIntSize(t *testing.T) {
	require.EqualValues(t, strconv.IntSize, 8*unsafe.Sizeof(int(0)))
	require.Contains(t, []int{32, 64}, strconv.IntSize)
	require.Equal(t, strconv.IntSize, bits.UintSize)
	require.Equal(t, math.MaxInt, int(^uint(0)>>1))
	require.Contains(t, typeError(t, "var a int = 1\nvar b int64 = a"), "cannot use a")

	for arch, fits := range map[string]bool{"386": false, "arm": false, "amd64": true, "arm64": true} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "x.go", "package x; var x int = 1 << 31", 0)
		require.NoError(t, err)
		conf := types.Config{Sizes: types.SizesFor("gc", arch)}
		_, err = conf.Check("x", fset, []*ast.File{file}, nil)
		if fits {
			require.NoError(t, err, arch)
		} else {
			require.ErrorContains(t, err, "overflows", arch)
		}
	}
}

// Integer division truncates towards zero, and the remainder has the sign of the
// dividend: -7/2 is -3 and -7%2 is -1. So x%2 == 1 misses negative odd numbers;
// write x%2 != 0. For an index that wraps around, use ((x%n)+n)%n.
//
//claim:ask What is -7 / 2 and -7 % 2?
//claim:source https://go.dev/ref/spec#Integer_operators
func TestIntegerDivision(t *testing.T) {
	seven, two := 7, 2
	for _, c := range []struct{ x, y, quotient, remainder int }{
		{seven, two, 3, 1}, {-seven, two, -3, -1}, {seven, -two, -3, 1}, {-seven, -two, 3, -1},
	} {
		require.Equal(t, c.quotient, c.x/c.y)
		require.Equal(t, c.remainder, c.x%c.y)
		require.Equal(t, c.x, c.x/c.y*c.y+c.x%c.y)
	}
	n := 5
	require.Equal(t, 4, ((-1%n)+n)%n)
}

// It is 0: both constants are integers, so this is an integer division, and its
// result is converted afterwards. One float operand is enough, 1/2.0 is 0.5, but it
// must be an operand of that division: 7/2*2.0 is 6. With variables convert
// before the division, float64(a)/float64(b). An untyped constant takes the type of a
// variable beside it, so x/2 with a float64 x is a float division.
//
//claim:ask var f float64 = 1 / 2: what is in f?
//claim:source https://go.dev/ref/spec#Constant_expressions
func TestConstantDivision(t *testing.T) {
	const one, two = 1, 2
	var f float64 = one / two
	require.Equal(t, 0.0, f)
	require.Equal(t, 0.5, 1/2.0)
	require.Equal(t, 6.0, 7/2*2.0)
	require.Equal(t, 7.0, 7/2.0*2)

	a, b, x := 7, 2, 7.0
	require.Equal(t, 3.0, float64(a/b))
	require.Equal(t, 3.5, float64(a)/float64(b))
	require.Equal(t, 3.5, x/2)
	require.Contains(t, typeError(t, "var a int = 7\nvar f = a / 2.5"), "truncated")
	require.Contains(t, typeError(t, "var a int = 7\nvar b float64 = 2\nvar f = a / b"), "mismatched types")
}

// Dividing an integer by zero panics at run time with a runtime.Error that can be
// recovered. Dividing a float by zero gives an infinity, or NaN for 0/0, and never
// panics; the error shows up much later, or never.
//
//claim:ask What happens on division by zero?
//claim:source https://go.dev/ref/spec#Integer_operators
//claim:source https://go.dev/ref/spec#Floating_point_operators
func TestDivisionByZero(t *testing.T) {
	zero, float := 0, 0.0
	require.PanicsWithError(t, "runtime error: integer divide by zero", func() { _ = 1 / zero })
	require.PanicsWithError(t, "runtime error: integer divide by zero", func() { _ = 1 % zero })
	func() {
		defer func() { require.Implements(t, (*runtime.Error)(nil), recover()) }()
		_ = 1 / zero
	}()
	require.True(t, math.IsInf(1/float, 1))
	require.True(t, math.IsInf(-1/float, -1))
	require.True(t, math.IsNaN(float/float))
}

// Converting a float to an integer cuts off the fraction, towards zero. If the
// value does not fit, or is NaN, the result depends on the processor and is not
// a panic, so check before. On amd64 it is the smallest int64 for all of these,
// also for +Inf. From 2^53 on a float64 cannot hold every integer, so
// converting an int64 there and back may change it.
//
//claim:ask What does converting a float to an int do with a fraction, and with what does not fit?
//claim:source https://go.dev/ref/spec#Conversions
func TestFloatToInt(t *testing.T) {
	for f, want := range map[float64]int{1.9: 1, -1.9: -1, 0.5: 0} {
		require.Equal(t, want, int(f))
	}
	for _, f := range []float64{math.Inf(1), math.Inf(-1), math.NaN(), 1e300} {
		got := int64(f) // no panic
		if runtime.GOARCH == "amd64" {
			require.Equal(t, int64(math.MinInt64), got, "%v", f)
		}
	}

	exact, next := int64(1)<<53, int64(1)<<53+1
	require.Equal(t, exact, int64(float64(exact)))
	require.NotEqual(t, next, int64(float64(next)))
}

// Constants are exact numbers, variables are not: 0.1+0.2 == 0.3 is true for
// constants and false for float64 variables, which are binary fractions next to
// these numbers. For the same reason the order of additions matters:
// (0.1+0.2)+0.3 is not 0.1+(0.2+0.3), and a float32 of 2^24 does not grow any more
// if 1 is added. Compare floats with a tolerance that fits the problem, and keep
// money in integers of the smallest unit.
//
//claim:ask Is 0.1 + 0.2 equal to 0.3?
//claim:source https://go.dev/ref/spec#Constants
func TestFloatConstants(t *testing.T) {
	const constant = 0.1 + 0.2
	require.True(t, constant == 0.3)
	a, b := 0.1, 0.2
	require.False(t, a+b == 0.3)
	require.InDelta(t, 0.3, a+b, 1e-15)

	c, count := 0.3, float32(1<<24)
	require.NotEqual(t, (a+b)+c, a+(b+c))
	require.Equal(t, count, count+1)
}

// (low+high)/2 is negative if the sum does not fit into an int. Adding half the
// difference avoids it, and so does a shift of the sum as an unsigned number, as
// package sort does: two positive ints always fit into a uint.
//
//claim:ask What is wrong with (low + high) / 2 in a binary search?
//claim:source sort/search.go
func TestMiddle(t *testing.T) {
	low, high := math.MaxInt-2, math.MaxInt
	require.Negative(t, middleNaive(low, high))
	require.Equal(t, math.MaxInt-1, middle(low, high))
	require.Equal(t, math.MaxInt-1, low+(high-low)/2)
	require.Equal(t, 3, middle(2, 5))
}
