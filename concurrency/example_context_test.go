package concurrency_test

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Cancelling a parent ends its children before cancel returns; cancelling a
// child leaves the parent alone.
func Example_contextTree() {
	parent, cancelParent := context.WithCancel(context.Background())
	child, cancelChild := context.WithCancel(parent)
	sibling, cancelSibling := context.WithCancel(parent)
	defer cancelSibling()

	cancelChild()
	fmt.Println("child:", child.Err(), "parent:", parent.Err(), "sibling:", sibling.Err())
	cancelParent()
	fmt.Println("child:", child.Err(), "parent:", parent.Err(), "sibling:", sibling.Err())
	// Output:
	// child: context canceled parent: <nil> sibling: <nil>
	// child: context canceled parent: context canceled sibling: context canceled
}

// Err has two answers; Cause tells the reason that was given.
func Example_contextCauseErr() {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("disk full"))
	cancel(errors.New("too late"))
	fmt.Println("err:", ctx.Err())
	fmt.Println("cause:", context.Cause(ctx))
	// Output:
	// err: context canceled
	// cause: disk full
}

// A child inherits the earlier deadline of its parent, whatever it asks for.
func Example_contextDeadline() {
	parent, cancelParent := context.WithTimeout(context.Background(), time.Minute)
	defer cancelParent()
	child, cancelChild := context.WithTimeout(parent, time.Hour)
	defer cancelChild()

	parentDeadline, _ := parent.Deadline()
	childDeadline, _ := child.Deadline()
	fmt.Println("same deadline:", childDeadline.Equal(parentDeadline))
	// Output:
	// same deadline: true
}
