package interfaces

import (
	"bytes"
	"cmp"
	"io"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// optionsOption is sealed: its method is unexported, and so is its parameter.
type optionsOption interface{ applyTo(*optionsServer) }

type optionsServer struct {
	addr  string
	debug bool
}

type optionsAddr string

func (a optionsAddr) applyTo(s *optionsServer) { s.addr = string(a) }

type optionsDebug struct{}

func (optionsDebug) applyTo(s *optionsServer) { s.debug = true }

func optionsNew(options ...optionsOption) optionsServer {
	s := optionsServer{addr: ":80"}
	for _, option := range options {
		option.applyTo(&s)
	}
	return s
}

// An interface with an unexported method keeps the set of options closed and the
// configuration private, while each option is a value: it can be compared, printed, looked
// for in a list, and one option can serve several constructors. A function cannot be
// compared and prints as an address, and an exported function type over an exported struct
// lets every caller write options that touch all of it. Neither can tell at compile time
// that an option is given twice. The topic patterns compares the forms.
//
//claim:ask Why do some packages make Option an interface with an unexported method instead of a function type?
//claim:source https://go.dev/ref/spec#Uniqueness_of_identifiers
func TestOptionsSealed(t *testing.T) {
	require.Equal(t, optionsServer{":81", true}, optionsNew(optionsAddr(":80"), optionsDebug{}, optionsAddr(":81")))
	require.True(t, optionsOption(optionsAddr("a")) == optionsOption(optionsAddr("a")))
	require.False(t, reflect.TypeFor[func(*optionsServer)]().Comparable())

	check := func(use string) []string {
		return consumerErrors(consumerSources{
			"lib": `type Option interface{ apply(*config) }
				type config struct{ addr string }
				type addr string
				func (a addr) apply(c *config) { c.addr = string(a) }
				func Addr(a string) Option { return addr(a) }
				type Func func(*Config)
				type Config struct{ Addr string }`,
			"main": "import \"lib\"\n" + use,
		})
	}
	require.Empty(t, check(`var options = []lib.Option{lib.Addr(":80")}`))
	require.NotEmpty(t, check(`type own struct{}
		func (own) apply(any) {}
		var _ lib.Option = own{}`))
	require.Empty(t, check(`var own lib.Func = func(c *lib.Config) { c.Addr = "anything" }`), "an open set")
}

// optionsConfig has an optional dependency: nil means the default.
type optionsConfig struct{ Log io.Writer }

func (c optionsConfig) log() io.Writer { return cmp.Or(c.Log, io.Discard) }

// A nil interface in a config struct means "the default", as Transport nil does in
// http.Client: replace it once, in the constructor or by cmp.Or, which returns the first
// value that is not zero and works for interface types too. After that no code asks for
// nil. A do-nothing implementation such as io.Discard or slog.DiscardHandler is a better
// default than a check before each call. A nil pointer in the interface is not nil, and is
// kept.
//
//claim:ask How do I give an optional dependency a default?
//claim:source https://pkg.go.dev/cmp#Or
//claim:source https://pkg.go.dev/net/http#Client
func TestOptionsDefault(t *testing.T) {
	require.Equal(t, io.Discard, optionsConfig{}.log())
	buffer := new(bytes.Buffer)
	require.Same(t, buffer, optionsConfig{buffer}.log())

	uncomparable := WriterFunc(func(p []byte) (int, error) { return len(p), nil })
	require.NotPanics(t, func() { _ = optionsConfig{uncomparable}.log() }, "compared with nil only")

	var none *bytes.Buffer
	require.NotEqual(t, io.Discard, optionsConfig{none}.log())
	require.Panics(t, func() { _, _ = optionsConfig{none}.log().Write([]byte("x")) })
}
