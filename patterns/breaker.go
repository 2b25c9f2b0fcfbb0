package patterns

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// ErrBreakerOpen is the error of a call that a [Breaker] has not let through.
var ErrBreakerOpen = errors.New("circuit breaker: open")

// A BreakerState is what a [Breaker] does with calls at the moment.
type BreakerState int32

// The states of a [Breaker].
const (
	BreakerClosed   BreakerState = iota // all calls pass
	BreakerOpen                         // no call passes
	BreakerHalfOpen                     // a few calls pass, to probe
)

// String returns closed, open or half-open.
func (s BreakerState) String() string {
	return [...]string{"closed", "open", "half-open"}[s]
}

// A BreakerConfig says when a [Breaker] opens and closes. The zero value of a
// field means its default.
type BreakerConfig struct {
	// The breaker opens when, of at least MinCalls within the last Window, the
	// share of failures is FailureRate or more. The defaults are 10 calls, 10
	// seconds and 0.5. A FailureRate of 1 asks for failures without any success.
	MinCalls    int
	Window      time.Duration
	FailureRate float64

	// OpenFor is how long it stays open before it probes. The default is 10
	// seconds.
	OpenFor time.Duration

	// Probes is how many calls are let through in the half-open state. If all of
	// them succeed, the breaker closes. The default is 1.
	Probes int

	// IsFailure reports whether an error of a call counts as a failure; other
	// errors count as a success, since the service has answered. By default, every
	// error is a failure. It is not asked if the caller has cancelled the call.
	IsFailure func(error) bool

	// OnChange is called after each change of the state, outside of any lock, by
	// the goroutine that has caused it. Two changes that follow each other closely
	// may be reported in the other order.
	OnChange func(from, to BreakerState)
}

// A Breaker is a circuit breaker: it stops calling a service that fails. Calls
// then fail at once, which spares the callers the wait and the service the load,
// until a probe shows that the service is back.
//
// Closed, it counts the outcome of calls. When too many fail, it opens. After a
// while it is half-open and lets a few calls through: if they succeed, it closes,
// and if one fails, it opens again. Create it with [NewBreaker] and call through
// [BreakerDo] or [Breaker.Do]. All methods may be called concurrently.
//
// # Guarantees
//
//   - A refused call returns [ErrBreakerOpen] at once, and its function is not
//     called.
//   - Half-open, at most Probes calls are let through in each OpenFor. If they
//     hang, others follow after that time, so the breaker cannot get stuck.
//   - A panic and runtime.Goexit in a call count as a failure, and go on.
//   - The outcome of a call that began in an earlier state is ignored: a slow call
//     from before the breaker opened neither closes nor opens it.
//   - A call that its caller has cancelled is neither a failure nor a success. If
//     it was a probe, another one may follow.
//   - Only the monotonic clock counts. There is no goroutine and no timer.
//
// # Cost
//
// A call takes an atomic load before, and a mutex and reading the clock after its
// function. A refused call takes an atomic load and reading the clock. Nothing is
// allocated. The window moves in tenths, so that ten pairs of counts are enough.
//
// # When not to use it
//
// To keep a slow service from holding all your goroutines, use timeouts and limit
// the calls at a time: a breaker counts only calls that have ended. For other
// rules, such as a share of slow calls, use github.com/failsafe-go/failsafe-go or
// github.com/sony/gobreaker. One breaker for several hosts is wrong: the bad one
// cuts off the good ones.
type Breaker struct {
	config BreakerConfig
	start  time.Time

	// phase is a number for each period of one state, to recognize the outcome
	// of a call from an earlier one. Its low bits are the state. phase and until
	// are written with mu held.
	phase atomic.Uint64
	until atomic.Int64 // when an open or half-open phase ends, since start

	mu     sync.Mutex
	part   int64 // the tenth of the window that is counted in
	counts [breakerParts]breakerCount
	total  breakerCount // the sum of counts
	probes int          // that run or have succeeded
	passed int          // probes that have succeeded
}

const breakerParts = 10

type breakerCount struct{ calls, failures int }

type breakerOutcome int

const (
	breakerFailure breakerOutcome = iota
	breakerSuccess
	breakerIgnored
)

// NewBreaker returns a closed breaker.
func NewBreaker(config BreakerConfig) *Breaker {
	if config.MinCalls <= 0 {
		config.MinCalls = 10
	}
	if config.Window <= 0 {
		config.Window = 10 * time.Second
	}
	if config.FailureRate <= 0 {
		config.FailureRate = 0.5
	}
	if config.OpenFor <= 0 {
		config.OpenFor = 10 * time.Second
	}
	config.OpenFor = min(config.OpenFor, 1<<62) // so that adding to it cannot overflow
	config.Probes = max(config.Probes, 1)
	return &Breaker{config: config, start: time.Now()}
}

