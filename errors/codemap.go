package errors

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
)

// Code is a class of errors that a caller can act on, whatever the cause was:
// one of the 17 codes of gRPC, with their numbers. A Code is an error itself,
// and a constant: it serves as a sentinel error that nobody can change. Test
// for it with
//
//	errors.Is(err, deep.NotFound)
//
// [OK] is no exception: as an error it is not nil. A function whose result is an error
// returns nil, and never a Code that may be OK.
type Code int

// The codes, and what a caller may conclude.
const (
	OK                 Code = iota // no error
	Canceled                       // the caller gave up
	Unknown                        // an error that nobody has classified
	InvalidArgument                // the request is wrong, whatever the state of the system is
	DeadlineExceeded               // the time was over; the work may have been done
	NotFound                       // what was asked for does not exist
	AlreadyExists                  // what was to be created exists
	PermissionDenied               // the caller is known and may not do this
	ResourceExhausted              // a quota or a limit is used up
	FailedPrecondition             // the state of the system must be changed before a retry
	Aborted                        // a conflict with others: start again from reading
	OutOfRange                     // past the end of valid data
	Unimplemented                  // not supported
	Internal                       // an invariant is broken: a bug
	Unavailable                    // a passing failure: the same request may succeed soon
	DataLoss                       // data cannot be recovered
	Unauthenticated                // the caller is not known
)

// codes holds the text of each code and the HTTP status that stands for it.
var codes = [...]struct {
	text   string
	status int
}{
	OK:                 {"ok", http.StatusOK},
	Canceled:           {"canceled", 499}, // there is no official status; this one is widely used
	Unknown:            {"unknown error", http.StatusInternalServerError},
	InvalidArgument:    {"invalid argument", http.StatusBadRequest},
	DeadlineExceeded:   {"deadline exceeded", http.StatusGatewayTimeout},
	NotFound:           {"not found", http.StatusNotFound},
	AlreadyExists:      {"already exists", http.StatusConflict},
	PermissionDenied:   {"permission denied", http.StatusForbidden},
	ResourceExhausted:  {"resource exhausted", http.StatusTooManyRequests},
	FailedPrecondition: {"failed precondition", http.StatusBadRequest},
	Aborted:            {"aborted", http.StatusConflict},
	OutOfRange:         {"out of range", http.StatusBadRequest},
	Unimplemented:      {"unimplemented", http.StatusNotImplemented},
	Internal:           {"internal error", http.StatusInternalServerError},
	Unavailable:        {"unavailable", http.StatusServiceUnavailable},
	DataLoss:           {"data loss", http.StatusInternalServerError},
	Unauthenticated:    {"unauthenticated", http.StatusUnauthorized},
}

// Error returns the name of the code in words, such as "not found".
func (c Code) Error() string {
	if c < 0 || int(c) >= len(codes) {
		return fmt.Sprintf("code %d", int(c))
	}
	return codes[c].text
}

// HTTPStatus returns the status code of HTTP for c: 404 for [NotFound]. A code
// that does not exist is a 500.
func (c Code) HTTPStatus() int {
	if c < 0 || int(c) >= len(codes) {
		return http.StatusInternalServerError
	}
	return codes[c].status
}

// Temporary reports whether the same request may succeed if it is sent again
// after a while: for [Unavailable], [ResourceExhausted] and [Aborted]. Whether
// it may be sent again at all depends on the request: it must have no effect,
// or the same when it is done twice.
func (c Code) Temporary() bool {
	return c == Unavailable || c == ResourceExhausted || c == Aborted
}

// CodeOf returns the code of err: [OK] for nil, the outermost [Code] in its
// tree, depth first, as [errors.As] finds it, or else what the well-known
// errors of the standard library mean: those of context, the deadlines of
// package os, [fs.ErrNotExist], [fs.ErrExist], [fs.ErrPermission] and
// [errors.ErrUnsupported]. Everything else is [Unknown].
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	if c, ok := errors.AsType[Code](err); ok {
		return c
	}
	for _, known := range [...]struct {
		err  error
		code Code
	}{
		{context.Canceled, Canceled},
		{context.DeadlineExceeded, DeadlineExceeded},
		{os.ErrDeadlineExceeded, DeadlineExceeded},
		{fs.ErrNotExist, NotFound},
		{fs.ErrExist, AlreadyExists},
		{fs.ErrPermission, PermissionDenied},
		{errors.ErrUnsupported, Unimplemented},
	} {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return Unknown
}

// Failure is an error with what each of its three readers needs: the code for programs,
// Public for the user, and Op and Err for the developer who reads the log. All fields may
// be empty. A Failure that is returned must not be changed any more.
type Failure struct {
	// Op is what was being done, with its key: "load user 7".
	Op string
	// Code is the class of the error, or OK to keep the one of Err.
	Code Code
	// Public is a text that users may read. It says nothing about the inside.
	Public string
	// Err is the cause.
	Err error
}

// Error returns Op, the code and the cause, separated by colons, without what is empty
// and without Public.
func (f *Failure) Error() string {
	text := f.Op
	add := func(s string) {
		if text != "" {
			text += ": "
		}
		text += s
	}
	if f.Code != OK {
		add(f.Code.Error())
	}
	if f.Err != nil {
		add(f.Err.Error())
	}
	if text == "" {
		return Unknown.Error()
	}
	return text
}

// Unwrap returns the code, if there is one, and then the cause: [errors.Is] finds both,
// and [CodeOf] the code before those further inside.
func (f *Failure) Unwrap() []error {
	switch {
	case f.Code == OK && f.Err == nil:
		return nil
	case f.Code == OK:
		return []error{f.Err}
	case f.Err == nil:
		return []error{f.Code}
	default:
		return []error{f.Code, f.Err}
	}
}

// PublicText returns the text for users: that of the outermost [Failure] in the tree of err
// that has one, or else the words of its code.
func PublicText(err error) string {
	for f := range AllAs[*Failure](err) {
		if f.Public != "" {
			return f.Public
		}
	}
	return CodeOf(err).Error()
}
