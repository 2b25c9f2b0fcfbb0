package interfaces

// x.M without a call is a method value: a function that has M and a receiver bound to
// it. T.M is a method expression: a function whose first parameter is the receiver.
// Here is the type that both are shown on.

type dial struct{ at int }

func (d dial) Value() int      { return d.at }
func (d *dial) Turn(n int)     { d.at += n }
func (d *dial) Sum(n int) int  { return d.at + n }
func (d *dial) Fixed() string  { return "dial" }
func (d *dial) onTurn() func() { return func() { d.Turn(1) } }

type dialer interface{ Value() int }

// dialListeners calls the functions that were registered.
type dialListeners struct {
	next  int
	funcs map[int]func(int)
}

// add registers f and returns the function that takes it away again. Functions cannot
// be compared, so f itself could not be found.
func (l *dialListeners) add(f func(int)) (remove func()) {
	if l.funcs == nil {
		l.funcs = make(map[int]func(int))
	}
	id := l.next
	l.next++
	l.funcs[id] = f
	return func() { delete(l.funcs, id) }
}

func (l *dialListeners) call(n int) {
	for _, f := range l.funcs {
		f(n)
	}
}

// forEachNumber calls f for the numbers from 1 to n. It keeps f in a variable that
// outlives the call, as a registry would.
//
//go:noinline
func forEachNumber(n int, f func(int) int) (sum int) {
	keptDialFunc = f
	for i := range n {
		sum += keptDialFunc(i + 1)
	}
	return sum
}

var keptDialFunc func(int) int
