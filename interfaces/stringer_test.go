package interfaces

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// The four types have one, two, three and all four of the interfaces of fmt.
type (
	stringerOnly      struct{}
	stringerError     struct{ stringerOnly }
	stringerGo        struct{ stringerError }
	stringerFormatter struct{ stringerGo }
)

func (stringerOnly) String() string                  { return "String" }
func (stringerError) Error() string                  { return "Error" }
func (stringerGo) GoString() string                  { return "GoString" }
func (stringerFormatter) Format(s fmt.State, _ rune) { fmt.Fprint(s, "Format") }

// fmt calls Format first, for every verb. Then it asks for a GoStringer, for %#v only.
// Last, for the verbs that are valid for strings (%v %s %x %X %q), error before Stringer.
// Numbers and %T, %p ask for none of them: %d of a named int with a String method prints
// the digits. So an error that also has String shows Error, and a Format method must handle
// all verbs itself.
//
//claim:ask A type has Format, GoString, Error and String. Which one does fmt call?
//claim:source https://pkg.go.dev/fmt#hdr-Printing
//claim:source fmt/print.go
func TestStringerOrder(t *testing.T) {
	show := func(verb string) (all []string) {
		for _, v := range []any{stringerOnly{}, stringerError{}, stringerGo{}, stringerFormatter{}} {
			all = append(all, fmt.Sprintf(verb, v))
		}
		return all
	}
	require.Equal(t, []string{"String", "Error", "Error", "Format"}, show("%v"))
	require.Equal(t, []string{"String", "Error", "Error", "Format"}, show("%s"))
	require.Equal(t, []string{"String", "Error", "Error", "Format"}, show("%+v"))
	require.Equal(t, []string{"GoString", "Format"}, show("%#v")[2:])
	require.Equal(t, "interfaces.stringerOnly{}", show("%#v")[0], "not String")
	require.Equal(t, `"Error"`, show("%q")[1])
	require.Equal(t, "Format", show("%d")[3])

	require.Equal(t, "7K 7", fmt.Sprintf("%v %d", stringerKelvin(7), stringerKelvin(7)))
	require.Equal(t, "374b", fmt.Sprintf("%x", stringerKelvin(7)), "the text in hexadecimal, not the number")
	require.Equal(t, "interfaces.stringerKelvin", fmt.Sprintf("%T", stringerKelvin(7)))
}

type stringerEndless int

func (s stringerEndless) String() string { return stringerPrint(s) }

// stringerPrint hides the recursion from go vet.
func stringerPrint(v any) string { return fmt.Sprint(v) }

type stringerEndlessJSON struct{ Name string }

func (s stringerEndlessJSON) MarshalJSON() ([]byte, error) { return json.Marshal(s) }

// A method that hands its own receiver to the formatter or encoder that called it recurses
// for ever: String with %v or %s of the receiver, Error that prints the error itself,
// MarshalJSON that calls json.Marshal(v). The end is a stack overflow, a fatal error that
// recover cannot stop. Break the cycle with a conversion to a type without the method:
// float64(c), or type plain T and json.Marshal(plain(v)). go vet finds the direct cases in
// String and Error, not those through a helper and not MarshalJSON.
//
//claim:ask Why does my String or MarshalJSON method end in a stack overflow?
//claim:source https://pkg.go.dev/fmt#hdr-Printing
func TestStringerRecursion(t *testing.T) {
	if proof.InChild(t) {
		debug.SetMaxStack(1 << 20)
		defer func() { fmt.Println("recovered:", recover()) }()
		if os.Getenv("STRINGER_METHOD") == "MarshalJSON" {
			fmt.Println(json.Marshal(stringerEndlessJSON{}))
		}
		fmt.Println(stringerEndless(1))
	}
	proof.OnceUnderRace(t)
	for _, method := range []string{"String", "MarshalJSON"} {
		output, err := proof.Child(t, "STRINGER_METHOD="+method)
		require.Error(t, err)
		require.Contains(t, output, "stack overflow")
		require.Contains(t, output, "."+method+"(")
		require.NotContains(t, output, "recovered:")
	}

	output, err := proof.Go(t, "vet", "./testdata/stringer/recursion")
	require.Error(t, err)
	require.Contains(t, output, "Sprintf format %v with arg c causes recursive")
	require.Contains(t, output, "Sprintf format %s with arg f causes recursive")
	require.Equal(t, 2, strings.Count(output, "recursive"), "not the one with a conversion:\n%s", output)
}

