package errors

import (
	"errors"
	"net/netip"
	"regexp"
	"strconv"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"
)

// Panic if only a mistake in the program can be the reason and the caller could
// do nothing about it: a constant that does not parse, a case that cannot
// occur, an argument that the documentation forbids. Return an error for
// everything that may happen to a correct program: input, files, networks,
// time. A function named Must says that it panics; it belongs in package
// variables, init, main and tests. The test of the rule: the same failure must
// not depend on data that a user can change.
//
//claim:ask When is it right to panic instead of returning an error?
//claim:source https://go.dev/doc/effective_go#panic
//claim:source https://go.dev/wiki/CodeReviewComments#dont-panic
func TestMustWhen(t *testing.T) {
	require.Equal(t, 42, Must(strconv.Atoi("42")), "a constant of the program")

	_, err := strconv.Atoi("forty-two")
	require.ErrorIs(t, err, strconv.ErrSyntax, "input: an error")

	value := panicvalueOf(func() { Must(strconv.Atoi("forty-two")) })
	var number *strconv.NumError
	require.ErrorAs(t, value.(error), &number, "the error itself, not its text")
	require.Equal(t, err, value)

	require.Equal(t, "green", mustGreen.name())
	require.PanicsWithValue(t, "mustColour.name: unknown colour", func() { _ = mustColour(7).name() })
}

// Those of the standard library do not panic with the error that the other
// function returns: regexp.MustCompile panics with a string that names the
// function and the expression, netip.MustParseAddr and template.Must with the
// error itself. So recover and errors.As on such a value work for some of them
// only. They are not meant to be recovered: call Compile or Parse if you want
// the error.
//
//claim:ask What do the Must functions of the standard library panic with?
//claim:source https://pkg.go.dev/regexp#MustCompile
//claim:source https://pkg.go.dev/text/template#Must
func TestMustLibrary(t *testing.T) {
	bad := "("
	require.Equal(t, "regexp: Compile(`(`): error parsing regexp: missing closing ): `(`",
		panicvalueOf(func() { regexp.MustCompile(bad) }))

	cause := errors.New("parse")
	require.Equal(t, cause, panicvalueOf(func() { template.Must(nil, cause) }))

	_, err := netip.ParseAddr("300.1.1.1")
	require.Error(t, err)
	require.Equal(t, err, panicvalueOf(func() { netip.MustParseAddr("300.1.1.1") }))
}

// A call of panic is a terminating statement, so the compiler asks for no
// return behind it. A default that panics therefore closes a switch over all
// constants, and a new constant without a case is found at its first use and
// not by a wrong zero value. os.Exit, log.Fatal and t.Fatal are ordinary
// functions for the compiler: after them it wants a return. A loop without
// condition and break terminates too.
//
//claim:ask Why does a function compile that ends in panic, and not one that ends in log.Fatal?
//claim:source https://go.dev/ref/spec#Terminating_statements
func TestMustTerminating(t *testing.T) {
	const header = "func exit() {}\nfunc f(i int) int { "
	for _, body := range []string{
		`panic("unreachable")`,
		`switch i { case 1: return 1; default: panic("unknown") }`,
		`for { }`,
		`if i > 0 { return 1 } else { panic(i) }`,
	} {
		require.Empty(t, runtimeerrCheck(t, header+body+" }"), body)
	}
	for _, body := range []string{
		`exit()`,
		`switch i { case 1: return 1; default: exit() }`,
		`switch i { case 1: return 1; case 2: panic("unknown") }`,
		`for i > 0 { }`,
		`if i > 0 { return 1 }`,
	} {
		require.Equal(t, []string{"missing return"}, runtimeerrCheck(t, header+body+" }"), body)
	}
}

// It crashes before main: package variables and init functions run first, in
// the main goroutine, and no deferred function of main exists yet. The trace
// shows the init function, or a function named init for a variable, and the
// exit code is 2. That is the point of Must in a package variable, as every
// test and every start of the program finds the mistake at once. But it also
// strikes programs that import the package and never use the variable.
//
//claim:ask A package variable is initialised with a Must function that panics. Who can recover it?
//claim:source https://go.dev/ref/spec#Program_initialization_and_execution
func TestMustPackageVariable(t *testing.T) {
	end := exitpathsRun(t, "return", "CRASH_INIT=x")
	require.Equal(t, 2, end.code)
	require.Empty(t, end.stdout, "main has not begun")
	require.Contains(t, end.stderr, "panic: strconv.Atoi: parsing \"x\": invalid syntax\n")
	require.Contains(t, end.stderr, "main.init()\n")
	require.NotContains(t, end.stderr, "main.main")
}
