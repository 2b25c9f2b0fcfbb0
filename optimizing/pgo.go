package optimizing

// A profile of pgoTotal, in default.pgo, tells the compiler what it cannot know:
// that the filter is nearly always a pgoRange, and that pgoDigits is called often
// enough to be worth inlining although it is over the budget.

// pgoFilter chooses numbers.
type pgoFilter interface{ keep(x uint64) bool }

type pgoRange struct{ low, high uint64 }

func (r *pgoRange) keep(x uint64) bool { return r.low <= x && x < r.high }

type pgoEven struct{}

func (pgoEven) keep(x uint64) bool { return x%2 == 0 }

// pgoDigits returns the number of decimal digits of x.
func pgoDigits(x uint64) int {
	if x < 1e1 {
		return 1
	}
	if x < 1e2 {
		return 2
	}
	if x < 1e3 {
		return 3
	}
	if x < 1e4 {
		return 4
	}
	if x < 1e5 {
		return 5
	}
	if x < 1e6 {
		return 6
	}
	if x < 1e7 {
		return 7
	}
	if x < 1e8 {
		return 8
	}
	if x < 1e9 {
		return 9
	}
	if x < 1e10 {
		return 10
	}
	if x < 1e11 {
		return 11
	}
	if x < 1e12 {
		return 12
	}
	if x < 1e13 {
		return 13
	}
	if x < 1e14 {
		return 14
	}
	if x < 1e15 {
		return 15
	}
	if x < 1e16 {
		return 16
	}
	if x < 1e17 {
		return 17
	}
	if x < 1e18 {
		return 18
	}
	if x < 1e19 {
		return 19
	}
	return 20
}

//go:noinline
func pgoTotal(f pgoFilter, values []uint64) (digits int) {
	for _, v := range values {
		if f.keep(v) {
			digits += pgoDigits(v)
		}
	}
	return digits
}