// stringerUser writes JSON with a computed field, by way of a type that has the same fields
// and no methods.
type stringerUser struct {
	First, Last string
}

func (u stringerUser) MarshalJSON() ([]byte, error) {
	type plain stringerUser
	return json.Marshal(struct {
		plain
		Full string
	}{plain(u), u.First + " " + u.Last})
}

// A defined type has the fields of the type it is defined from and none of its methods. So
// a local type plain T, and a conversion, give the encoder the same data without the
// MarshalJSON that would call itself. Embed plain to add or replace fields: a field of the
// outer struct with the same name wins. An alias (type plain = T) does not work, because it
// is the same type with the same methods, and embedding T itself promotes MarshalJSON
// again.
//
//claim:ask How do I call json.Marshal inside MarshalJSON without endless recursion?
//claim:source https://go.dev/ref/spec#Type_definitions
//claim:source https://pkg.go.dev/encoding/json#Marshaler
func TestStringerPlainType(t *testing.T) {
	text, err := json.Marshal(stringerUser{"Ada", "L"})
	require.NoError(t, err)
	require.JSONEq(t, `{"First":"Ada","Last":"L","Full":"Ada L"}`, string(text))

	type plain stringerUser
	_, ok := any(plain{}).(json.Marshaler)
	require.False(t, ok)
	type same = stringerUser
	_, ok = any(same{}).(json.Marshaler)
	require.True(t, ok)
	type embedding struct{ stringerUser }
	_, ok = any(embedding{}).(json.Marshaler)
	require.True(t, ok)
}

type stringerPanics struct{}

func (stringerPanics) String() string { panic("boom") }

// stringerPerson dereferences its receiver, so String panics for a nil pointer.
type stringerPerson struct{ name string }

func (p *stringerPerson) String() string { return p.name }

// The package fmt recovers from the panic. It prints %!v(PANIC=String method: boom) and
// goes on, and for a nil pointer receiver just <nil>. So printing a nil pointer whose
// String would crash is safe, and a bug in a method hides in the log. Calling the method
// directly panics as usual. A fatal error, such as a stack overflow, is not caught.
//
//claim:ask What happens if a String method panics while fmt prints it?
//claim:source fmt/print.go
func TestStringerPanic(t *testing.T) {
	require.Equal(t, "%!v(PANIC=String method: boom) next", fmt.Sprintf("%v %s", stringerPanics{}, "next"))
	require.Equal(t, "%!s(PANIC=String method: boom)", fmt.Sprintf("%10s", stringerPanics{}))
	var nobody *stringerPerson
	require.Equal(t, "<nil>", fmt.Sprint(nobody))
	require.Panics(t, func() { _ = nobody.String() })
}

// fmt calls methods only on values that it could hand out. An unexported field can be read
// by reflection, but not made into an interface value, so its String, Error and Format are
// ignored and the raw value is printed: a time.Duration as a number, a time.Time as its
// inner fields, an error from errors.New as an address. The same field exported is printed
// by its method. Give the outer type a String method, or print the field yourself.
//
//claim:ask My struct is printed with %v. Why is the String method of one of its fields not called?
//claim:source https://pkg.go.dev/fmt#hdr-Printing
func TestStringerUnexportedField(t *testing.T) {
	type exported struct{ Wait time.Duration }
	type hidden struct{ wait time.Duration }
	require.Equal(t, "{2s}", fmt.Sprint(exported{2 * time.Second}))
	require.Equal(t, "{2000000000}", fmt.Sprint(hidden{2 * time.Second}))
	require.Equal(t, "[2s] map[2s:1]", fmt.Sprint([]time.Duration{2e9}, map[time.Duration]int{2e9: 1}))

	epoch := time.Unix(0, 0).UTC()
	require.Contains(t, fmt.Sprint(struct{ At time.Time }{epoch}), "1970-01-01")
	require.NotContains(t, fmt.Sprint(struct{ at time.Time }{epoch}), "1970")
	type wrapping struct{ err error }
	require.Equal(t, "{boom}", fmt.Sprint(struct{ Err error }{errors.New("boom")}))
	require.NotContains(t, fmt.Sprint(wrapping{errors.New("boom")}), "boom", "an address in its place")
}

