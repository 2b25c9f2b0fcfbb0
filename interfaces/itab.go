package interfaces

// An itab exists once for each pair of interface type and dynamic type. The
// linker lays out those that a conversion in the source needs; the others are
// made by the runtime at the first assertion that asks for the pair, and kept
// for ever. See layoutItab for what is in it.

// itabGauge is implemented by the types below.
type itabGauge interface{ Level() int }

// itabMeter has the same methods as itabGauge and another name.
type itabMeter interface{ Level() int }

// itabTank has a method with a value receiver and is larger than a pointer.
type itabTank struct {
	level int
	_     [3]int
}

func (t itabTank) Level() int { return t.level }

// itabProbe is one pointer, so an interface stores it directly.
type itabProbe struct{ level *int }

func (p itabProbe) Level() int { return *p.level }

// itabWell is never converted to itabDeep in the source, only by an assertion.
type itabWell struct{ level int }

func (w *itabWell) Level() int { return w.level }

func (w *itabWell) Depth() int { return -w.level }

type itabDeep interface {
	Level() int
	Depth() int
}

//go:noinline
func itabConvert(t *itabTank) itabGauge { return t }

//go:noinline
func itabAssert[I any](v any) (I, bool) {
	i, ok := v.(I)
	return i, ok
}

//go:noinline
func itabLevel(g itabGauge) int { return g.Level() }
