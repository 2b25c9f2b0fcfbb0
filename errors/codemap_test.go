package errors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errCodeDatabase = errors.New("connection refused to 10.0.0.7:5432")

// Callers have few things they can do: try again, give up, ask the user, report
// a bug. A small fixed set of codes says which, for all causes, and survives
// where types do not: logs, metrics, other processes. The 17 codes of gRPC are
// such a set. Keep the cause beside the code; a code instead of the cause
// leaves nothing to debug.
//
//claim:ask How do you classify errors for callers that cannot know every cause?
//claim:source https://pkg.go.dev/google.golang.org/grpc/codes
func TestCodeOf(t *testing.T) {
	for want, err := range map[Code]error{
		OK:               nil,
		Unknown:          errCodeDatabase,
		Canceled:         fmt.Errorf("query: %w", context.Canceled),
		DeadlineExceeded: &os.PathError{Op: "read", Path: "pipe", Err: os.ErrDeadlineExceeded},
		NotFound:         &fs.PathError{Op: "open", Path: "a", Err: fs.ErrNotExist},
		AlreadyExists:    fmt.Errorf("mkdir: %w", fs.ErrExist),
		PermissionDenied: errors.Join(io.EOF, fs.ErrPermission),
		Unimplemented:    errors.ErrUnsupported,
		Unavailable:      fmt.Errorf("save: %w", &Failure{Op: "connect", Code: Unavailable, Err: errCodeDatabase}),
		Internal:         Internal,
	} {
		assert.Equal(t, want, CodeOf(err), "%v", err)
	}
	assert.Equal(t, DeadlineExceeded, CodeOf(context.DeadlineExceeded))
}

// A code of an integer type with an Error method is a constant: nobody can
// assign to it, and two packages that use it agree, because == compares the
// number. That makes it usable with errors.Is as a sentinel. A wrapped error
// has the code as one branch and the cause as the other, so that errors.Is
// finds either.
//
//claim:ask How does errors.Is match an error by its code while the cause can still be found?
//claim:source https://pkg.go.dev/errors#Is
func TestCodeIs(t *testing.T) {
	err := fmt.Errorf("handler: %w", &Failure{Op: "load user 7", Code: NotFound, Err: fs.ErrNotExist})
	assert.ErrorIs(t, err, NotFound)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.NotErrorIs(t, err, Internal)
	failure, ok := errors.AsType[*Failure](err)
	require.True(t, ok)
	assert.Equal(t, "load user 7", failure.Op)
	switch CodeOf(err) {
	case NotFound:
	default:
		t.Error("a switch over codes must match")
	}
}

// An interface that holds a value is not nil, and OK, the number 0, is a value. So a
// function that ends with return code reports a failure named ok. Status types that have
// a success value all have this trap, which is the typed nil in another form. Return nil
// for success, and let only what is wrong become an error.
//
//claim:ask A function ends with return code, and code is OK. Why does the caller see an error?
//claim:source https://go.dev/doc/faq#nil_error
func TestCodeOKNotNil(t *testing.T) {
	status := func(c Code) error { return c }
	assert.True(t, status(OK) != nil)
	assert.EqualError(t, status(OK), "ok")
	right := func(c Code) error {
		if c == OK {
			return nil
		}
		return c
	}
	assert.NoError(t, right(OK))
	assert.Equal(t, error(NotFound), right(NotFound))
	assert.Equal(t, OK, CodeOf(nil), "the way back: no error is OK")
}

// The outermost code wins. A layer that gives a code knows more about its
// caller than the one below: a missing row is NotFound for the store and may be
// PermissionDenied or Internal for the service above. So a translation wraps
// the error with its own code, and errors.Is still finds the old one, for the
// log.
//
//claim:ask Two layers gave an error different codes. Which one does the caller see?
//claim:source https://pkg.go.dev/errors#As
func TestCodeOutermost(t *testing.T) {
	store := &Failure{Op: "load account 9", Code: NotFound}
	service := &Failure{Op: "transfer", Code: FailedPrecondition, Public: "The account does not exist.", Err: store}
	assert.Equal(t, FailedPrecondition, CodeOf(service))
	assert.ErrorIs(t, service, NotFound)
	kept := &Failure{Op: "transfer", Err: store}
	assert.Equal(t, NotFound, CodeOf(kept), "no code of its own: that of the cause")
	assert.EqualError(t, service, "transfer: failed precondition: load account 9: not found")
}

// An error has two readers. The developer needs every detail: operation, key,
// host, cause. The user needs one sentence without any of that, which would not
// help and may reveal the inside of the system. So an error carries two texts,
// and only the one made for users leaves the process. Without one, the words of
// the code are enough.
//
//claim:ask How do you show users a message without leaking internals, and still log everything?
//claim:source https://www.rfc-editor.org/rfc/rfc9457
func TestCodePublicText(t *testing.T) {
	err := fmt.Errorf("checkout: %w", &Failure{
		Op: "charge card of user 7", Code: Unavailable, Public: "Payment is not possible at the moment.", Err: errCodeDatabase,
	})
	assert.Equal(t, "Payment is not possible at the moment.", PublicText(err))
	assert.EqualError(t, err, "checkout: charge card of user 7: unavailable: connection refused to 10.0.0.7:5432")
	assert.Equal(t, "unknown error", PublicText(errCodeDatabase))
	outer := &Failure{Public: "outer", Err: err}
	assert.Equal(t, "outer", PublicText(outer))
}

