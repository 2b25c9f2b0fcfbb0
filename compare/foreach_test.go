package compare

import (
	"context"
	"errors"
	"hash/crc32"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// forEachItems is work of some tens of nanoseconds for each item.
func forEachItems() [][]byte {
	items := make([][]byte, 1000)
	for i := range items {
		items[i] = make([]byte, 1024)
	}
	return items
}

func forEachSum(item []byte) error {
	if crc32.ChecksumIEEE(item) == 1 {
		return errors.New("no such item")
	}
	return nil
}

// An errgroup starts a goroutine for each item, which takes more than twice the
// time of a few goroutines that share the items, and at least one allocation for each
// item. The other loops are compared by [BenchmarkForEachOverhead].
//
//claim:ask Is an errgroup with a limit a good loop over many short items?
//claim:expect ns/op of=errgroup > 2x of=godeep
//claim:expect ns/op of=errgroup > 2x of=conc
//claim:expect allocs/op of=godeep <= 30
//claim:expect allocs/op of=errgroup >= 1000
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup
func BenchmarkForEach(b *testing.B) {
	items := forEachItems()
	for _, l := range loopers {
		b.Run("of="+l.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := l.loop(items, forEachSum); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// [patterns.ForEach] takes less than 1.2 times as long as the barest loop that one
// can write with an atomic counter and a WaitGroup, on items of some tens of
// nanoseconds. It adds the first error, cancellation and panics, for one check of a
// context for each item. It also takes less than 1.2 times as long as the loop of
// conc, which promises less: it has no context, and goes on after an error. The
// longer an item takes, the smaller is the difference.
//
// Times that are so close are compared within one process, on one processor, by
// the fastest of many runs of each.
//
//claim:ask What does a safe parallel loop cost beside a bare one, and beside conc?
//claim:vary GOMAXPROCS 1
//claim:expect godeep/bare GOMAXPROCS=1 < 1.2
//claim:expect godeep/conc GOMAXPROCS=1 < 1.2
//claim:source https://pkg.go.dev/github.com/sourcegraph/conc/iter
func BenchmarkForEachOverhead(b *testing.B) {
	items := forEachItems()
	fastest := func(loop looper, so time.Duration) time.Duration {
		start := time.Now()
		if err := loop(items, forEachSum); err != nil {
			b.Fatal(err)
		}
		if took := time.Since(start); so == 0 || took < so {
			return took
		}
		return so
	}
	var godeep, bare, conc time.Duration
	for b.Loop() {
		godeep = fastest(loopGodeep, godeep)
		bare = fastest(loopBare, bare)
		conc = fastest(loopConc, conc)
	}
	b.ReportMetric(float64(godeep)/float64(bare), "godeep/bare")
	b.ReportMetric(float64(godeep)/float64(conc), "godeep/conc")
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
