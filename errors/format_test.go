package errors

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// formatPanicError has a method Error that panics.
type formatPanicError struct{}

func (formatPanicError) Error() string { panic("no text") }

// formatBoth is an error and a fmt.Stringer.
type formatBoth struct{}

func (formatBoth) Error() string  { return "by Error" }
func (formatBoth) String() string { return "by String" }

// formatPlus prints more for %+v.
type formatPlus struct{ formatBoth }

func (formatPlus) Format(s fmt.State, verb rune) {
	if verb == 'v' && s.Flag('+') {
		fmt.Fprint(s, "with details")
		return
	}
	fmt.Fprint(s, "by Format")
}

// fmt calls Error for %v, %s, %q, %x and %+v, so %+v shows no more than %v; a
// stack trace needs a method Format of the error type. %#v prints the Go syntax
// of the value and %T its type. %d and other verbs that are not for strings
// print the struct behind the pointer. If a type has Error and String, Error
// wins, and Format wins over both.
//
//claim:ask Which methods does fmt call on an error, and what does %+v add?
//claim:source https://pkg.go.dev/fmt#hdr-Printing
func TestFormatVerbs(t *testing.T) {
	err := errors.New("EOF")
	for verb, want := range map[string]string{
		"%v": "EOF", "%s": "EOF", "%+v": "EOF", "%q": `"EOF"`, "%x": "454f46", "%6s": "   EOF", "%T": "*errors.errorString",
		"%#v": `&errors.errorString{s:"EOF"}`, "%d": "&{%!d(string=EOF)}",
	} {
		assert.Equal(t, want, fmt.Sprintf(verb, err), verb)
	}
	assert.Equal(t, "by Error", fmt.Sprint(formatBoth{}))
	assert.Equal(t, "by Format", fmt.Sprint(formatPlus{}))
	assert.Equal(t, "with details", fmt.Sprintf("%+v", formatPlus{}))
	assert.Equal(t, "<nil>", fmt.Sprint(error(nil)))
	assert.Equal(t, "%!s(<nil>)", fmt.Sprintf("%s", error(nil)))
}

// formatRequest holds one error in an exported field and one in an unexported field.
type formatRequest struct {
	Err   error
	inner error
}

// Because fmt may not call methods on what it finds in unexported fields. It
// reaches them by reflection, and the package reflect forbids it to take such a
// value out as an interface. So an error in an unexported field is printed as a
// pointer, and one in an exported field by its method Error. Give the struct a
// method String or Error, or print the field itself.
//
//claim:ask Why does fmt print an address for an error in my struct?
//claim:source https://pkg.go.dev/fmt#hdr-Printing
func TestFormatUnexported(t *testing.T) {
	text := fmt.Sprintf("%v", formatRequest{io.EOF, io.EOF})
	assert.Regexp(t, regexp.MustCompile(`^\{EOF 0x[0-9a-f]+\}$`), text)
	assert.Equal(t, "[EOF]", fmt.Sprint([]error{io.EOF}))
	assert.Equal(t, "map[a:EOF]", fmt.Sprint(map[string]error{"a": io.EOF}))
}

// fmt catches the panic and prints it in place: %!v(PANIC=Error method: no
// text). So a broken Error method does not stop a program that only logs, and
// the failure is easy to overlook. A direct call of err.Error() panics, also
// inside the method Error of a joined error. A method Error that formats its
// own receiver, Sprintf("%v", e), calls itself until the stack overflows, which
// nothing can catch; go vet reports that.
//
//claim:ask What happens if the Error method panics or prints its own receiver?
//claim:source fmt/print.go
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/printf
func TestFormatPanics(t *testing.T) {
	assert.Equal(t, "%!v(PANIC=Error method: no text)", fmt.Sprintf("%v", formatPanicError{}))
	assert.Equal(t, "a: %!v(PANIC=Error method: no text)", fmt.Errorf("a: %w", formatPanicError{}).Error())
	assert.PanicsWithValue(t, "no text", func() { _ = error(formatPanicError{}).Error() })
	assert.PanicsWithValue(t, "no text", func() { _ = errors.Join(formatPanicError{}, io.EOF).Error() })

	report, err := proof.Go(t, "vet", "./testdata/vet/calls")
	require.Error(t, err)
	assert.Contains(t, report, "fmt.Sprintf format %v with arg e causes recursive (github.com/go-deep-dive/godeep/errors/testdata/vet/calls.loud).Error method call")
}

