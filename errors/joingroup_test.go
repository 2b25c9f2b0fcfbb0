package errors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// To get all errors in a fixed order, give every call a number and put its
// error where the number says: into errs[i] of a slice with one place per call,
// or into a [Collector]. Join them after all goroutines have ended. An errgroup
// keeps only the error that came first, which differs from run to run. The
// order of arrival, as from a channel, makes another text each time too, and
// such texts cannot be compared or grouped.
//
//claim:ask How do I get the errors of all parallel calls, in an order that is always the same?
//claim:source https://pkg.go.dev/errors#Join
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#Group.Wait
func TestJoinGroupAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all Collector
		var first errgroup.Group
		arrived := make(chan string, 3)
		for i := range 3 {
			first.Go(func() error {
				time.Sleep(time.Duration(3-i) * time.Second) // the last one is the fastest
				err := fmt.Errorf("item %d: timeout", i)
				arrived <- err.Error()
				all.Add(i, err)
				return err
			})
		}
		assert.EqualError(t, first.Wait(), "item 2: timeout")
		for _, text := range []string{"item 2: timeout", "item 1: timeout", "item 0: timeout"} {
			assert.Equal(t, text, <-arrived)
		}
		assert.EqualError(t, all.Err(), "item 0: timeout\nitem 1: timeout\nitem 2: timeout")
	})
}

// A joined error should keep the first few errors and count the rest. If a
// shared cause fails a thousand calls, it is the same sentence a thousand
// times: it fills the log line, the response and the memory until somebody
// reads the error. The limit belongs where errors are collected. To cut the
// text afterwards is too late for the memory, and cuts an error in the middle.
// errors.Join itself has no limit.
//
//claim:ask A thousand items failed. Should the error contain a thousand texts?
//claim:source https://pkg.go.dev/errors#Join
func TestJoinGroupLimit(t *testing.T) {
	few, every := Collector{Limit: 3}, Collector{}
	for i := 999; i >= 0; i-- {
		err := fmt.Errorf("item %d: %w", i, io.ErrUnexpectedEOF)
		few.Add(i, err)
		every.Add(i, err)
	}
	assert.EqualError(t, few.Err(), "item 0: unexpected EOF\nitem 1: unexpected EOF\nitem 2: unexpected EOF\nand 997 more")
	assert.ErrorIs(t, few.Err(), io.ErrUnexpectedEOF)
	assert.Equal(t, 999, strings.Count(every.Err().Error(), "\n"))
}

// Errors get lost if several goroutines do err = errors.Join(err, e), because
// that is a read and a write of one variable with a call in between. If two
// goroutines read the same old value, the one that writes last removes what the
// other has added. It is a data race as well. errors.Join does not change its
// arguments and is safe to call, but that does not make the assignment safe:
// use a lock around it, one place in a slice per goroutine, or a [Collector].
//
//claim:ask Several goroutines do err = errors.Join(err, e). What can go wrong?
//claim:source https://go.dev/ref/mem#badsync
func TestJoinGroupLost(t *testing.T) {
	// The unlucky order of two goroutines, step by step.
	var shared error
	readA, readB := shared, shared
	shared = errors.Join(readA, io.EOF)
	assert.ErrorIs(t, shared, io.EOF)
	shared = errors.Join(readB, io.ErrShortWrite)
	assert.NotErrorIs(t, shared, io.EOF, "lost")
	assert.ErrorIs(t, shared, io.ErrShortWrite)

	var all Collector
	places := make([]error, 100)
	var wg sync.WaitGroup
	for i := range places {
		wg.Go(func() {
			places[i] = fmt.Errorf("item %d", i)
			all.Add(i, places[i])
		})
	}
	wg.Wait()
	assert.Equal(t, errors.Join(places...).Error(), all.Err().Error())
	assert.Equal(t, 99, strings.Count(all.Err().Error(), "\n"))
}

// joinGroupEvery reports whether each branch of a joined error matches target.
func joinGroupEvery(err, target error) bool {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return errors.Is(err, target)
	}
	for _, branch := range joined.Unwrap() {
		if !joinGroupEvery(branch, target) {
			return false
		}
	}
	return true
}

