package patterns

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A jitterServer can do ten requests in each hundredth of a second and refuses
// the others. At the first moment it is down.
type jitterServer struct {
	mu     sync.Mutex
	start  time.Time
	slot   time.Duration // number of the hundredth of a second
	inSlot int
	calls  int
	most   int           // calls in one slot, after the first one
	last   time.Duration // when the last request was served
}

var errJitterBusy = errors.New("server is busy")

func (s *jitterServer) call(context.Context) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Since(s.start)
	if slot := now / (10 * time.Millisecond); slot != s.slot {
		s.slot, s.inSlot = slot, 0
	}
	s.calls++
	s.inSlot++
	if s.slot == 0 {
		return struct{}{}, errJitterBusy
	}
	s.most = max(s.most, s.inSlot)
	if s.inSlot > 10 {
		return struct{}{}, errJitterBusy
	}
	s.last = now
	return struct{}{}, nil
}

// jitterBound is the exponential backoff without jitter.
func jitterBound(n int) time.Duration {
	return min(100*time.Millisecond<<min(n-1, 30), time.Second)
}

// jitterHerd lets 200 clients call at the same moment, and retry until each of
// them is served. It makes the delays from a seed, so the outcome is repeatable.
func jitterHerd(t *testing.T, delay func(random *rand.Rand, n int) time.Duration) (s *jitterServer) {
	synctest.Test(t, func(t *testing.T) {
		s = &jitterServer{start: time.Now()}
		var clients sync.WaitGroup
		for i := range 200 {
			random := rand.New(rand.NewPCG(uint64(i), 1))
			policy := RetryPolicy{Attempts: 1000, Delay: func(n int) time.Duration { return delay(random, n) }}
			clients.Go(func() {
				if _, err := Retry(t.Context(), policy, s.call); err != nil {
					t.Error(err)
				}
			})
		}
		clients.Wait()
	})
	return s
}

func jitterNone(_ *rand.Rand, n int) time.Duration { return jitterBound(n) }

func jitterFull(random *rand.Rand, n int) time.Duration {
	return time.Duration(random.Int64N(int64(jitterBound(n))))
}

func jitterEqual(random *rand.Rand, n int) time.Duration {
	return jitterBound(n)/2 + time.Duration(random.Int64N(int64(jitterBound(n)/2)))
}

// Clients that fail at the same moment, because the server was down, retry at
// the same moments too if their delays are the same: a thundering herd, again
// and again. Of 200 clients and a server that can do 10 requests in 10ms, all
// 200 come back together, 10 are served, and 190 are refused; the next round
// brings 190, and the rounds come ever more rarely. It takes 20 retries, 2300
// calls and more than ten seconds. Doubling the delay lets the server rest between
// the rounds, but the clients of a round stay together. With full jitter the same
// clients need 546 calls and half a second.
//
//claim:ask Why does exponential backoff need jitter?
//claim:source https://en.wikipedia.org/wiki/Thundering_herd_problem
func TestJitterThunderingHerd(t *testing.T) {
	none, full := jitterHerd(t, jitterNone), jitterHerd(t, jitterFull)
	if none.calls != 2300 || none.most != 200 || none.last < 10*time.Second {
		t.Errorf("no jitter: %d calls, most %d at once, done after %v", none.calls, none.most, none.last)
	}
	if full.calls != 546 || full.most != 36 || full.last > 500*time.Millisecond {
		t.Errorf("full jitter: %d calls, most %d at once, done after %v", full.calls, full.most, full.last)
	}
}

// Full jitter takes the whole delay at random, from zero to the bound. Equal
// jitter keeps half of the bound fixed and varies the other half, so that no retry
// comes at once, but the clients share half the time span. With five percent the
// crowd stays together for the first rounds. Of 200 clients, at most 36 come
// within 10ms with full jitter, 45 with equal jitter, and all 200 with five
// percent, which also takes longest. Equal jitter is for callers that want a
// guaranteed pause.
//
//claim:ask Full jitter, equal jitter or just a few percent: what is the difference?
//claim:source https://pkg.go.dev/github.com/cenkalti/backoff/v5#ExponentialBackOff
func TestJitterKinds(t *testing.T) {
	full, equal := jitterHerd(t, jitterFull), jitterHerd(t, jitterEqual)
	little := jitterHerd(t, func(random *rand.Rand, n int) time.Duration {
		return jitterBound(n) + time.Duration(random.Int64N(int64(jitterBound(n)/20)))
	})
	if full.most != 36 || equal.most != 45 || little.most != 200 || little.last < 2*equal.last || little.last < 2*full.last {
		t.Errorf("most at once: full %d, equal %d, little %d", full.most, equal.most, little.most)
	}
}

// Anything that many machines do at a fixed time needs jitter: timers that were
// started by the same deployment, entries of a cache that were filled together,
// jobs at the full hour. Here a thousand entries that expire after an hour all
// expire in one second; with up to a tenth of the time taken off at random they
// spread over six minutes, and no second sees more than a dozen.
//
//claim:ask Where else than in retries does jitter help?
//claim:source https://pkg.go.dev/math/rand/v2#N
func TestJitterExpiry(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	most := func(ttl func() time.Duration) (most int) {
		perSecond := make(map[time.Duration]int)
		for range 1000 {
			second := ttl() / time.Second
			perSecond[second]++
			most = max(most, perSecond[second])
		}
		return most
	}
	fixed := most(func() time.Duration { return time.Hour })
	spread := most(func() time.Duration { return time.Hour - time.Duration(random.Int64N(int64(time.Hour/10))) })
	if fixed != 1000 || spread > 12 {
		t.Errorf("most in one second: %d with a fixed time, %d with jitter", fixed, spread)
	}
}
