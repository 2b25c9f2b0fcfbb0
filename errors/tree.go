package errors

import (
	"fmt"
	"iter"
	"strings"
)

// All returns an iterator over the tree of err in the order in which the
// standard errors.Is and errors.As look at it: err itself, then what its method
// Unwrap returns, depth first and from left to right. Nil errors are left out;
// a nil err has an empty tree.
//
// All calls no method other than Unwrap and allocates nothing for each error of
// a chain. Like errors.Is it does not end by itself if an error unwraps to
// itself, but the loop may break at any time. It may be used by several
// goroutines as far as the Unwrap methods allow that.
func All(err error) iter.Seq[error] {
	return func(yield func(error) bool) { allTree(err, yield) }
}

// allTree returns false if the loop has ended.
func allTree(err error, yield func(error) bool) bool {
	for err != nil {
		if !yield(err) {
			return false
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, child := range e.Unwrap() {
				if !allTree(child, yield) {
					return false
				}
			}
			return true
		default:
			return true
		}
	}
	return true
}

// AllAs returns an iterator over those errors in the tree of err that have the
// type E, in the order of [All]. Where errors.AsType stops at the first, AllAs
// finds every one, such as all the *fs.PathError values of a joined error. It
// matches by type assertion alone and calls no As method.
func AllAs[E error](err error) iter.Seq[E] {
	return func(yield func(E) bool) {
		for e := range All(err) {
			if match, ok := e.(E); ok && !yield(match) {
				return
			}
		}
	}
}

// treeDepth is where [Tree] gives up: deeper than errors are wrapped on purpose.
const treeDepth = 64

// Tree describes the tree of err for a developer: one line for each error in
// the order of [All], with its type and quoted text, indented by its depth. It
// returns the empty string for nil, and stops at a depth of 64, so it ends for
// an error that unwraps to itself. The format may change; do not parse it.
func Tree(err error) string {
	var b strings.Builder
	writeTree(&b, err, 0)
	return b.String()
}

func writeTree(b *strings.Builder, err error, depth int) {
	if err == nil {
		return
	}
	indent := strings.Repeat("    ", depth)
	if depth == treeDepth {
		fmt.Fprintf(b, "%s...\n", indent)
		return
	}
	// Through fmt, because fmt survives a method Error that panics.
	fmt.Fprintf(b, "%s%T %q\n", indent, err, fmt.Sprint(err))
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		writeTree(b, e.Unwrap(), depth+1)
	case interface{ Unwrap() []error }:
		for _, child := range e.Unwrap() {
			writeTree(b, child, depth+1)
		}
	}
}
