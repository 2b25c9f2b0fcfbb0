package errors

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Three steps happen at a return: its expressions are evaluated and stored in
// the results, then the deferred calls run, then the caller gets the results.
// So a deferred function comes after the call in "return f()", and it can no
// longer be seen by that call. It can change a named result, which is a
// variable; a result without a name has no name to change it by.
//
//claim:ask Does a deferred call run before or after the expression of the return statement?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestDeferOrderReturn(t *testing.T) {
	var order []string
	step := func(name string) string {
		order = append(order, name)
		return name
	}
	caller := func() string {
		inner := func() string {
			defer step("deferred")
			return step("return expression")
		}
		got := inner()
		step("caller")
		return got
	}
	require.Equal(t, "return expression", caller())
	require.Equal(t, []string{"return expression", "deferred", "caller"}, order)
}

// No. A deferred call waits for the end of the function, and a block, an if or
// a loop is not a function: the file opened in a block stays open until the
// return. A function literal is one, so wrap the part in a literal and call it,
// if its end is meant. A defer statement that is never reached registers
// nothing: an early return above it, or a condition, skips the call.
//
//claim:ask Does a deferred call run at the end of the block that it stands in?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestDeferOrderBlock(t *testing.T) {
	run := func(early bool) (order []string) {
		log := func(s string) { order = append(order, s) }
		func() {
			{
				defer log("block")
			}
			log("after block")
			func() {
				defer log("literal")
			}()
			log("after literal")
			if early {
				return
			}
			defer log("late")
			if len(order) == 0 {
				defer log("never")
			}
		}()
		return order
	}
	require.Equal(t, []string{"after block", "literal", "after literal", "late", "block"}, run(false))
	require.Equal(t, []string{"after block", "literal", "after literal", "block"}, run(true))
}

// Since Go 1.22 it prints 2 1 0: each turn has its own variable, and the
// closures run in reverse. In a file of Go 1.21 or older it prints 3 3 3,
// because all closures read the one variable after the loop. The go line of
// go.mod decides, or a build constraint such as go1.21 in the file itself, and
// not the toolchain. An argument, as in defer fmt.Print(i), gives 2 1 0 in
// every version, since it is evaluated at the defer statement.
//
//claim:ask What does for i := 0; i < 3; i++ { defer func() { fmt.Print(i) }() } print?
//claim:source https://go.dev/ref/spec#For_clause
//claim:source https://go.dev/blog/loopvar-preview
func TestDeferOrderLoopVariable(t *testing.T) {
	proof.OnceUnderRace(t)
	out, err := proof.Go(t, "run", "./testdata/deferorder/loopvar")
	require.NoError(t, err)
	require.Equal(t, "1.21: 3 3 3\n1.22: 2 1 0\n", out)

	var arguments []int
	func() {
		for i := 0; i < 3; i++ {
			defer func(n int) { arguments = append(arguments, n) }(i)
		}
	}()
	require.Equal(t, []int{2, 1, 0}, arguments)
}

// They are all open at once and are closed in reverse order when the function
// returns. The loop that was meant to hold one file holds as many as there are
// names, and a service that loops for ever closes none. The errors of the late
// Close calls also come after the work that used them. Give the body a function
// of its own: then each file is closed before the next one is opened.
//
//claim:ask In which order are files closed that a loop opens with defer Close in its body?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestDeferOrderFiles(t *testing.T) {
	names := []string{"a", "b", "c"}
	var log []string
	open := func(name string) (closeFile func()) {
		log = append(log, "open "+name)
		return func() { log = append(log, "close "+name) }
	}

	func() {
		for _, name := range names {
			defer open(name)()
		}
	}()
	require.Equal(t, []string{"open a", "open b", "open c", "close c", "close b", "close a"}, log)

	log = nil
	for _, name := range names {
		func() { defer open(name)() }()
	}
	require.Equal(t, []string{"open a", "close a", "open b", "close b", "open c", "close c"}, log)
}

// It runs when the function that contains the loop returns, as in any other
// loop. The body of a loop over a function is compiled into a closure, and the
// iterator calls it, but neither their ends count: the compiler hands the defer
// over to the outer function. The iterator's own defers run when the iterator
// returns, thus earlier. This is so since Go 1.23, which has such loops.
//
//claim:ask When does a defer in the body of a range-over-func loop run?
//claim:source https://go.dev/ref/spec#For_range
//claim:source https://go.dev/doc/go1.23#language
//claim:source cmd/compile/internal/rangefunc/rewrite.go
func TestDeferOrderRangeFunc(t *testing.T) {
	var order []string
	log := func(s string) { order = append(order, s) }
	twice := func(yield func(string) bool) {
		defer log("iterator ends")
		_ = yield("first") && yield("second")
	}
	func() {
		defer log("outer defer")
		for name := range twice {
			defer log("deferred in body: " + name)
			log("body: " + name)
		}
		log("after the loop")
	}()
	require.Equal(t, []string{
		"body: first", "body: second", "iterator ends", "after the loop",
		"deferred in body: second", "deferred in body: first", "outer defer",
	}, order)
}

// All of them run. A deferred call that panics does not keep the others from
// running: the runtime goes on with the next one, in the same order, with the
// new panic in place of the old. So each cleanup that has its own defer
// statement is safe from a panic in its neighbours. Two cleanups in one
// deferred function are not: the second line is not reached if the first
// panics.
//
//claim:ask One deferred call panics. Do the other deferred calls still run?
//claim:source https://go.dev/ref/spec#Handling_panics
//claim:source runtime/panic.go
func TestDeferOrderPanicInDefer(t *testing.T) {
	run := func(f func(log func(string))) (order []string) {
		defer func() { recover() }()
		f(func(s string) { order = append(order, s) })
		return order
	}
	separate := run(func(log func(string)) {
		defer log("unlock")
		defer func() { panic("flush failed") }()
		defer log("stop timer")
	})
	require.Equal(t, []string{"stop timer", "unlock"}, separate)

	together := run(func(log func(string)) {
		defer func() {
			log("stop timer")
			func() { panic("flush failed") }()
			log("unlock")
		}()
	})
	require.Equal(t, []string{"stop timer"}, together)
}

// The reverse order is the order in which things can be taken apart: what was
// built later may use what was built before, so it must go first. A buffered
// writer is flushed before its file is closed, a transaction ends before its
// connection goes back, and the inner lock is released before the outer one.
// Write each defer right after the step it undoes, and the order is right by
// itself. The order of registration is therefore part of the meaning: swapping
// the two defers below loses data.
//
//claim:ask Why do deferred calls run in reverse order?
//claim:source https://go.dev/blog/defer-panic-and-recover
func TestDeferOrderWhyReverse(t *testing.T) {
	type bufferedFile struct {
		buffer, disk []string
		closed       bool
	}
	flush := func(f *bufferedFile) {
		if !f.closed {
			f.disk = append(f.disk, f.buffer...)
		}
	}
	closeFile := func(f *bufferedFile) { f.closed = true }

	write := func(defers ...func(*bufferedFile)) []string {
		var f bufferedFile
		func() {
			for _, undo := range defers {
				defer undo(&f)
			}
			f.buffer = append(f.buffer, "line")
		}()
		return slices.Clone(f.disk)
	}
	require.Equal(t, []string{"line"}, write(closeFile, flush), "closed last, because deferred first")
	require.Empty(t, write(flush, closeFile), "the flush comes too late")
}
