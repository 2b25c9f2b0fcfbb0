package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Walk visits root and everything reachable through visit, which returns the
// children of a node, with at most limit visits at a time: a directory tree, a
// web site, a dependency graph. It is errgroup with SetLimit made safe for
// work that creates more work.
//
// # Guarantees
//
//   - At most limit visits run at a time; a limit below one counts as one.
//   - It cannot deadlock. A visit that finds no free goroutine for a child
//     walks it in its own goroutine, instead of waiting for one.
//   - The first error, or the cause of a cancellation, is returned. It cancels
//     the context of the running visits, and no further visit is started.
//   - A panic of visit is raised again in the caller once all visits have
//     ended, with an error that prints panic and stack. If visit calls
//     runtime.Goexit, the result is an error. No goroutine remains.
//
// # Cost
//
// A goroutine and its closure for each child that finds one free, a recursive
// call for the others: the stack grows with the depth of the tree at worst.
//
// # When not to use it
//
// Nodes are visited once for each way to reach them, and a cycle never ends:
// keep a set of what was visited in visit. The order of the visits is open. For
// a list that is known beforehand use [ForEach].
func Walk[N any](ctx context.Context, limit int, root N, visit func(ctx context.Context, node N) (children []N, err error)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(limit, 1))

	// A group takes Goexit for success, and lets a panic end the program.
	var panicked atomic.Pointer[walkPanic]
	var exited atomic.Bool
	guarded := func(node N) (children []N, err error) {
		returned := false
		defer func() {
			if value := recover(); value != nil {
				p := &walkPanic{value, debug.Stack()}
				panicked.CompareAndSwap(nil, p)
				err = p
			} else if !returned {
				exited.Store(true)
				cancel(errWalkGoexit)
			}
		}()
		children, err = visit(ctx, node)
		returned = true
		return children, err
	}

	var walk func(node N) error
	walk = func(node N) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		children, err := guarded(node)
		if err != nil {
			return err
		}
		for _, child := range children {
			if group.TryGo(func() error { return walk(child) }) {
				continue
			}
			if err := walk(child); err != nil {
				return err
			}
		}
		return nil
	}
	group.Go(func() error { return walk(root) })
	err := group.Wait()
	if p := panicked.Load(); p != nil {
		panic(p)
	}
	if err == nil && exited.Load() {
		return errWalkGoexit
	}
	return err
}

var errWalkGoexit = errors.New("visit called runtime.Goexit")

// A walkPanic carries the panic of a visit to the caller of Walk.
type walkPanic struct {
	value any
	stack []byte
}

func (p *walkPanic) Error() string {
	return fmt.Sprintf("visit panicked: %v\n\n%s", p.value, p.stack)
}

func (p *walkPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