// stringerJSONJoule has MarshalJSON on the pointer.
type stringerJSONJoule int

func (j *stringerJSONJoule) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `"%dJ"`, int(*j)), nil
}

// encoding/json calls a method with a pointer receiver only if the value is addressable.
// json.Marshal(v) gets a copy in an interface, so a field of v is not; with
// json.Marshal(&v) it is, and so are the elements of a slice in v, but never the values of
// a map. The same type so has two encodings in one program, without an error. Declare
// MarshalJSON and MarshalText on the value. UnmarshalJSON must be on the pointer, because
// it changes the value.
//
//claim:ask Why does json.Marshal call my MarshalJSON for &v and not for v?
//claim:source https://go.dev/ref/spec#Method_sets
//claim:source encoding/json/encode.go
func TestStringerMarshalReceiver(t *testing.T) {
	type energy struct {
		One  stringerJSONJoule
		Many []stringerJSONJoule
		Map  map[string]stringerJSONJoule
	}
	e := energy{1, []stringerJSONJoule{2}, map[string]stringerJSONJoule{"k": 3}}
	byValue, err := json.Marshal(e)
	require.NoError(t, err)
	require.JSONEq(t, `{"One":1,"Many":["2J"],"Map":{"k":3}}`, string(byValue))
	byPointer, err := json.Marshal(&e)
	require.NoError(t, err)
	require.JSONEq(t, `{"One":"1J","Many":["2J"],"Map":{"k":3}}`, string(byPointer))
}

// stringerMasked is the half-done attempt: only String.
type stringerMasked string

func (stringerMasked) String() string { return secretMask }

// A String method is not enough. It is not asked for %#v, for %d (which prints the raw text
// in an error message), for an unexported field, or by encoding/json. A Format method gets
// every verb, MarshalText covers JSON and other encoders, LogValue covers log/slog. Secret
// in this package has them all. One gap stays: in an unexported field fmt calls no method
// at all, so there only a String or Format of the outer type helps.
//
//claim:ask How do I keep a password field out of logs and JSON?
//claim:source https://pkg.go.dev/fmt#Formatter
//claim:source https://pkg.go.dev/log/slog#LogValuer
func TestStringerSecret(t *testing.T) {
	const text = "hunter2"
	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%10v"}
	var leaks []string
	for _, verb := range verbs {
		if strings.Contains(fmt.Sprintf(verb, stringerMasked(text)), text) {
			leaks = append(leaks, verb)
		}
		require.Equal(t, secretMask, fmt.Sprintf(verb, Secret(text)), verb)
		require.NotContains(t, fmt.Sprintf(verb, struct{ Password Secret }{text}), text, verb)
		require.NotContains(t, fmt.Sprintf(verb, map[Secret][]Secret{text: {text}}), text, verb)
	}
	require.Equal(t, []string{"%#v", "%d", "%t"}, leaks)

	encoded, err := json.Marshal(map[string]any{"half": stringerMasked(text), "full": Secret(text)})
	require.NoError(t, err)
	require.JSONEq(t, `{"half":"hunter2","full":"***"}`, string(encoded))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("login", "password", Secret(text), "in", struct{ P Secret }{text})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("login", "password", Secret(text), "in", struct{ P Secret }{text})
	require.NotContains(t, log.String(), text)
	require.Equal(t, 4, strings.Count(log.String(), secretMask))
	require.Contains(t, fmt.Sprint(struct{ password Secret }{text}), text, "the gap")

	var decoded struct{ Password Secret }
	require.NoError(t, json.Unmarshal([]byte(`{"Password":"hunter2"}`), &decoded))
	require.Equal(t, text, decoded.Password.Expose())
}
