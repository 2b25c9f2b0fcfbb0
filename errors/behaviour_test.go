package errors

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// behaviourConflict is not exported by its package, and neither is the interface it
// implements.
type behaviourConflict struct{ version int }

func (e *behaviourConflict) Error() string  { return fmt.Sprintf("version %d is newer", e.version) }
func (e *behaviourConflict) Conflict() bool { return true }

// behaviourIsConflict is what the package exports.
func behaviourIsConflict(err error) bool {
	c, ok := errors.AsType[interface {
		error
		Conflict() bool
	}](err)
	return ok && c.Conflict()
}

// If callers only need an answer, export one function, IsConflict(err) bool,
// and keep the type and the interface to yourself. Callers then depend on a
// question, and what answers it may change: a sentinel today, a type tomorrow,
// the error number of another driver next year. The function must search the
// tree and accept nil. The standard library had this form first, os.IsNotExist,
// and gave it up for errors.Is, because those functions do not unwrap and each
// package has its own. Prefer a sentinel if a name is all that callers need.
//
//claim:ask Should a package export the error type, an interface, or a function such as IsConflict(err)?
//claim:source https://pkg.go.dev/os#IsNotExist
//claim:source https://pkg.go.dev/errors#AsType
func TestBehaviourPredicate(t *testing.T) {
	assert.True(t, behaviourIsConflict(fmt.Errorf("save: %w", &behaviourConflict{7})))
	assert.False(t, behaviourIsConflict(errors.New("version 7 is newer")))
	assert.False(t, behaviourIsConflict(nil))
	_, err := os.Open("/missing/a.txt")
	assert.True(t, os.IsNotExist(err))
	assert.False(t, os.IsNotExist(fmt.Errorf("load: %w", err)), "why the standard library left this form")
}

// The outermost error that has the method answers, and its answer may be wrong
// for the one below. The method Timeout of *url.Error asks the error that it
// holds directly, by a type assertion: if that one was wrapped once more, for
// example in a RoundTripper of yours, the answer is false although a timeout is
// inside. errors.Is(err, context.DeadlineExceeded) still finds it. So return
// errors unchanged below a type with such a method, write such methods with
// errors.AsType, and ask both questions if you are the caller.
//
//claim:ask The http client says it was no timeout, and the log says context deadline exceeded. How?
//claim:source net/url/url.go
//claim:source https://pkg.go.dev/net/url#Error.Timeout
func TestBehaviourHidden(t *testing.T) {
	ask := func(cause error) (timeout, deadline bool) {
		var err error = &url.Error{Op: "Get", URL: "http://a", Err: cause}
		n, ok := errors.AsType[net.Error](err)
		require.True(t, ok)
		return n.Timeout(), errors.Is(err, context.DeadlineExceeded)
	}
	timeout, deadline := ask(context.DeadlineExceeded)
	assert.True(t, timeout && deadline)
	timeout, deadline = ask(fmt.Errorf("signing: %w", context.DeadlineExceeded))
	assert.False(t, timeout, "wrapped once more")
	assert.True(t, deadline)

	failing := behaviourTripper(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("signing: %w", context.DeadlineExceeded)
	})
	_, err := (&http.Client{Transport: failing}).Get("http://a")
	assert.EqualError(t, err, `Get "http://a": signing: context deadline exceeded`)
	assert.False(t, os.IsTimeout(err))
	assert.Equal(t, DeadlineExceeded, CodeOf(err))
}

type behaviourTripper func(*http.Request) (*http.Response, error)