// errors.Is of a joined error means that at least one of its branches matches, not that all
// do. Code that was written for a single error draws wrong conclusions: if errors.Is(err,
// fs.ErrNotExist) { return nil } also forgives the broken disk that is joined to it, and a
// retry because of one timeout repeats the calls that are forbidden. errors.As has the same
// weakness, and so has [CodeOf], which takes the first code that it finds. Decide for each
// branch before you join, or ask all branches, by Unwrap() []error.
//
//claim:ask errors.Is(joined, fs.ErrNotExist) is true. Did all the calls fail with it?
//claim:source https://pkg.go.dev/errors#Is
func TestJoinGroupAnyMatches(t *testing.T) {
	disk := errors.New("disk broken")
	mixed := errors.Join(fmt.Errorf("a: %w", fs.ErrNotExist), fmt.Errorf("b: %w", disk))
	forgiving := func(err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	assert.NoError(t, forgiving(mixed), "b is forgotten")
	assert.False(t, joinGroupEvery(mixed, fs.ErrNotExist))
	assert.True(t, joinGroupEvery(errors.Join(fs.ErrNotExist, fmt.Errorf("c: %w", fs.ErrNotExist)), fs.ErrNotExist))
	assert.Equal(t, NotFound, CodeOf(mixed))
	assert.Equal(t, Internal, CodeOf(errors.Join(Internal, mixed)), "the first one decides")
}

// Most of the errors of a group with a shared context are echoes of the first
// one. The first failure cancels the shared context, and every other call
// returns context.Canceled because of it. An errgroup hides them, since it
// returns the error that came first, and that is the cause, or the parent's
// cancellation. Whoever joins all errors should drop those that are
// context.Canceled, as long as the parent context is still alive: then the
// cancellation came from here. If nothing is left, keep one of them.
//
//claim:ask I collect all errors of a group, and most of them are context canceled. Why, and what do I do?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#WithContext
func TestJoinGroupEchoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group, ctx := errgroup.WithContext(t.Context())
		errs := make([]error, 4)
		for i := range errs {
			group.Go(func() error {
				if i == 2 {
					time.Sleep(time.Second)
					errs[i] = io.ErrUnexpectedEOF
				} else {
					<-ctx.Done()
					errs[i] = fmt.Errorf("item %d: %w", i, ctx.Err())
				}
				return errs[i]
			})
		}
		assert.Equal(t, io.ErrUnexpectedEOF, group.Wait())
		var causes []error
		for _, err := range errs {
			if !errors.Is(err, context.Canceled) {
				causes = append(causes, err)
			}
		}
		assert.Equal(t, 3, strings.Count(errors.Join(errs...).Error(), "context canceled"))
		assert.Equal(t, []error{io.ErrUnexpectedEOF}, causes)
		assert.NoError(t, t.Context().Err(), "the parent was not canceled")
	})
}

// If callers can use a part of the answer, return both: results in order, and
// an error that says which items are missing. Such a function breaks the habit
// that results mean nothing beside an error, so its documentation must say so,
// and the result must show which places are valid. A pair of value and error
// per item is clearer than a zero value, which cannot be told from a result. If
// half of an answer is wrong for the caller, such as a sum or a transfer,
// return no results at all.
//
//claim:ask Nine of ten parallel calls succeeded. Do you return the nine results or the error?
//claim:source https://go.dev/blog/errors-are-values
func TestJoinGroupPartial(t *testing.T) {
	type answer struct {
		length int
		err    error
	}
	lengths := func(names ...string) (answers []answer, err error) {
		var failed Collector
		answers = make([]answer, len(names))
		var wg sync.WaitGroup
		for i, name := range names {
			wg.Go(func() {
				if name == "" {
					answers[i].err = fmt.Errorf("name %d: %w", i, InvalidArgument)
				}
				answers[i].length = len(name)
				failed.Add(i, answers[i].err)
			})
		}
		wg.Wait()
		return answers, failed.Err()
	}
	answers, err := lengths("ada", "", "grace")
	assert.EqualError(t, err, "name 1: invalid argument")
	assert.Equal(t, 3, answers[0].length)
	assert.ErrorIs(t, answers[1].err, InvalidArgument)
	assert.Equal(t, 5, answers[2].length)
	answers, err = lengths("ada")
	assert.NoError(t, err)
	assert.Equal(t, []answer{{length: 3}}, answers)
}

