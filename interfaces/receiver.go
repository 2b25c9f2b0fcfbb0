package interfaces

import "sync"

// A receiver is the first parameter of a function, with the rules of a parameter: a
// value receiver is a copy. Here are the types that the consequences are shown on.

// tariff has methods of both kinds. A copy of it is independent of the original.
type tariff struct {
	name string
	rate int
}

func (t tariff) Rate() int               { return t.rate }
func (t tariff) Doubled() tariff         { t.rate *= 2; return t }
func (t tariff) setRateOfCopy(r int) int { t.rate = r; return t.rate }
func (t *tariff) SetRate(r int)          { t.rate = r }

// receiverQueue is a slice with methods.
type receiverQueue []int

func (q receiverQueue) pushLost(v int) { q = append(q, v); _ = q }
func (q receiverQueue) double() {
	for i := range q {
		q[i] *= 2
	}
}
func (q *receiverQueue) push(v int) { *q = append(*q, v) }

// receiverSettings is a map with methods. They need no pointer, because a map is
// one already; to replace the map itself they would.
type receiverSettings map[string]string

func (s receiverSettings) set(key, value string) { s[key] = value }
func (s receiverSettings) replace()              { s = receiverSettings{}; s.set("a", "lost") }

// receiverSteps is a function with a method, receiverSignal a channel with one.
type (
	receiverSteps  func(int) int
	receiverSignal chan struct{}
)

func (s receiverSteps) twice(n int) int { return s(s(n)) }
func (s receiverSignal) raise()         { close(s) }

// receiverCelsius and receiverFahrenheit are two types with the same values.
type (
	receiverCelsius    float64
	receiverFahrenheit float64
)

func (c receiverCelsius) Fahrenheit() receiverFahrenheit {
	return receiverFahrenheit(c*9/5 + 32)
}

// The types of receiverLock show what a new type keeps of an old one.
type (
	receiverLock         sync.Mutex           // loses Lock and Unlock
	receiverLockEmbedded struct{ sync.Mutex } // keeps them
	receiverLockAlias    = sync.Mutex         // is the same type
	receiverLocker       sync.Locker          // an interface: keeps its methods
	receiverLockStruct   receiverLockEmbedded // promoted methods stay
)

// receiverPair is generic: its methods name the type parameters again.
type receiverPair[K comparable, V any] struct {
	key   K
	value V
}

func (p receiverPair[K, V]) Swap() receiverPair2[V, K] { return receiverPair2[V, K]{p.value, p.key} }

type receiverPair2[A, B any] struct {
	first  A
	second B
}