// BreakerDo calls f, if b lets it, and returns its results. Otherwise it returns
// [ErrBreakerOpen], or the cause of the cancellation if ctx is done already.
func BreakerDo[T any](ctx context.Context, b *Breaker, f func(context.Context) (T, error)) (result T, err error) {
	phase, err := b.begin(ctx)
	if err != nil {
		return result, err
	}
	outcome := breakerFailure // unless f returns
	defer func() { b.end(phase, outcome) }()
	result, err = f(ctx)
	outcome = b.judge(ctx, err)
	return result, err
}

// Do is [BreakerDo] for a function that returns only an error.
func (b *Breaker) Do(ctx context.Context, f func(context.Context) error) error {
	_, err := BreakerDo(ctx, b, func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) })
	return err
}

// State returns the state that a call finds now.
func (b *Breaker) State() BreakerState {
	state := breakerState(b.phase.Load())
	if state == BreakerOpen && b.now() >= b.until.Load() {
		return BreakerHalfOpen
	}
	return state
}

// begin returns the phase that a call belongs to, or why it may not run.
func (b *Breaker) begin(ctx context.Context) (uint64, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	phase := b.phase.Load()
	switch breakerState(phase) {
	case BreakerClosed:
		return phase, nil
	case BreakerOpen:
		if b.now() < b.until.Load() {
			return 0, ErrBreakerOpen
		}
	}

	b.mu.Lock()
	phase = b.phase.Load() // may have changed
	from := breakerState(phase)
	if from != BreakerClosed {
		full := from == BreakerOpen || b.probes >= b.config.Probes
		if full && b.now() < b.until.Load() {
			b.mu.Unlock()
			return 0, ErrBreakerOpen
		}
		if full {
			phase = b.change(BreakerHalfOpen)
		}
		b.probes++
	}
	b.mu.Unlock()
	b.changed(from, breakerState(phase))
	return phase, nil
}

// judge says what a call that has returned err means.
func (b *Breaker) judge(ctx context.Context, err error) breakerOutcome {
	switch {
	case err == nil:
		return breakerSuccess
	case ctx.Err() == context.Canceled:
		return breakerIgnored
	case b.config.IsFailure == nil || b.config.IsFailure(err):
		return breakerFailure
	}
	return breakerSuccess
}

// end counts the outcome of a call, unless its phase is over.
func (b *Breaker) end(phase uint64, outcome breakerOutcome) {
	b.mu.Lock()
	if b.phase.Load() != phase {
		b.mu.Unlock()
		return
	}
	from := breakerState(phase)
	to := from
	if from == BreakerClosed {
		if b.count(outcome); b.tooManyFailures() {
			to = BreakerOpen
		}
	} else {
		switch outcome {
		case breakerFailure:
			to = BreakerOpen
		case breakerIgnored:
			b.probes--
		case breakerSuccess:
			if b.passed++; b.passed == b.config.Probes {
				to = BreakerClosed
			}
		}
	}
	if to != from {
		b.change(to)
	}
	b.mu.Unlock()
	b.changed(from, to)
}

// count notes an outcome in the window, which it moves up to now.
func (b *Breaker) count(outcome breakerOutcome) {
	if outcome == breakerIgnored {
		return
	}
	part := b.now() / max(int64(b.config.Window)/breakerParts, 1)
	for steps := min(part-b.part, breakerParts); steps > 0; steps-- {
		old := &b.counts[(part-steps+1)%breakerParts]
		b.total.calls -= old.calls
		b.total.failures -= old.failures
		*old = breakerCount{}
	}
	b.part = part
	current := &b.counts[part%breakerParts]
	current.calls++
	b.total.calls++
	if outcome == breakerFailure {
		current.failures++
		b.total.failures++
	}
}

func (b *Breaker) tooManyFailures() bool {
	return b.total.calls >= b.config.MinCalls && float64(b.total.failures)/float64(b.total.calls) >= b.config.FailureRate
}

// change begins a new phase, with mu held.
func (b *Breaker) change(to BreakerState) uint64 {
	b.counts, b.total = [breakerParts]breakerCount{}, breakerCount{}
	b.probes, b.passed = 0, 0
	b.until.Store(b.now() + int64(b.config.OpenFor))
	phase := b.phase.Load()>>2<<2 + 4 | uint64(to)
	b.phase.Store(phase)
	return phase
}

func (b *Breaker) changed(from, to BreakerState) {
	if from != to && b.config.OnChange != nil {
		b.config.OnChange(from, to)
	}
}

func (b *Breaker) now() int64 { return int64(time.Since(b.start)) }

func breakerState(phase uint64) BreakerState { return BreakerState(phase & 3) }
