package patterns

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Give the state to one goroutine, and send it functions to run. They run one
// after the other, so no lock is needed: here 8 goroutines move money between
// two accounts, and no function ever sees a wrong total.
//
//claim:ask What does "share memory by communicating" look like for a piece of state?
//claim:source https://go.dev/blog/codelab-share
func TestActorOwnsState(t *testing.T) {
	type accounts struct{ a, b int }
	actor := NewActor(accounts{100, 0})
	defer actor.Stop()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				err := actor.Do(t.Context(), func(s *accounts) {
					if s.a+s.b != 100 {
						t.Errorf("total %d", s.a+s.b)
					}
					s.a--
					s.b++
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var end accounts
	if err := actor.Do(t.Context(), func(s *accounts) { end = *s }); err != nil || end != (accounts{-700, 800}) {
		t.Errorf("%v, %v", end, err)
	}
}

// The answer tells whether the function has run, whatever was cancelled when.
// A caller whose context ends while it waits in line has changed nothing.
//
//claim:ask A request to a goroutine timed out: has it been carried out or not?
//claim:source https://go.dev/ref/spec#Select_statements
func TestActorFaultCancelledCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actor := NewActor(0)
		var slow sync.WaitGroup
		slow.Go(func() {
			err := actor.Do(t.Context(), func(n *int) { time.Sleep(time.Minute); *n++ })
			if err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := actor.Do(ctx, func(n *int) { *n += 100 }); err != context.DeadlineExceeded {
			t.Errorf("in line: %v", err)
		}
		if err := actor.Do(ctx, func(n *int) { *n += 100 }); err != context.DeadlineExceeded {
			t.Errorf("cancelled before: %v", err)
		}
		slow.Wait()
		var got int
		if err := actor.Do(t.Context(), func(n *int) { got = *n }); err != nil || got != 1 {
			t.Errorf("%d, %v", got, err)
		}
		actor.Stop()
	})
}

func TestActorFaultStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actor := NewActor(0)
		ended := false
		var callers sync.WaitGroup
		callers.Go(func() {
			if err := actor.Do(t.Context(), func(*int) { time.Sleep(time.Minute); ended = true }); err != nil {
				t.Errorf("running: %v", err)
			}
		})
		synctest.Wait()
		callers.Go(func() {
			if err := actor.Do(t.Context(), func(*int) { t.Error("ran after Stop") }); err != ErrActorStopped {
				t.Errorf("in line: %v", err)
			}
		})
		synctest.Wait()
		actor.Stop()
		if !ended {
			t.Error("Stop did not wait for the function that ran")
		}
		callers.Wait()
		actor.Stop() // once more is harmless
		if err := actor.Do(t.Context(), func(*int) {}); err != ErrActorStopped {
			t.Errorf("after Stop: %v", err)
		}
	})
}

func TestActorFaultPanic(t *testing.T) {
	broken := errors.New("broken")
	actor := NewActor(0)
	defer actor.Stop()
	func() {
		defer func() {
			err, ok := recover().(error)
			if !ok || !errors.Is(err, broken) || !strings.Contains(err.Error(), "actorPanics") {
				t.Errorf("recovered %v", err)
			}
		}()
		_ = actor.Do(t.Context(), func(n *int) { *n = 7; actorPanics(broken) })
	}()
	var got int
	if err := actor.Do(t.Context(), func(n *int) { got = *n }); err != nil || got != 7 {
		t.Errorf("the actor goes on with %d, %v", got, err)
	}
}

func actorPanics(value any) { panic(value) }

func TestActorFaultGoexit(t *testing.T) {
	actor := NewActor(0)
	defer actor.Stop()
	func() {
		defer func() {
			if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "Goexit") {
				t.Errorf("recovered %v", err)
			}
		}()
		_ = actor.Do(t.Context(), func(*int) { runtime.Goexit() })
	}()
	if err := actor.Do(t.Context(), func(*int) {}); err != nil {
		t.Errorf("the actor has ended: %v", err)
	}
}

// A counter behind a mutex is more than ten times as fast as the same counter
// in a goroutine of its own. Each request to a goroutine parks the caller and
// wakes the owner, and then the same once more for the answer. The price buys
// order and waiting inside, so pay it only where you need them.
//
//claim:ask What does it cost to own state by a goroutine instead of a mutex?
//claim:expect ns/op of=actor > 10x of=mutex
//claim:expect allocs/op of=mutex == 0
//claim:source https://go.dev/wiki/MutexOrChannel
func BenchmarkActor(b *testing.B) {
	b.Run("of=mutex", func(b *testing.B) {
		b.ReportAllocs()
		var mu sync.Mutex
		counter := 0
		for b.Loop() {
			mu.Lock()
			counter++
			mu.Unlock()
		}
	})
	b.Run("of=actor", func(b *testing.B) {
		b.ReportAllocs()
		actor := NewActor(0)
		defer actor.Stop()
		for b.Loop() {
			_ = actor.Do(b.Context(), func(counter *int) { *counter++ })
		}
	})
}
