package errors

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// deferargsCheck type-checks the statements as the body of a function and
// returns the errors.
func deferargsCheck(t *testing.T, body string) (found []string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\nfunc f(c chan int, m map[string]int, s []int) {\n"+body+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	config := types.Config{Error: func(err error) { found = append(found, err.(types.Error).Msg) }}
	_, _ = config.Check("p", fset, []*ast.File{file}, nil)
	return found
}

// Everything but the call itself is done at the defer statement: the function
// value, the receiver and the arguments are evaluated and saved, in the order
// of an ordinary call. Only the body waits. To read a value at the end, use a
// closure without arguments, or pass a pointer. A slice or map that was passed
// is a copy of its header: changes of the elements are seen, and a later append
// is not.
//
//claim:ask What exactly is evaluated at a defer statement, and in which order?
//claim:source https://go.dev/ref/spec#Defer_statements
//claim:source https://go.dev/ref/spec#Order_of_evaluation
func TestDeferArgsOrder(t *testing.T) {
	var order []string
	note := func(s string) string {
		order = append(order, s)
		return s
	}
	function := func() func(a, b string) {
		note("function value")
		return func(a, b string) { note("call with " + a + ", " + b) }
	}
	func() {
		defer function()(note("a"), note("b"))
		note("body")
	}()
	require.Equal(t, []string{"function value", "a", "b", "body", "call with a, b"}, order)

	var direct, later, elements, grown []int
	var variable int
	func() {
		s := []int{1, 2}
		run := func() { variable = 1 }
		defer run()
		defer func(s []int) { elements, grown = s[:1], s }(s)
		defer func(n int) { direct = append(direct, n) }(len(s))
		defer func() { later = s }()
		run = func() { variable = 2 }
		run()
		s[0] = 100
		s = append(s, 3)
	}()
	require.Equal(t, []int{2}, direct, "the length at the statement")
	require.Equal(t, []int{100}, elements, "the elements are shared")
	require.Len(t, grown, 2, "the append is not seen")
	require.Equal(t, []int{100, 2, 3}, later)
	require.Equal(t, 1, variable, "the function value was saved too")
}

type deferargsCounter struct{ n int }

func (c deferargsCounter) report(to *[]int)         { *to = append(*to, c.n) }
func (c *deferargsCounter) reportPointer(to *[]int) { *to = append(*to, c.n) }
func (c *deferargsCounter) quiet() string           { return fmt.Sprint("nil receiver: ", c == nil) }

// The receiver is evaluated at the defer statement, like an argument. A value
// receiver is copied then, so the method sees the old fields; a pointer
// receiver is a copied pointer, so the method sees the changes made later. The
// method decides that, not the way it is called: for a variable v, defer v.M()
// takes the address of v if M has a pointer receiver, and for a pointer p it
// copies *p at once if M has a value receiver. A saved method value behaves in
// the same way.
//
//claim:ask When is the receiver of a deferred method call evaluated, and does the method see later changes?
//claim:source https://go.dev/ref/spec#Defer_statements
//claim:source https://go.dev/ref/spec#Method_values
func TestDeferArgsReceiver(t *testing.T) {
	var byValue, byPointer, valueOfPointer, methodValue []int
	func() {
		v := deferargsCounter{1}
		p := &deferargsCounter{1}
		defer v.report(&byValue)
		defer v.reportPointer(&byPointer)
		defer p.report(&valueOfPointer)
		saved := p.report
		defer func() { saved(&methodValue) }()
		v.n, p.n = 2, 2
	}()
	require.Equal(t, []int{1}, byValue)
	require.Equal(t, []int{2}, byPointer)
	require.Equal(t, []int{1}, valueOfPointer, "*p was copied at the statement")
	require.Equal(t, []int{1}, methodValue)

	var first, second []int
	func() {
		p := &deferargsCounter{1}
		defer p.reportPointer(&first)
		p = &deferargsCounter{2}
		defer p.reportPointer(&second)
	}()
	require.Equal(t, []int{1}, first, "the old pointer was saved")
	require.Equal(t, []int{2}, second)
}

// A deferred nil function panics when it is called, at the end of the function,
// and not at the defer statement: the body runs first, and the other deferred
// calls run too. What is dereferenced to find the function panics at the
// statement instead: a method of a nil interface, and a value method through a
// nil pointer. A pointer method on a nil pointer is no problem at either time,
// if the method allows it.
//
//claim:ask What does deferring a nil function do, and what a method of a nil pointer or nil interface?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestDeferArgsNil(t *testing.T) {
	run := func(f func(body func())) (reached bool, text string) {
		defer func() {
			if r := recover(); r != nil {
				text = r.(runtime.Error).Error()
			}
		}()
		f(func() { reached = true })
		return
	}
	const nilText = "runtime error: invalid memory address or nil pointer dereference"
	for _, c := range []struct {
		name    string
		f       func(body func())
		reached bool
		text    string
	}{
		{"nil function", func(body func()) {
			var f func()
			defer f()
			body()
		}, true, nilText},
		{"nil interface", func(body func()) {
			var err error
			defer err.Error()
			body()
		}, false, nilText},
		{"value method, nil pointer", func(body func()) {
			var c *deferargsCounter
			defer c.report(nil)
			body()
		}, false, nilText},
		{"pointer method, nil pointer", func(body func()) {
			var c *deferargsCounter
			defer c.quiet()
			body()
		}, true, ""},
	} {
		reached, text := run(c.f)
		require.Equal(t, c.reached, reached, c.name)
		require.Equal(t, c.text, text, c.name)
	}

	ranBefore := false
	_, text := run(func(func()) {
		var f func()
		defer func() { ranBefore = true }()
		defer f()
	})
	require.Equal(t, nilText, text)
	require.True(t, ranBefore, "the defers registered before run all the same")
}

