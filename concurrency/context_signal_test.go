package concurrency

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"testing"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ctxRaceExit saves the second that a program with the race detector waits at
// its end.
const ctxRaceExit = "GORACE=atexit_sleep_ms=0"

// ctxInterrupt sends the signal of Ctrl-C to the test itself.
func ctxInterrupt(t *testing.T) {
	self, err := os.FindProcess(os.Getpid())
	require.NoError(t, err)
	require.NoError(t, self.Signal(os.Interrupt))
}

// The name of the signal: since Go 1.26 context.Cause of such a context says,
// for example, interrupt signal received. Err is context.Canceled as before,
// and errors.Is finds Canceled in the cause too. Before Go 1.26 there was no
// telling a signal from a call of stop, which still gives context canceled.
//
//claim:ask How do you learn which signal ended the context of signal.NotifyContext?
//claim:needs goos=linux
//claim:source https://go.dev/doc/go1.26
//claim:source https://pkg.go.dev/os/signal#NotifyContext
func TestContextNotifyCause(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sends itself a signal")
	}
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	defer stop()
	ctxInterrupt(t)
	<-ctx.Done()
	assert.Equal(t, context.Canceled, ctx.Err())
	assert.EqualError(t, context.Cause(ctx), "interrupt signal received")
	assert.ErrorIs(t, context.Cause(ctx), context.Canceled)

	ctx, stop = signal.NotifyContext(t.Context(), os.Interrupt)
	stop()
	assert.Equal(t, context.Canceled, context.Cause(ctx))
}

// The signal stays caught until stop is called: the first one ends the context,
// and those that follow do nothing. A program that hangs in its shutdown then
// ignores Ctrl-C. Call stop as soon as the context is done, not only in a
// defer: from then on the signal has its usual effect, which is to kill.
//
//claim:ask With signal.NotifyContext, why does a second Ctrl-C not kill the program?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/os/signal#NotifyContext
func TestContextNotifySecond(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sends itself a signal")
	}
	if proof.InChild(t) {
		ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
		ctxInterrupt(t)
		<-ctx.Done()
		ctxInterrupt(t)
		fmt.Println("alive after the second")
		if os.Getenv("GODEEP_STOP") != "" {
			stop()
			ctxInterrupt(t)
			select {}
		}
		return
	}
	if signal.Ignored(os.Interrupt) {
		t.Skip("started with the signal ignored, as background jobs of a shell are")
	}
	out, err := proof.Child(t, ctxRaceExit)
	require.NoError(t, err, out)
	out, err = proof.Child(t, ctxRaceExit, "GODEEP_STOP=1")
	require.ErrorContains(t, err, "signal: interrupt", out)
	assert.Contains(t, out, "alive after the second")
}
