package interfaces

import "fmt"

// Go has no enumeration: it has integer types and constants. EnumNames adds the names, in
// both directions; the rest of this file are enumerations to show the rules on.

// EnumNames holds the names of the constants 0, 1, 2 … of the integer type E. An empty name
// means that the value is none of the constants. It must not be changed while it is in use;
// then it is safe for concurrent use.
type EnumNames[E enumInteger] []string

type enumInteger interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Valid reports whether e is one of the constants.
func (names EnumNames[E]) Valid(e E) bool {
	return e >= 0 && uint64(e) < uint64(len(names)) && names[e] != ""
}

// Name returns the name of e, or its type and number if it has none, such as Color(7). It
// is the body of a String method.
func (names EnumNames[E]) Name(e E) string {
	if names.Valid(e) {
		return names[e]
	}
	return fmt.Sprintf("%s(%d)", enumTypeName[E](), e)
}

// Parse returns the constant with the given name. Upper and lower case differ. The time is
// proportional to the number of constants.
func (names EnumNames[E]) Parse(name string) (E, error) {
	for i, n := range names {
		if n == name && n != "" {
			return E(i), nil
		}
	}
	return 0, fmt.Errorf("%q is no %s", name, enumTypeName[E]())
}

// Append appends the name of e to text. It is the body of a MarshalText method, and unlike
// Name returns an error if e has no name.
func (names EnumNames[E]) Append(text []byte, e E) ([]byte, error) {
	if !names.Valid(e) {
		return text, fmt.Errorf("%s(%d) has no name", enumTypeName[E](), e)
	}
	return append(text, names[e]...), nil
}

// enumTypeName returns the name of the type without its package.
func enumTypeName[E any]() string {
	var zero E
	name := fmt.Sprintf("%T", zero)
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[i+1:]
		}
	}
	return name
}

// enumColor is an enumeration with everything: an invalid zero value, names, and the two
// methods that encoders ask for.
type enumColor uint8

const (
	enumRed enumColor = iota + 1
	enumGreen
	enumBlue
	enumColorEnd // keep last
)

var enumColors = EnumNames[enumColor]{enumRed: "red", enumGreen: "green", enumBlue: "blue"}

func (c enumColor) String() string               { return enumColors.Name(c) }
func (c enumColor) MarshalText() ([]byte, error) { return enumColors.Append(nil, c) }
func (c *enumColor) UnmarshalText(text []byte) (err error) {
	*c, err = enumColors.Parse(string(text))
	return err
}

// enumAccess is a set of flags.
type enumAccess uint8

const (
	enumRead enumAccess = 1 << iota
	enumWrite
	enumExec
)

func (a enumAccess) has(all enumAccess) bool { return a&all == all }

func (a enumAccess) String() string {
	if a == 0 {
		return "none"
	}
	text := ""
	for i, name := range []string{"read", "write", "exec"} {
		if flag := enumAccess(1) << i; a.has(flag) {
			text += "|" + name
			a &^= flag
		}
	}
	if a != 0 {
		text += fmt.Sprintf("|%#x", uint8(a))
	}
	return text[1:]
}
