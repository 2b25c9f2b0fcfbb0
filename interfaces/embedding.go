package interfaces

import (
	"runtime"
	"slices"
	"strings"
	"time"
)

// Embedding puts a field into a struct and promotes its fields and methods: the outer
// struct gets forwarding methods. The methods themselves stay what they were, methods
// of the embedded type. Here are the structs that the consequences are shown on.

// embeddedBase calls its own method Name from Hello.
type embeddedBase struct{ id int }

func (b *embeddedBase) Name() string  { return "base" }
func (b *embeddedBase) Hello() string { return "hello from " + b.Name() }
func (b *embeddedBase) Self() any     { return b }

// embeddedOuter hides Name and gets Hello as it is.
type embeddedOuter struct {
	before [4]int
	embeddedBase
}

func (o *embeddedOuter) Name() string { return "outer" }

// The levels embed each other; depth is the promoted method.
type (
	embeddedLevel0 struct{ n int }
	embeddedLevel1 struct {
		_ int
		embeddedLevel0
	}
	embeddedLevel2 struct {
		_ int
		embeddedLevel1
	}
	embeddedLevel3 struct {
		_ int
		embeddedLevel2
	}
)

// callers returns the functions on the stack above the method.
//
//go:noinline
func (l *embeddedLevel0) callers() (names []string) {
	pc := make([]uintptr, 8)
	frames := runtime.CallersFrames(pc[:runtime.Callers(1, pc)])
	for frame, more := frames.Next(); more; frame, more = frames.Next() {
		names = append(names, frame.Function[strings.LastIndexByte(frame.Function, '/')+1:])
	}
	return names
}

//go:noinline
func (l *embeddedLevel0) add(n int) int { l.n += n; return l.n }

type embeddedAdder interface{ add(n int) int }

// embeddedAddAll calls the method for each value through the interface.
//
//go:noinline
func embeddedAddAll(list []embeddedAdder) (sum int) {
	for _, a := range list {
		sum += a.add(1)
	}
	return sum
}

// embeddedEvent has the methods of time.Time, all of them: also MarshalJSON.
type embeddedEvent struct {
	time.Time
	Name string
}

// embeddedNamedEvent has a field instead.
type embeddedNamedEvent struct {
	Time time.Time
	Name string
}

// embeddedShort changes one method of the slice in it.
type embeddedShort struct{ embeddedSorter }

type embeddedSorter interface {
	Len() int
	Less(i, j int) bool
	Swap(i, j int)
}

func (s embeddedShort) Less(i, j int) bool { return s.embeddedSorter.Less(j, i) }

// embeddedWords is a list that sorts by length.
type embeddedWords []string

func (w embeddedWords) Len() int           { return len(w) }
func (w embeddedWords) Less(i, j int) bool { return len(w[i]) < len(w[j]) }
func (w embeddedWords) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w embeddedWords) clone() embeddedWords {
	return slices.Clone(w)
}
