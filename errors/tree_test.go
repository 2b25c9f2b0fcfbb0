package errors

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// treeNode is an error with children and a name; it records each comparison that errors.Is
// makes with it.
type treeNode struct {
	name     string
	children []error
	asked    *[]string
}

func (n *treeNode) Error() string   { return n.name }
func (n *treeNode) Unwrap() []error { return n.children }
func (n *treeNode) Is(error) bool {
	if n.asked != nil {
		*n.asked = append(*n.asked, n.name)
	}
	return false
}

// The tree is searched in pre-order, depth first and from left to right: an
// error is compared before what it wraps, and the first branch of a joined
// error is searched to its end before the second. errors.Is, errors.As and
// errors.AsType all use this order. For Is it only decides how soon a match is
// found. For As it decides which error you get if several match, so the order
// of the arguments of errors.Join and of the %w verbs is visible to callers.
//
//claim:ask In what order do errors.Is and errors.As search a tree of joined and wrapped errors?
//claim:source https://pkg.go.dev/errors#Is
//claim:source errors/wrap.go
func TestTreeOrder(t *testing.T) {
	var asked []string
	node := func(name string, children ...error) error {
		return &treeNode{name, children, &asked}
	}
	err := node("root", node("left", node("left leaf")), nil, node("right", node("right leaf")))
	require.False(t, errors.Is(err, io.EOF))
	want := []string{"root", "left", "left leaf", "right", "right leaf"}
	assert.Equal(t, want, asked)

	var names []string
	for e := range All(err) {
		names = append(names, e.Error())
	}
	assert.Equal(t, want, names, "All has the same order")

	var match *treeNode
	require.True(t, errors.As(errors.Join(io.EOF, node("first"), node("second")), &match))
	assert.Equal(t, "first", match.name)
	match, ok := errors.AsType[*treeNode](errors.Join(io.EOF, node("first"), node("second")))
	require.True(t, ok)
	assert.Equal(t, "first", match.name)
	require.True(t, errors.As(fmt.Errorf("%w; %w", node("second"), node("first")), &match))
	assert.Equal(t, "second", match.name, "the order of the verbs")
	assert.Equal(t, []error{io.EOF}, slices.Collect(All(io.EOF)))
}

// Since Go 1.20 an error is the root of a tree, not the head of a list. A type
// wraps one error with the method Unwrap() error, or several with Unwrap()
// []error, and it can have only one of the two, because the names are equal.
// There is no function in the package errors that returns the whole tree:
// errors.Unwrap follows single wraps only. A loop over errors.Unwrap, as it was
// written before 1.20, stops at the first joined error and misses everything
// below. Walk both forms, as All does here.
//
//claim:ask How do I list every error in a chain, including joined ones?
//claim:source https://go.dev/doc/go1.20#errors
func TestTreeWalk(t *testing.T) {
	err := fmt.Errorf("a: %w", errors.Join(io.EOF, fmt.Errorf("b: %w", io.ErrShortWrite)))
	loop := func(err error) (n int) {
		for ; err != nil; err = errors.Unwrap(err) {
			n++
		}
		return n
	}
	assert.Equal(t, 2, loop(err), "the wrapper and the joined error")
	assert.Len(t, slices.Collect(All(err)), 5)
	assert.Equal(t, []error{err, err.(interface{ Unwrap() error }).Unwrap()}, slices.Collect(All(err))[:2])
	assert.Empty(t, slices.Collect(All(nil)))

	// The consumer may stop anywhere, also inside a branch.
	for n := range 5 {
		var seen []error
		for e := range All(err) {
			if seen = append(seen, e); len(seen) == n+1 {
				break
			}
		}
		assert.Equal(t, slices.Collect(All(err))[:n+1], seen)
	}
	var first *treeNode
	for e := range AllAs[*treeNode](errors.Join(&treeNode{name: "1"}, &treeNode{name: "2"})) {
		first = e
		break
	}
	assert.Equal(t, "1", first.name)
	proof.WantAllocs(t, 0, func() {
		for e := range All(err) {
			_ = e
		}
	})
}

// loopError unwraps to itself until it has been asked often enough.
type loopError struct{ asked, limit int }