func (f behaviourTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// behaviourOverloaded refuses work and says when to come again.
type behaviourOverloaded struct {
	waiting int
	after   time.Duration
}

func (e *behaviourOverloaded) Error() string {
	return fmt.Sprintf("%d requests are waiting", e.waiting)
}
func (e *behaviourOverloaded) RetryAfter() time.Duration { return e.after }
func (e *behaviourOverloaded) Unwrap() error             { return ResourceExhausted }

// An error can carry the time to wait: a method RetryAfter() time.Duration,
// found by errors.AsType at the edge and written as the header Retry-After with
// 429 or 503, in whole seconds. The queue knows how full it is, and the edge
// knows HTTP. Refuse before the work starts, while that is cheap, and round up,
// since 0 seconds invites the same storm at once. The client must add a random
// part, or all come back in the same second.
//
//claim:ask How does an overloaded server tell its callers by an error how long to wait?
//claim:source https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
//claim:source https://pkg.go.dev/errors#AsType
func TestBehaviourRetryAfter(t *testing.T) {
	answer := func(w http.ResponseWriter, err error) {
		if e, ok := errors.AsType[interface {
			error
			RetryAfter() time.Duration
		}](err); ok {
			seconds := (e.RetryAfter() + time.Second - 1) / time.Second
			w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
		}
		WriteProblem(w, err)
	}
	w := httptest.NewRecorder()
	answer(w, fmt.Errorf("search: %w", &behaviourOverloaded{waiting: 900, after: 1200 * time.Millisecond}))
	assert.Equal(t, 429, w.Code)
	assert.Equal(t, "2", w.Header().Get("Retry-After"))
	w = httptest.NewRecorder()
	answer(w, Unavailable)
	assert.Equal(t, 503, w.Code)
	assert.Empty(t, w.Header().Get("Retry-After"))
}

// behaviourLate looks like a timeout and is none for errors.As.
type behaviourLate struct{ limit time.Duration }

func (e *behaviourLate) Error() string          { return "late" }
func (e *behaviourLate) Timeout() time.Duration { return e.limit }

// behaviourSlow answers only as a pointer.
type behaviourSlow struct{ limit time.Duration }

func (e behaviourSlow) Error() string  { return "slow" }
func (e *behaviourSlow) Timeout() bool { return true }

var _ interface{ Timeout() bool } = (*behaviourSlow)(nil) // the check that behaviourLate lacks

// No tool reports a behaviour method that nobody finds: an error that does not
// have exactly this method is passed over, because having it is optional. Two
// usual reasons are another signature, such as Timeout() time.Duration, and a
// method of the pointer while the error is a value. Declare once, beside the
// type, that it has the behaviour, var _ interface{ Timeout() bool } =
// (*MyErr)(nil), and the compiler checks it. go vet knows only the methods Is,
// As and Unwrap.
//
//claim:ask My error type has a method Timeout, but nobody finds it. Who checks such methods?
//claim:source https://go.dev/doc/faq#guarantee_satisfies_interface
func TestBehaviourSignature(t *testing.T) {
	isTimeout := func(err error) bool {
		e, ok := errors.AsType[interface {
			error
			Timeout() bool
		}](err)
		return ok && e.Timeout()
	}
	assert.False(t, isTimeout(&behaviourLate{time.Second}), "another result type")
	assert.False(t, isTimeout(behaviourSlow{time.Second}), "a value")
	assert.True(t, isTimeout(&behaviourSlow{time.Second}))
	assert.Equal(t, []string{"cannot use (*late)(nil) (value of type *late) as interface{Timeout() bool} value in variable declaration: *late does not implement interface{Timeout() bool} (wrong type for method Timeout)\n\t\thave Timeout() int\n\t\twant Timeout() bool"},
		shadowTypeErrors(t, `package p
			type late struct{}
			func (*late) Timeout() int { return 1 }
			var _ interface{ Timeout() bool } = (*late)(nil)`))
}

// Some error numbers say that they will pass, but not reliably. syscall.Errno
// is an integer with the methods Is, Timeout and Temporary: EAGAIN and
// ETIMEDOUT are timeouts; EINTR, EMFILE and ENFILE are temporary too, because
// they pass when a signal is over or files are closed. ENOSPC and ECONNREFUSED
// are not temporary for it, although both may pass, which shows how little the
// word promises. The number reaches you wrapped in *fs.PathError or
// *net.OpError, whose Timeout asks the error inside.
//
//claim:ask Do error numbers of the system, such as EAGAIN, say whether a retry helps?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/syscall#Errno
//claim:source syscall/syscall_unix.go
func TestBehaviourErrno(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the numbers and their classes are those of Linux")
	}
	for errno, want := range map[syscall.Errno][2]bool{
		syscall.EAGAIN: {true, true}, syscall.ETIMEDOUT: {true, true},
		syscall.EINTR: {false, true}, syscall.EMFILE: {false, true}, syscall.ENFILE: {false, true},
		syscall.ENOSPC: {false, false}, syscall.ECONNREFUSED: {false, false}, syscall.ENOENT: {false, false},
	} {
		assert.Equal(t, want, [2]bool{errno.Timeout(), errno.Temporary()}, "%v", errno)
		wrapped := &os.PathError{Op: "read", Path: "a", Err: errno}
		assert.Equal(t, want[0], wrapped.Timeout())
	}
	dial := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ETIMEDOUT)}
	assert.True(t, dial.Timeout())
	assert.ErrorIs(t, dial, syscall.ETIMEDOUT)
	assert.ErrorIs(t, syscall.ENOSYS, errors.ErrUnsupported)
}
