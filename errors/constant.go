package errors

// Const is an error that is a constant: a sentinel that no other package can assign to.
//
//	const ErrClosed Const = "store: closed"
//
// Two constants of this type are the same error if their texts are equal,
// whichever package declares them. So begin the text with the name of your
// package, and better still, declare a type of your own that nobody else uses.
// Comparing costs a comparison of strings. A Const is safe for concurrent use.
type Const string

// Error returns the text of the constant.
func (c Const) Error() string { return string(c) }