// Only the last call of the chain is deferred; everything to its left is
// evaluated at the statement. That is the idiom of defer enter("f")(): enter
// runs now and returns what is to run at the end. Forget the second pair of
// parentheses and enter itself runs at the end, and what it returns is thrown
// away without a warning of the compiler or of go vet.
//
//claim:ask What does defer a().b().c() call now, and what later? What is wrong with defer trace("f")?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestDeferArgsChain(t *testing.T) {
	var order []string
	enter := func(name string) func() {
		order = append(order, "enter "+name)
		return func() { order = append(order, "leave "+name) }
	}
	body := func() { order = append(order, "body") }
	func() {
		defer enter("f")()
		body()
	}()
	require.Equal(t, []string{"enter f", "body", "leave f"}, order)

	order = nil
	func() {
		//lint:ignore SA9010 this is the mistake that is shown
		defer enter("f")
		body()
	}()
	require.Equal(t, []string{"body", "enter f"}, order, "entered at the end and never left")

	order = nil
	func() {
		defer deferargsChain{&order}.step("a").step("b").step("c")
		body()
	}()
	require.Equal(t, []string{"a", "b", "body", "c"}, order)
}

type deferargsChain struct{ log *[]string }

func (c deferargsChain) step(name string) deferargsChain {
	*c.log = append(*c.log, name)
	return c
}

// It reports about zero, because time.Since is an argument and so is called at
// the defer statement. Wrap it in a function literal, and it is called at the
// end. go vet finds this one case of time.Since (analyzer defers, since Go
// 1.22); it does not look for other functions of the moment, such as len(s) or
// ctx.Err(), which are mistaken in the same way.
//
//claim:ask What is wrong with defer log.Println(time.Since(start))?
//claim:source https://go.dev/doc/go1.22#vet
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/defers
func TestDeferArgsTime(t *testing.T) {
	proof.OnceUnderRace(t)
	synctest.Test(t, func(t *testing.T) {
		var wrong, right time.Duration
		func() {
			start := time.Now()
			elapsed := time.Since // by another name: go vet would refuse this test
			defer func(d time.Duration) { wrong = d }(elapsed(start))
			defer func() { right = time.Since(start) }()
			time.Sleep(time.Second)
		}()
		require.Zero(t, wrong)
		require.Equal(t, time.Second, right)
	})

	out, err := proof.Go(t, "vet", "./testdata/deferargs/since")
	require.Error(t, err)
	require.Contains(t, out, "main.go:13:20: call to time.Since is not deferred")
	require.Equal(t, 1, strings.Count(out, "is not deferred"), "len(s) is not reported")
}

// What follows defer must be a call of a function or method. Conversions are
// not calls, and the builtins that only compute a value (append, cap, len,
// make, new, min, max, complex, real, imag) are refused, as their result would
// be lost. The builtins with an effect are allowed: clear, close, copy, delete,
// panic, print, println and recover. The call must not be in parentheses.
// Results of a deferred function are discarded, an error among them, and nobody
// reports it.
//
//claim:ask Which builtins and expressions can be deferred?
//claim:source https://go.dev/ref/spec#Defer_statements
//claim:source https://go.dev/ref/spec#Expression_statements
func TestDeferArgsBuiltins(t *testing.T) {
	for _, allowed := range []string{"clear(m)", "close(c)", "copy(s, s)", `delete(m, "a")`, "panic(1)", "print()", "println()", "recover()"} {
		require.Empty(t, deferargsCheck(t, "defer "+allowed), allowed)
	}
	for _, refused := range []string{
		"append(s, 1)", "cap(s)", "len(s)", "make([]int, 1)", "new(int)", "min(1, 2)", "max(1, 2)",
		"complex(1, 2)", "real(1i)", "imag(1i)",
	} {
		found := deferargsCheck(t, "defer "+refused)
		require.Len(t, found, 1, refused)
		require.Contains(t, found[0], "defer discards result of", refused)
	}
	conversion := deferargsCheck(t, "defer int64(len(s))")
	require.Len(t, conversion, 1)
	require.Contains(t, conversion[0], "defer requires function call, not conversion")
	function := deferargsCheck(t, "defer func() {}")
	require.Len(t, function, 1)
	require.Contains(t, function[0], "expression in defer must be function call")
	parentheses := deferargsCheck(t, "defer (close(c))")
	require.Len(t, parentheses, 1)
	require.Contains(t, parentheses[0], "expression in defer must not be parenthesized")

	var closed []string
	discarded := func() error {
		closed = append(closed, "closed")
		return fmt.Errorf("disk full")
	}
	err := func() error {
		defer discarded()
		return nil
	}()
	require.NoError(t, err, "nobody sees the error of the deferred call")
	require.Equal(t, []string{"closed"}, closed)
}
