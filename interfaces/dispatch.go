package interfaces

// A call finds its function in one of three ways: the address is in the code
// (direct), in a function value, or in the method table of an interface value. A
// method call in generic code is of the third kind, with a dictionary as the table.

type dispatchScaler interface{ dispatchScale(n int64) int64 }

type dispatchFactor struct{ factor int64 }

//go:noinline
func (f *dispatchFactor) dispatchScale(n int64) int64 { return f.factor * n }

func (f *dispatchFactor) dispatchScaleInlined(n int64) int64 { return f.factor * n }

const dispatchCalls = 256

//go:noinline
func dispatchInlined(f *dispatchFactor) (sum int64) {
	for i := range int64(dispatchCalls) {
		sum += f.dispatchScaleInlined(i)
	}
	return sum
}

//go:noinline
func dispatchDirect(f *dispatchFactor) (sum int64) {
	for i := range int64(dispatchCalls) {
		sum += f.dispatchScale(i)
	}
	return sum
}

//go:noinline
func dispatchInterface(f dispatchScaler) (sum int64) {
	for i := range int64(dispatchCalls) {
		sum += f.dispatchScale(i)
	}
	return sum
}

//go:noinline
func dispatchGeneric[F dispatchScaler](f F) (sum int64) {
	for i := range int64(dispatchCalls) {
		sum += f.dispatchScale(i)
	}
	return sum
}

//go:noinline
func dispatchFunction(scale func(int64) int64) (sum int64) {
	for i := range int64(dispatchCalls) {
		sum += scale(i)
	}
	return sum
}

//go:noinline
func dispatchNamed(operations map[string]func(int64) int64, name string) (sum int64) {
	for i := range int64(dispatchCalls) {
		sum += operations[name](i)
	}
	return sum
}

// What happens to the argument of a call whose callee is not known. None of the
// callees keeps the pointer.

type dispatchReader interface{ dispatchFill(p *[64]byte) byte }

type dispatchZeros struct{ filled byte }

//go:noinline
func (z *dispatchZeros) dispatchFill(p *[64]byte) byte { p[0] = z.filled; return p[0] }

//go:noinline
func dispatchFillConcrete(r *dispatchZeros) byte { var buf [64]byte; return r.dispatchFill(&buf) }

//go:noinline
func dispatchFillInterface(r dispatchReader) byte { var buf [64]byte; return r.dispatchFill(&buf) }

//go:noinline
func dispatchFillGeneric[R dispatchReader](r R) byte { var buf [64]byte; return r.dispatchFill(&buf) }

//go:noinline
func dispatchFillFunction(fill func(p *[64]byte) byte) byte { var buf [64]byte; return fill(&buf) }

// The last two are small enough to be inlined.

func dispatchFillInterfaceInlined(r dispatchReader) byte {
	var buf [64]byte
	return r.dispatchFill(&buf)
}

func dispatchFillGenericInlined[R dispatchReader](r R) byte {
	var buf [64]byte
	return r.dispatchFill(&buf)
}
