package interfaces

import "unsafe"

// An interface value is two machine words. The second one, data, is a pointer:
// to the value, or the value itself if that is a pointer. The first one says
// what data is, and there are two forms of it:
//
//   - for an interface type without methods (any) it is the type descriptor
//   - for one with methods it is the itab, a table for this pair of interface
//     type and dynamic type, which names the type and holds the methods
//
// The structs below repeat that layout, see internal/abi/iface.go. They are for
// looking only: nothing here is promised by the language, and a program that
// needs the type of a value asks package reflect.

// layoutEmpty is the layout of a value of an interface type without methods.
type layoutEmpty struct {
	typ  unsafe.Pointer // type descriptor, nil in a nil interface
	data unsafe.Pointer
}

// layoutMethods is the layout of a value of an interface type with methods.
type layoutMethods struct {
	tab  *layoutItab // nil in a nil interface
	data unsafe.Pointer
}

// layoutItab is the layout of an itab.
type layoutItab struct {
	inter unsafe.Pointer // descriptor of the interface type
	typ   unsafe.Pointer // descriptor of the dynamic type
	hash  uint32         // that of typ, for type switches
	fun   [1]uintptr     // as many as inter has methods
}

// layoutOf returns the words of v. Any other interface value becomes an any on
// its way here; see layoutOfMethods.
func layoutOf(v any) layoutEmpty { return *(*layoutEmpty)(unsafe.Pointer(&v)) }

// layoutOfMethods returns the words of *p. I is an interface type with methods.
func layoutOfMethods[I any](p *I) layoutMethods { return *(*layoutMethods)(unsafe.Pointer(p)) }

// methods returns the first n code pointers.
func (tab *layoutItab) methods(n int) []uintptr { return unsafe.Slice(&tab.fun[0], n) }

// layoutStation has methods, declared in an order that is not the alphabet's.
type layoutStation struct {
	id   int
	name string
	grid [100]int
}

func (s *layoutStation) Zone() int { return s.id / 100 }

func (s *layoutStation) Name() string { return s.name }

func (s *layoutStation) Area() int { return len(s.grid) }

// layoutPlace lists the methods in another order.
type layoutPlace interface {
	Name() string
	Zone() int
	Area() int
}

// A torn interface value combines the type of one value with the data of another.

type layoutShort struct{ balance int }

type layoutLong struct{ limit, balance int }

func (s *layoutShort) Balance() int { return s.balance }

func (l *layoutLong) Balance() int { return l.balance }

type layoutAccount interface{ Balance() int }

// layoutTear returns what a reader sees that loads the first word of one account and, after
// another goroutine has replaced it, the second of the other.
func layoutTear(first, second layoutAccount) layoutAccount {
	torn := layoutMethods{layoutOfMethods(&first).tab, layoutOfMethods(&second).data}
	return *(*layoutAccount)(unsafe.Pointer(&torn))
}

// layoutHandle and the like are stored in the data word themselves.
type layoutHandle struct{ at *layoutStation }
