package interfaces

// If the compiler sees which type is in an interface, it calls the method
// directly, can inline it, and knows what happens to the value.

type devirtShape interface{ devirtArea() int64 }

type devirtSquare struct{ side, _, _ int64 }

func (s *devirtSquare) devirtArea() int64 { return s.side * s.side }

// devirtNew hides its type behind the interface, and is inlined.
func devirtNew(side int64) devirtShape { return &devirtSquare{side: side} }

//go:noinline
func devirtNewCalled(side int64) devirtShape { return &devirtSquare{side: side} }

//go:noinline
func devirtAreaOfNew(side int64) int64 { return devirtNew(side).devirtArea() }

//go:noinline
func devirtAreaOfCalled(side int64) int64 { return devirtNewCalled(side).devirtArea() }

// devirtTwice is inlined, with the type that the caller has.
func devirtTwice(s devirtShape) int64 { return 2 * s.devirtArea() }

//go:noinline
func devirtTwiceCalled(s devirtShape) int64 { return 2 * s.devirtArea() }
