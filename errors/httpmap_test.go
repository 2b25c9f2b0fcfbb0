package errors

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// httpHandler is a handler that returns its error, so that one place answers all of them.
type httpHandler func(http.ResponseWriter, *http.Request) error

func (h httpHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	WriteProblem(w, h(w, r))
}

func httpAnswer(t *testing.T, err error) (*httptest.ResponseRecorder, problem) {
	t.Helper()
	w := httptest.NewRecorder()
	httpHandler(func(http.ResponseWriter, *http.Request) error { return err }).
		ServeHTTP(w, httptest.NewRequest("GET", "/users/7", nil))
	var p problem
	if w.Body.Len() > 0 {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	}
	return w, p
}

// With one table from codes to statuses, at the edge. Handlers return errors,
// and one wrapper logs and answers them, so that every handler answers alike
// and no domain package imports net/http. The table decides what a client is
// told: its own mistakes are 4xx, those of the server 5xx.
//
//claim:ask How do you map domain errors to HTTP status codes?
//claim:source https://pkg.go.dev/net/http#pkg-constants
//claim:source https://www.rfc-editor.org/rfc/rfc9457
func TestHTTPStatusTable(t *testing.T) {
	for code, status := range map[Code]int{
		InvalidArgument: 400, Unauthenticated: 401, PermissionDenied: 403, NotFound: 404, AlreadyExists: 409,
		Aborted: 409, ResourceExhausted: 429, Canceled: 499, Unknown: 500, Internal: 500, DataLoss: 500,
		Unimplemented: 501, Unavailable: 503, DeadlineExceeded: 504, FailedPrecondition: 400, OutOfRange: 400,
	} {
		w, p := httpAnswer(t, fmt.Errorf("load: %w", &Failure{Op: "user 7", Code: code}))
		assert.Equal(t, status, w.Code, "%v", code)
		assert.Equal(t, problem{p.Title, status, code.Error(), int(code)}, p)
		assert.NotEmpty(t, p.Title)
		assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	}
	w, _ := httpAnswer(t, nil)
	assert.Equal(t, 200, w.Code)
	assert.Zero(t, w.Body.Len())
}

// Err.Error() in a response shows host names, queries, paths and the structure
// of the program to everyone, and clients begin to depend on the text. What
// reaches the client is a text that was written for it, and a code. The full
// error is logged, with an identifier that both share, such as that of the
// request.
//
//claim:ask What is wrong with http.Error(w, err.Error(), 500)?
//claim:source https://pkg.go.dev/net/http#Error
func TestHTTPLeak(t *testing.T) {
	err := fmt.Errorf("query users: %w", errCodeDatabase)
	leaking := httptest.NewRecorder()
	http.Error(leaking, err.Error(), http.StatusInternalServerError)
	assert.Contains(t, leaking.Body.String(), "10.0.0.7")

	w, p := httpAnswer(t, err)
	assert.Equal(t, 500, w.Code)
	assert.NotContains(t, w.Body.String(), "10.0.0.7")
	assert.Equal(t, "unknown error", p.Detail)
	_, p = httpAnswer(t, &Failure{Code: NotFound, Public: "There is no user 7.", Err: fs.ErrNotExist})
	assert.Equal(t, "There is no user 7.", p.Detail)
}

// A canceled request context means that the client has gone: nobody reads the
// answer, and it is no failure of the server. 499, a status that servers made
// up for it, keeps such requests apart in logs and counters. A deadline that is
// exceeded is the server's: 504 if it waited for others, and an alarm if there
// are many.
//
//claim:ask Which status fits context.Canceled and context.DeadlineExceeded in a handler?
//claim:source https://pkg.go.dev/net/http#Request.Context
func TestHTTPContextErrors(t *testing.T) {
	w, p := httpAnswer(t, fmt.Errorf("query: %w", context.Canceled))
	assert.Equal(t, 499, w.Code)
	assert.Equal(t, "canceled", p.Title)
	w, p = httpAnswer(t, fmt.Errorf("query: %w", context.DeadlineExceeded))
	assert.Equal(t, 504, w.Code)
	assert.Equal(t, "Gateway Timeout", p.Title)
}

// The first Write or WriteHeader sends the status, and an error that comes
// later cannot change it: the client sees 200 and half an answer. So work that
// can fail is done before the first byte, or the answer is built in a buffer.
// For a stream the only honest end is to break the connection:
// panic(http.ErrAbortHandler).
//
//claim:ask A handler fails after it has written half of the response. What can it still do?
//claim:source https://pkg.go.dev/net/http#ResponseWriter
//claim:source https://pkg.go.dev/net/http#pkg-variables
func TestHTTPErrorAfterWrite(t *testing.T) {
	w := httptest.NewRecorder()
	httpHandler(func(w http.ResponseWriter, _ *http.Request) error {
		fmt.Fprint(w, `{"users": [`)
		return Internal
	}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, 200, w.Code, "too late")
	assert.Contains(t, w.Body.String(), `{"users": [{"title":"Internal Server Error"`)

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"users": [`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	require.NoError(t, err)
	defer response.Body.Close()
	assert.Equal(t, 200, response.StatusCode)
	_, err = io.ReadAll(response.Body)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "the client knows that something is missing")
}