type codeStatus struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// Only what was written to the wire: a number and a text. The value itself does
// not cross, so that == and errors.Is with a sentinel variable of the server
// are false in the client, though it is the same program. A code is compared by
// its value and so is found again after it was read. That is how gRPC statuses
// work, and why services agree on codes and not on Go types.
//
//claim:ask What is left of an error after it went over the network, and can errors.Is still match?
//claim:source https://pkg.go.dev/google.golang.org/grpc/status
func TestCodeOverTheWire(t *testing.T) {
	serverErr := &Failure{Op: "load user 7", Code: NotFound, Public: "no such user", Err: fs.ErrNotExist}
	wire, err := json.Marshal(codeStatus{CodeOf(serverErr), PublicText(serverErr)})
	require.NoError(t, err)
	assert.JSONEq(t, `{"code": 5, "message": "no such user"}`, string(wire))

	var status codeStatus
	require.NoError(t, json.Unmarshal(wire, &status))
	clientErr := fmt.Errorf("user service: %w", &Failure{Code: status.Code, Err: errors.New(status.Message)})
	assert.ErrorIs(t, clientErr, NotFound)
	assert.NotErrorIs(t, clientErr, fs.ErrNotExist, "the identity of the sentinel is lost")
	assert.EqualError(t, clientErr, "user service: not found: no such user")
}

// By what the caller can do about it. Unavailable, ResourceExhausted and
// Aborted describe a state that passes. InvalidArgument or NotFound stay until
// the request changes, and a retry of them is load without hope.
// DeadlineExceeded is not in the list: the work may have been done, and the
// time of the caller is over. Only a request that may be done twice may be sent
// twice, whatever the code is.
//
//claim:ask Which errors are worth a retry?
//claim:source https://pkg.go.dev/google.golang.org/grpc/codes
func TestCodeTemporary(t *testing.T) {
	var temporary []Code
	for c := OK; c <= Unauthenticated; c++ {
		if c.Temporary() {
			temporary = append(temporary, c)
		}
	}
	assert.Equal(t, []Code{ResourceExhausted, Aborted, Unavailable}, temporary)
	wrapped := fmt.Errorf("attempt 1: %w", &Failure{Code: Unavailable, Err: errCodeDatabase})
	assert.True(t, CodeOf(wrapped).Temporary(), "the class survives wrapping")
}

// exitCode is what a command line program ends with.
func exitCode(err error) int {
	switch CodeOf(err) {
	case OK:
		return 0
	case InvalidArgument:
		return 2 // the convention for wrong usage, of package flag as well
	case Canceled:
		return 130 // 128 + SIGINT, the convention of shells
	default:
		return 1
	}
}

// In main, and only there. os.Exit in a library or a helper skips every
// deferred call and cannot be tested. So the program is a function that returns
// an error, and main prints the error to the standard error output and turns it
// into a small number: 0 for success, 2 for wrong usage, 1 for the rest.
//
//claim:ask Where does a command line program turn errors into exit codes?
//claim:source https://pkg.go.dev/os#Exit
func TestCodeExit(t *testing.T) {
	run := func(args []string) error {
		if len(args) == 0 {
			return &Failure{Code: InvalidArgument, Err: errors.New("missing file name")}
		}
		_, err := fs.Stat(os.DirFS(t.TempDir()), args[0])
		return err
	}
	assert.Equal(t, 2, exitCode(run(nil)))
	assert.Equal(t, 1, exitCode(run([]string{"missing"})))
	assert.Equal(t, 0, exitCode(run([]string{"."})))
	assert.Equal(t, 130, exitCode(fmt.Errorf("copy: %w", context.Canceled)))
}

func TestFailure(t *testing.T) {
	for want, f := range map[string]*Failure{
		"unknown error":           {},
		"op":                      {Op: "op"},
		"not found":               {Code: NotFound},
		"EOF":                     {Err: io.EOF},
		"op: not found":           {Op: "op", Code: NotFound},
		"op: EOF":                 {Op: "op", Err: io.EOF},
		"op: internal error: EOF": {Op: "op", Code: Internal, Public: "never", Err: io.EOF},
	} {
		assert.EqualError(t, f, want)
	}
	assert.Equal(t, Unknown, CodeOf(&Failure{}))
	assert.Equal(t, "code 99", Code(99).Error())
	assert.Equal(t, "code -1", Code(-1).Error())
	assert.Equal(t, 500, Code(99).HTTPStatus())
	for c := OK; c <= Unauthenticated; c++ {
		assert.NotEmpty(t, c.Error())
		assert.GreaterOrEqual(t, c.HTTPStatus(), 200)
	}
}