// formatJSON is an error that says how it looks in JSON.
type formatJSON struct {
	code  string
	cause error
}

func (e *formatJSON) Error() string { return e.code + ": " + e.cause.Error() }
func (e *formatJSON) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"code": e.code})
}

// encoding/json does not know the type error. It encodes the concrete value
// like any other: {} for the errors of errors.New and fmt.Errorf, which have no
// exported fields, and the fields Op, Path and Err for *fs.PathError, with {}
// for the sentinel in Err. Encode err.Error(), or give your type MarshalJSON.
// The handler of slog for JSON is an exception: it writes the text of an error
// that has no MarshalJSON.
//
//claim:ask Why is an error {} in JSON?
//claim:source https://go.dev/issue/26889
//claim:source https://pkg.go.dev/log/slog#JSONHandler.Handle
func TestFormatErrorJSON(t *testing.T) {
	encode := func(v any) string {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		return string(text)
	}
	assert.Equal(t, `{}`, encode(io.EOF))
	assert.Equal(t, `{"err":{}}`, encode(map[string]error{"err": fmt.Errorf("a: %w", io.EOF)}))
	assert.Equal(t, `{"err":null}`, encode(map[string]error{"err": nil}))
	assert.Equal(t, `{"Op":"open","Path":"x","Err":{}}`, encode(&fs.PathError{Op: "open", Path: "x", Err: fs.ErrExist}))
	assert.Equal(t, `{"code":"busy"}`, encode(&formatJSON{"busy", io.EOF}))
	assert.Equal(t, `"store: closed"`, encode(errConstClosed), "a string below")

	var log bytes.Buffer
	only := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key != "err" {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{ReplaceAttr: only}))
	logger.Info("m", "err", io.EOF)
	assert.JSONEq(t, `{"err":"EOF"}`, log.String())
	log.Reset()
	logger.Info("m", "err", &formatJSON{"busy", io.EOF})
	assert.JSONEq(t, `{"err":{"code":"busy"}}`, log.String())
}

// An error loses its identity when it is sent: what travels is text or fields,
// and the other side makes a new value, which is not the sentinel. gob refuses
// errors.New values, because they have no exported fields; a field of type
// error needs gob.Register; JSON cannot decode into an error at all, because it
// cannot know the type. Send a code and let the client map it to its own
// sentinel. Constants are the exception: they are compared by text, and
// survive.
//
//claim:ask Does an error keep its identity when it is sent as JSON or gob?
//claim:source https://pkg.go.dev/encoding/gob#hdr-Types_and_Values
func TestFormatBoundary(t *testing.T) {
	var target struct{ Err error }
	assert.Error(t, json.Unmarshal([]byte(`{"Err":{}}`), &target), "into an interface with methods")
	text, err := json.Marshal(io.EOF.Error())
	require.NoError(t, err)
	var decoded string
	require.NoError(t, json.Unmarshal(text, &decoded))
	assert.NotErrorIs(t, errors.New(decoded), io.EOF)
	assert.ErrorIs(t, Const(decoded), Const("EOF"), "a constant survives")

	err = gob.NewEncoder(io.Discard).Encode(errors.New("EOF"))
	assert.ErrorContains(t, err, "has no exported fields")
	err = gob.NewEncoder(io.Discard).Encode(struct{ Err error }{&fs.PathError{Op: "open"}})
	assert.ErrorContains(t, err, "type not registered for interface: fs.PathError")

	byCode := map[string]error{"eof": io.EOF}
	assert.ErrorIs(t, fmt.Errorf("server says: %w", byCode["eof"]), io.EOF, "mapped by code")
}
