package errors

import (
	"encoding/json"
	"net/http"
)

// problem is the body of an HTTP error response after RFC 9457.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   int    `json:"code"`
}

// WriteProblem answers an HTTP request with err: the status is that of its
// [Code], the body a problem in JSON after RFC 9457 with the [PublicText] and
// the number of the code. Nothing else of err reaches the client. Call it in
// one place, after logging err, and before anything was written to w: the
// status cannot be changed afterwards. For a nil error it does nothing.
func WriteProblem(w http.ResponseWriter, err error) {
	if err == nil {
		return
	}
	code := CodeOf(err)
	status := code.HTTPStatus()
	title := http.StatusText(status)
	if title == "" { // 499
		title = code.Error()
	}
	body, marshalErr := json.Marshal(problem{title, status, PublicText(err), int(code)})
	if marshalErr != nil { // strings and numbers always can be written as JSON
		panic(marshalErr)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	// The client may be gone: there is nobody left to tell.
	_, _ = w.Write(append(body, '\n'))
}
