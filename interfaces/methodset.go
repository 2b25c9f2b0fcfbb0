package interfaces

// The method set of a type decides which interfaces it implements: T has the
// methods with a value receiver, *T has all of them. Calls look more liberal,
// because the compiler takes an address where there is one. Here are the types
// that the difference is shown on.

// meter has one method of each kind. It fills two words, so an interface holds
// it in an object of its own.
type meter struct{ units, price int }

func (m meter) Cost() int  { return m.units * m.price }
func (m *meter) Add(n int) { m.units += n }
func (m *meter) reset()    { m.units = 0 }

type (
	meterByValue   struct{ meter }
	meterByPointer struct{ *meter }
)

// meterCoster is what both meter and *meter implement, meterAdder only *meter.
type (
	meterCoster interface{ Cost() int }
	meterAdder  interface{ Add(int) }
)