// joinGroupItemError says which item of a batch failed.
type joinGroupItemError struct {
	index int
	key   string
	err   error
}

func (e *joinGroupItemError) Error() string {
	return fmt.Sprintf("item %d (%q): %v", e.index, e.key, e.err)
}
func (e *joinGroupItemError) Unwrap() error { return e.err }

// Each error of a batch must be wrapped with its item before it is handed on,
// because nobody knows the item later: the error of a goroutine has left its
// call behind, and a joined error has places but no names. If callers act on
// it, for example by sending the failed items again, wrap with a type that has
// the index or the key as a field. errors.As finds only the first of them.
// [AllAs] yields all.
//
//claim:ask How does the caller learn which items of a batch have failed?
//claim:source https://pkg.go.dev/errors#As
func TestJoinGroupItems(t *testing.T) {
	batch := func(keys ...string) error {
		var failed Collector
		for i, key := range keys {
			if strings.HasPrefix(key, "bad") {
				failed.Add(i, &joinGroupItemError{i, key, InvalidArgument})
			}
		}
		if err := failed.Err(); err != nil {
			return fmt.Errorf("save batch: %w", err)
		}
		return nil
	}
	err := batch("a", "bad b", "c", "bad d")
	var again []int
	for item := range AllAs[*joinGroupItemError](err) {
		again = append(again, item.index)
	}
	assert.Equal(t, []int{1, 3}, again)
	first, ok := errors.AsType[*joinGroupItemError](err)
	require.True(t, ok)
	assert.Equal(t, 1, first.index, "the first only")
	assert.EqualError(t, err, "save batch: item 1 (\"bad b\"): invalid argument\nitem 3 (\"bad d\"): invalid argument")
	assert.NoError(t, batch("a"))
}

// What the results are for decides whether to stop at the first error or to
// collect all. If one failure makes the whole worthless, stop: cancel the
// others and return the first error, as an errgroup with a context does. That
// saves work and answers sooner. If each item counts for itself, such as the
// checks of a form or the deletion of old files, go on and report all errors,
// so that the user does not repair them one by one. Stopping works only as far
// as the calls listen to the context.
//
//claim:ask Stop at the first error or collect all of them: how do you decide?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#WithContext
func TestJoinGroupStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work := func(ctx context.Context, i int) error {
			select {
			case <-time.After(time.Duration(i+1) * time.Second):
			case <-ctx.Done():
				return ctx.Err()
			}
			if i%2 == 0 {
				return fmt.Errorf("item %d", i)
			}
			return nil
		}
		start := time.Now()
		group, ctx := errgroup.WithContext(t.Context())
		for i := range 5 {
			group.Go(func() error { return work(ctx, i) })
		}
		assert.EqualError(t, group.Wait(), "item 0")
		assert.Equal(t, 1*time.Second, time.Since(start))

		start = time.Now()
		var all Collector
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() { all.Add(i, work(t.Context(), i)) })
		}
		wg.Wait()
		assert.EqualError(t, all.Err(), "item 0\nitem 2\nitem 4")
		assert.Equal(t, 5*time.Second, time.Since(start))
	})
}

func TestCollector(t *testing.T) {
	var c Collector
	assert.NoError(t, c.Err())
	c.Add(1, nil)
	assert.NoError(t, c.Err())
	c.Add(1, io.EOF)
	assert.True(t, c.Err() == io.EOF, "as it is")
	c.Add(-1, errors.New("x"))
	c.Add(1, errors.New("y"))
	assert.EqualError(t, c.Err(), "x\nEOF\ny")

	one := Collector{Limit: 1}
	for _, i := range []int{5, 3, 3, 4} {
		one.Add(i, fmt.Errorf("item %d", i))
	}
	assert.EqualError(t, one.Err(), "item 3\nand 3 more")
}
