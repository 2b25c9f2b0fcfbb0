package interfaces

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// nilpatternSpan is a trace span whose nil pointer does nothing.
type nilpatternSpan struct{ events []string }

func (s *nilpatternSpan) Event(name string) {
	if s == nil {
		return
	}
	s.events = append(s.events, name)
}

func (s *nilpatternSpan) Child() *nilpatternSpan {
	if s == nil {
		return nil
	}
	return &nilpatternSpan{}
}

// Yes, if every method checks its receiver: the method is found by the static type, so the
// call works and the pointer is just an argument. Then tracing that is switched off is a
// nil pointer, no caller has an if, and it costs no allocation. It works inside an
// interface as well, because the interface with a nil pointer inside is not nil and finds
// the method. It fails with one forgotten check, with a value receiver, with fields instead
// of methods, and with a nil interface, which has no method table to look in.
//
//claim:ask Can a nil pointer be a useful implementation, a null object?
//claim:source https://go.dev/ref/spec#Method_values
//claim:source https://go.dev/ref/spec#Calls
func TestNilPatternReceiver(t *testing.T) {
	type eventer interface{ Event(string) }
	var off *nilpatternSpan
	off.Event("a")
	off.Child().Child().Event("b")
	var through eventer = off
	require.NotPanics(t, func() { through.Event("c") })
	require.Panics(t, func() { _ = off.events })
	var none eventer
	require.Panics(t, func() { none.Event("d") })
	var value *stringerKelvin
	require.Panics(t, func() { _ = value.String() }, "a value receiver has to be read")

	on := &nilpatternSpan{}
	on.Event("a")
	require.Equal(t, []string{"a"}, on.events)
	proof.WantAllocs(t, 0, func() { off.Child().Event("x") })
}

// A null object is an implementation that does nothing, used in place of nil: io.Discard,
// slog.DiscardHandler (Go 1.24), or the context of context.Background. The code that calls
// it has no branch for "not set", so no branch can be forgotten. It hides mistakes too: a
// program that lost its logger runs on silently, so use it for what is optional only. If it
// has to answer, define what: a disabled logger reports that it is not enabled, and callers
// can skip the work of preparing the arguments.
//
//claim:ask Is it better to check an optional dependency for nil or to pass one that does nothing?
//claim:source https://pkg.go.dev/log/slog#DiscardHandler
//claim:source https://pkg.go.dev/io#Discard
func TestNilPatternObject(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	log.Error("nobody reads this")
	require.False(t, log.Enabled(context.Background(), slog.LevelError))
	n, err := io.WriteString(io.Discard, "text")
	require.NoError(t, err)
	require.Equal(t, 4, n, "says that all is written")
	require.Nil(t, context.Background().Done())
	require.Panics(t, func() {
		var forgotten *slog.Logger
		forgotten.Error("text")
	}, "nil is no null object here")
}
