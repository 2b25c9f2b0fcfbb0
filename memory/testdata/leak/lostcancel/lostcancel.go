// Package lostcancel forgets to call a cancel function.
package lostcancel

import "context"

// Child returns a context that nobody can cancel.
func Child(parent context.Context) context.Context {
	ctx, _ := context.WithCancel(parent)
	return ctx
}
