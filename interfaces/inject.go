package interfaces

import (
	"errors"
	"fmt"
	"time"
)

// injectSessions is a service with two dependencies, given by its constructor. They are
// interfaces of this package: what the service calls, and no more.
type injectSessions struct {
	clock injectClock
	store injectStore
	ttl   time.Duration
}

type (
	injectClock interface{ Now() time.Time }
	injectStore interface {
		Save(id string, until time.Time) error
		Load(id string) (until time.Time, ok bool)
	}
)

// newInjectSessions checks what the compiler cannot: a nil is a forgotten dependency, and
// here is the place where its name is known.
func newInjectSessions(clock injectClock, store injectStore, ttl time.Duration) (*injectSessions, error) {
	switch {
	case clock == nil:
		return nil, errors.New("sessions: no clock")
	case store == nil:
		return nil, errors.New("sessions: no store")
	case ttl <= 0:
		return nil, fmt.Errorf("sessions: ttl is %v", ttl)
	}
	return &injectSessions{clock, store, ttl}, nil
}

func (s *injectSessions) Start(id string) error {
	return s.store.Save(id, s.clock.Now().Add(s.ttl))
}

func (s *injectSessions) Valid(id string) bool {
	until, ok := s.store.Load(id)
	return ok && s.clock.Now().Before(until)
}

// injectSystemClock is the clock of production.
type injectSystemClock struct{}

func (injectSystemClock) Now() time.Time { return time.Now() }

// injectMemory is a store in memory: the fake of tests, and good enough for a small
// program.
type injectMemory map[string]time.Time

func (m injectMemory) Save(id string, until time.Time) error { m[id] = until; return nil }

func (m injectMemory) Load(id string) (time.Time, bool) { until, ok := m[id]; return until, ok }

// injectApp is what main would do: build from the leaves up, remember how to close, and
// close in the reverse order.
type injectApp struct{ closers []func() error }

// start opens one part after the other. If one fails, those that are open are closed again.
func (a *injectApp) start(parts ...func() (closePart func() error, err error)) error {
	for _, open := range parts {
		closePart, err := open()
		if err != nil {
			return errors.Join(err, a.close())
		}
		a.closers = append(a.closers, closePart)
	}
	return nil
}

func (a *injectApp) close() (err error) {
	for len(a.closers) > 0 {
		last := len(a.closers) - 1
		err = errors.Join(err, a.closers[last]())
		a.closers = a.closers[:last]
	}
	return err
}
