package errors

// Must returns v, and panics with err if it is not nil. It is for calls that can
// fail only if the program itself is wrong, such as parsing a constant in the
// initialisation of a package variable, and for tests:
//
//	var home = errors.Must(url.Parse("https://example.org/"))
//
// With a value that comes from outside the program it turns bad input into a
// crash: handle the error there. A recovered panic value is err itself.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

type mustColour int

const (
	mustRed mustColour = iota
	mustGreen
)

// name has no return after the switch: panic is a terminating statement.
func (c mustColour) name() string {
	switch c {
	case mustRed:
		return "red"
	case mustGreen:
		return "green"
	default:
		panic("mustColour.name: unknown colour")
	}
}
