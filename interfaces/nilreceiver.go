package interfaces

// A method with a pointer receiver is a function that may get a nil pointer. Whether
// that works is decided by its body. Here are the types that the cases are shown on.

// nilList is a linked list whose empty value is a nil pointer.
type nilList struct {
	value int
	next  *nilList
}

func (l *nilList) Sum() int {
	if l == nil {
		return 0
	}
	return l.value + l.next.Sum()
}

// First follows the pointer without a look.
//
//go:noinline
func (l *nilList) First() int { return l.value }

// Copied has a value receiver: the caller follows the pointer.
//
//go:noinline
func (l nilList) Copied() int { return 1 }

// nilHolder embeds a list as its second field, nilPointerHolder a pointer to one.
type (
	nilHolder struct {
		name string
		nilList
	}
	nilPointerHolder struct {
		name string
		*nilList
	}
)

// nilSettings reads a map that need not exist.
type nilSettings map[string]string

func (s nilSettings) Get(key string) string { return s[key] }
func (s nilSettings) Set(key, value string) { s[key] = value }
