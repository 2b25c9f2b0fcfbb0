// Package asm holds functions whose machine code the tests read.
package asm

import (
	"math"
	"math/bits"
	"sync/atomic"
)

// Functions of the standard library that have an instruction of their own.

func onesCount(x uint64) int               { return bits.OnesCount64(x) }
func trailingZeros(x uint64) int           { return bits.TrailingZeros64(x) }
func length(x uint64) int                  { return bits.Len64(x) }
func rotate(x uint64) uint64               { return bits.RotateLeft64(x, 7) }
func swapBytes(x uint64) uint64            { return bits.ReverseBytes64(x) }
func multiply(x, y uint64) (hi, lo uint64) { return bits.Mul64(x, y) }
func squareRoot(x float64) float64         { return math.Sqrt(x) }
func absolute(x float64) float64           { return math.Abs(x) }
func sine(x float64) float64               { return math.Sin(x) }
func addAtomic(p *int64) int64             { return atomic.AddInt64(p, 1) }
func loadAtomic(p *int64) int64            { return atomic.LoadInt64(p) }

// rotateByHand says in Go what bits.RotateLeft64 says.
func rotateByHand(x uint64) uint64 { return x<<7 | x>>57 }

// onesCountByHand is what math/bits does where there is no instruction.
func onesCountByHand(x uint64) int {
	const m0, m1, m2 = 0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f
	x = x>>1&m0 + x&m0
	x = x>>2&m1 + x&m1
	x = (x>>4 + x) & m2
	x += x >> 8
	x += x >> 16
	x += x >> 32
	return int(x) & 127
}

func loadBytesByHand(b []byte) uint32 {
	_ = b[3]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// Floating point.

func multiplyAdd(x, y, z float64) float64      { return x*y + z }
func multiplyThenAdd(x, y, z float64) float64  { return float64(x*y) + z }
func fusedMultiplyAdd(x, y, z float64) float64 { return math.FMA(x, y, z) }
func roundDown(x float64) float64              { return math.Floor(x) }

// Division.

func divideByVariable(x, y uint64) uint64 { return x / y }
func divideBy10(x uint64) uint64          { return x / 10 }
func divideBy8(x uint64) uint64           { return x / 8 }
func divideSignedBy8(x int64) int64       { return x / 8 }
func remainderBy8(x uint64) uint64        { return x % 8 }
func isMultipleOf10(x uint64) bool        { return x%10 == 0 }

// Choice.

func smaller(x, y int) int { return min(x, y) }

func smallerByIf(x, y int) int {
	m := x
	if y < x {
		m = y
	}
	return m
}

func smallerFloat(x, y float64) float64 { return min(x, y) }

func smallerFloatByIf(x, y float64) float64 {
	if y < x {
		return y
	}
	return x
}

func storeIf(p *int, x, y int) {
	if y < x {
		*p = y
	}
}

// Loops.

func sumLoop(s []int64) (sum int64) {
	for _, v := range s {
		sum += v
	}
	return sum
}

func sumLen(s []int64) (sum int64) {
	for i := 0; i < len(s); i++ {
		sum += s[i]
	}
	return sum
}

func sumHoisted(s []int64) (sum int64) {
	n := len(s)
	for i := 0; i < n; i++ {
		sum += s[i]
	}
	return sum
}

type total struct{ sum int64 }

func (t *total) addToField(s []int64) {
	for _, v := range s {
		t.sum += v
	}
}

func (t *total) addToLocal(s []int64) {
	sum := t.sum
	for _, v := range s {
		sum += v
	}
	t.sum = sum
}

func zeroLoop(s []byte) {
	for i := range s {
		s[i] = 0
	}
}

func fillLoop(s []byte) {
	for i := range s {
		s[i] = 1
	}
}

func copyLoop(dst, src []byte) {
	for i := range src {
		dst[i] = src[i]
	}
}

func copyCall(dst, src []byte) { copy(dst, src) }

func emptyMap(m map[string]int) {
	for k := range m {
		delete(m, k)
	}
}

var globalCounts []int64

// countGlobal stores to what the loop condition reads, as far as anybody knows.
func countGlobal(total *int64) {
	for i := 0; i < len(globalCounts); i++ {
		*total += int64(i)
	}
}

func countLocal(total *int64) {
	counts := globalCounts
	for i := 0; i < len(counts); i++ {
		*total += int64(i)
	}
}

// Constants.

const tracing = false

var tracingVariable = false

func traceCalled() { panic("tracing") }

func withConstant(x int) int {
	if tracing {
		traceCalled()
	}
	return x + 2*3
}

func withVariable(x int) int {
	if tracingVariable {
		traceCalled()
	}
	return x + 2*3
}

func deadResult(x, y int) int {
	_ = x / (y | 1)
	return x
}

// Arguments.

type four struct{ a, b, c, d int }

func sumStruct(v four) int  { return v.a + v.b + v.c + v.d }
func sumArray(v [4]int) int { return v[0] + v[1] + v[2] + v[3] }
func sumTen(a, b, c, d, e, f, g, h, i, j int) int {
	return a + b + c + d + e + f + g + h + i + j
}

func countDown(n int) int {
	if n == 0 {
		return 0
	}
	return countDown(n - 1)
}

// Switches.

func switchFew(n int) int {
	switch n {
	case 0:
		return 10
	case 1:
		return 21
	case 2:
		return 12
	case 3:
		return 43
	}
	return 0
}

func switchDense(n int) int {
	switch n {
	case 0:
		return 10
	case 1:
		return 21
	case 2:
		return 12
	case 3:
		return 43
	case 4:
		return 34
	case 5:
		return 65
	case 6:
		return 56
	case 7:
		return 77
	case 8:
		return 99
	}
	return 0
}

func switchCalls(n int) {
	switch n {
	case 0:
		println("zero")
	case 1:
		println("one")
	case 2:
		println("two")
	case 3:
		println("three")
	case 4:
		println("four")
	case 5:
		println("five")
	case 6:
		println("six")
	case 7:
		println("seven")
	}
}

func switchSparse(n int) int {
	switch n {
	case 1:
		return 10
	case 1e2:
		return 21
	case 1e3:
		return 12
	case 1e4:
		return 43
	case 1e5:
		return 34
	case 1e6:
		return 65
	case 1e7:
		return 56
	case 1e8:
		return 77
	case 1e9:
		return 99
	}
	return 0
}

func switchString(s string) int {
	switch s {
	case "a":
		return 1
	case "bb":
		return 2
	case "cc":
		return 3
	case "ddd":
		return 4
	case "eee":
		return 5
	case "ffff":
		return 6
	case "gggg":
		return 7
	case "hhhhh":
		return 8
	case "iiiii":
		return 9
	}
	return 0
}

// Pointers.

type pair struct{ first, second int }

type wide struct {
	_    [1 << 13]byte
	last int
}

func bothFields(p *pair) int { return p.first + p.second }
func farField(p *wide) int   { return p.last }
