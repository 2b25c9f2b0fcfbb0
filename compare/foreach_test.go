package compare

import (
	"context"
	"errors"
	"hash/crc32"
	"sync"
	"sync/atomic"
	"testing"

	conciter "github.com/sourcegraph/conc/iter"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/go-deep-dive/godeep/patterns"
)

const forEachWorkers = 2

// A looper calls f for every item in forEachWorkers goroutines.
type looper func(items [][]byte, f func(item []byte) error) error

func loopGodeep(items [][]byte, f func([]byte) error) error {
	return patterns.ForEach(context.Background(), forEachWorkers, items, func(_ context.Context, item []byte) error {
		return f(item)
	})
}

// loopBare is the least that a loop over goroutines can do: no error, no
// cancellation, no care for panics.
func loopBare(items [][]byte, f func([]byte) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range forEachWorkers {
		wg.Go(func() {
			for i := int(next.Add(1) - 1); i < len(items); i = int(next.Add(1) - 1) {
				_ = f(items[i])
			}
		})
	}
	wg.Wait()
	return nil
}

func loopConc(items [][]byte, f func([]byte) error) error {
	it := conciter.Mapper[[]byte, struct{}]{MaxGoroutines: forEachWorkers}
	_, err := it.MapErr(items, func(item *[]byte) (struct{}, error) { return struct{}{}, f(*item) })
	return err
}

func loopErrgroup(items [][]byte, f func([]byte) error) error {
	g, _ := errgroup.WithContext(context.Background())
	g.SetLimit(forEachWorkers)
	for _, item := range items {
		g.Go(func() error { return f(item) })
	}
	return g.Wait()
}

var loopers = []struct {
	name string
	loop looper
}{
	{"godeep", loopGodeep}, {"bare", loopBare}, {"conc", loopConc}, {"errgroup", loopErrgroup},
}

// [patterns.ForEach] costs less than 1.2 times the barest loop that one can
// write with an atomic counter and a WaitGroup, on items of a few hundred
// nanoseconds. It adds the first error, cancellation and panics, for one check of
// a context for each item. The loop of conc is as fast, within 1.2x, and
// promises less: it takes no context, and calls the function for all items
// after an error. An errgroup starts a goroutine for each item, which costs
// more than twice as much here.
//
//claim:ask What does a safe parallel loop cost beside a bare one, and beside conc and errgroup?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=godeep < 1.2x of=bare
//claim:expect ns/op of=godeep < 1.2x of=conc
//claim:expect ns/op of=errgroup > 2x of=godeep
//claim:expect allocs/op of=godeep <= 20
//claim:expect allocs/op of=errgroup >= 1900
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup
func BenchmarkForEach(b *testing.B) {
	items := make([][]byte, 1000)
	for i := range items {
		items[i] = make([]byte, 4096)
	}
	for _, l := range loopers {
		b.Run("of="+l.name, func(b *testing.B) {
			b.ReportAllocs()
			var sum atomic.Uint32
			for b.Loop() {
				if err := l.loop(items, func(item []byte) error {
					if crc32.ChecksumIEEE(item) == 1 {
						sum.Add(1)
					}
					return nil
				}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Every loop calls the function for every item, if there is no error. After
// an error, [patterns.ForEach] starts no further call. conc calls the function for
// all items, and errgroup too unless the function looks at its context. The bare
// loop does not even see the error.
//
//claim:ask Which parallel loops stop after the first error?
//claim:source https://pkg.go.dev/github.com/sourcegraph/conc/iter#Mapper.MapErr
func TestForEachStops(t *testing.T) {
	items := make([][]byte, 1000)
	for _, l := range loopers {
		var calls atomic.Int64
		count := func([]byte) error { calls.Add(1); return nil }
		require.NoError(t, l.loop(items, count), l.name)
		assert.EqualValues(t, len(items), calls.Load(), l.name)

		broken := errors.New("broken")
		calls.Store(0)
		fail := func([]byte) error { calls.Add(1); return broken }
		err := l.loop(items, fail)
		if l.name == "godeep" {
			assert.Equal(t, broken, err)
			assert.LessOrEqual(t, calls.Load(), int64(forEachWorkers))
			continue
		}
		assert.EqualValues(t, len(items), calls.Load(), l.name)
		if l.name != "bare" {
			assert.ErrorIs(t, err, broken, l.name)
		}
	}
}
