package errors

import (
	"errors"
	"reflect"
	"strings"
)

// FieldError is an error of one field of a larger value, such as a request or a
// configuration.
type FieldError struct {
	// Path leads from the outermost value to the field: items[2].price.
	Path string
	// Err is what is wrong with it. It must not be nil.
	Err error
}

// Error returns the path and the text of the error.
func (e *FieldError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns the error without the path.
func (e *FieldError) Unwrap() error { return e.Err }

// InField says that err comes from the field with the given name. It returns nil for nil. A
// [FieldError], or several of them joined by [errors.Join], get the name in front of their
// paths, with a dot between the two unless the path begins with a bracket. Any other error,
// also one that wraps a FieldError, becomes a FieldError. So a function that checks a value
// needs not know where in a larger one that value is:
//
//	errs = errors.Join(errs, deep.InField("address", checkAddress(c.Address)))
//
// InField does not change err, and returns the errors in the same order. All of
// them are found by
//
//	deep.AllAs[*deep.FieldError](err)
func InField(name string, err error) error {
	if err == nil {
		return nil
	}
	if field, ok := err.(*FieldError); ok {
		separator := "."
		if strings.HasPrefix(field.Path, "[") {
			separator = ""
		}
		return &FieldError{name + separator + field.Path, field.Err}
	}
	if reflect.TypeOf(err) != joinedType {
		return &FieldError{name, err}
	}
	var all []error
	for _, part := range err.(interface{ Unwrap() []error }).Unwrap() {
		all = append(all, InField(name, part))
	}
	return errors.Join(all...)
}

// joinedType is the type of what errors.Join returns. Other errors with several
// causes have a text of their own, which must not get lost.
var joinedType = reflect.TypeOf(errors.Join(errors.ErrUnsupported))