func (e *loopError) Error() string { return "loop" }
func (e *loopError) Unwrap() error {
	e.asked++
	if e.asked == e.limit {
		panic("asked too often")
	}
	return e
}

// errors.Is and errors.As never return for an error that unwraps to itself,
// directly or through others: they keep no list of what they have seen. Nothing
// in the standard library builds such a cycle, because fmt.Errorf and
// errors.Join make a new error from finished ones. It takes a type whose
// wrapped error is set later. If errors are not changed once they are returned,
// no cycle can appear.
//
//claim:ask What does errors.Is do if an error wraps itself?
//claim:source errors/wrap.go
func TestTreeCycle(t *testing.T) {
	err := &loopError{limit: 1000}
	assert.PanicsWithValue(t, "asked too often", func() { _ = errors.Is(err, io.EOF) })
	assert.Equal(t, 1000, err.asked, "only the panic has ended the search")

	n := 0
	for range All(&loopError{limit: 1000}) {
		if n++; n == 10 {
			break
		}
	}
	assert.Equal(t, 10, n)
	lines := strings.Split(Tree(&loopError{limit: 1000}), "\n")
	assert.Equal(t, "...", strings.TrimSpace(lines[treeDepth]), "Tree gives up")
}

// An error that is reached on several paths is compared once for each path. An
// error that is joined with itself, ten times over, takes 1024 comparisons of
// one leaf. So the cost of errors.Is grows with the number of paths, not with
// the number of different errors. A loop that joins each new error once, err =
// errors.Join(err, e), has one path for each.
//
//claim:ask Does errors.Is visit an error twice that was joined twice?
//claim:source errors/wrap.go
func TestTreeShared(t *testing.T) {
	var asked []string
	leaf := &treeNode{name: "leaf", asked: &asked}
	var err error = leaf
	for range 10 {
		err = errors.Join(err, err)
	}
	assert.False(t, errors.Is(err, io.EOF))
	assert.Len(t, asked, 1<<10)

	asked = nil
	err = nil
	for range 10 {
		err = errors.Join(err, leaf)
	}
	assert.False(t, errors.Is(err, io.EOF))
	assert.Len(t, asked, 10)
}

func TestTree(t *testing.T) {
	assert.Empty(t, Tree(nil))
	assert.Equal(t, "*errors.errorString \"EOF\"\n", Tree(io.EOF))
	assert.Contains(t, Tree(formatPanicError{}), "PANIC", "survives a bad method Error")
}

// fuzzTree builds a tree from the bytes of a script, taking one byte for each error, and
// appends its errors in pre-order to nodes. The errors it makes have distinct identities.
func fuzzTree(script *[]byte, depth int, nodes *[]error) error {
	if len(*script) == 0 || depth > 40 {
		return nil
	}
	b := (*script)[0]
	*script = (*script)[1:]
	at := len(*nodes)
	*nodes = append(*nodes, nil)
	var err error
	switch b % 4 {
	case 0:
		err = errors.New("leaf")
	case 1:
		if child := fuzzTree(script, depth+1, nodes); child != nil {
			err = fmt.Errorf("wrap: %w", child)
		} else {
			err = errors.New("leaf")
		}
	case 2, 3:
		children := make([]error, b>>2%4)
		for i := range children {
			children[i] = fuzzTree(script, depth+1, nodes)
		}
		err = &treeNode{name: "node", children: children}
	}
	(*nodes)[at] = err
	return err
}

// FuzzAll compares All with the tree that was built, and with errors.Is.
func FuzzAll(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0})
	f.Add([]byte{1, 1, 0})
	f.Add([]byte{14, 0, 1, 0, 10, 0, 0})
	f.Add([]byte(strings.Repeat("\x0e\x01", 12)))
	f.Fuzz(func(t *testing.T, script []byte) {
		var nodes []error
		script = script[:min(len(script), 64)]
		err := fuzzTree(&script, 0, &nodes)
		all := slices.Collect(All(err))
		require.Len(t, all, len(nodes))
		for i, e := range all {
			require.Same(t, nodes[i], e)
			require.True(t, errors.Is(err, e))
		}
		require.False(t, errors.Is(err, io.EOF))
		if err != nil {
			require.Equal(t, len(all), strings.Count(Tree(err), "\n"))
		}
	})
}
