package compare

import (
	"testing"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"github.com/go-deep-dive/godeep/patterns"
)

// ttlKeys is the number of keys in every cache of this comparison.
const ttlKeys = 1024

// A ttlCache is what the candidates have in common.
type ttlCache interface {
	Get(key int) (int, bool)
	Put(key, value int)
}

type ttlGodeep struct{ *patterns.TTL[int, int] }

func (c ttlGodeep) Put(key, value int) { c.TTL.Put(key, value, time.Hour) }

type ttlExpirable struct{ *expirable.LRU[int, int] }

func (c ttlExpirable) Put(key, value int) { c.LRU.Add(key, value) }

// newTTL returns a cache whose entries expire after an hour, without a limit on
// their number.
func newTTL(name string) ttlCache {
	if name == "godeep" {
		return ttlGodeep{new(patterns.TTL[int, int])}
	}
	return ttlExpirable{expirable.NewLRU[int, int](0, nil, time.Hour)}
}

func benchmarkTTL(b *testing.B, work func(c ttlCache, key int)) {
	for _, name := range []string{"godeep", "expirable"} {
		b.Run("of="+name, func(b *testing.B) {
			c := newTTL(name)
			for i := range ttlKeys {
				c.Put(i, i)
			}
			b.ReportAllocs()
			key := 0
			for b.Loop() {
				work(c, key)
				key = (key + 7) % ttlKeys
			}
		})
	}
}

func TestTTLCandidatesAgree(t *testing.T) {
	godeep, expirable := newTTL("godeep"), newTTL("expirable")
	for i := range 1000 {
		key := i * i % 101
		if i%3 == 0 {
			godeep.Put(key, i)
			expirable.Put(key, i)
		}
		want, wantOK := expirable.Get(key)
		if got, ok := godeep.Get(key); got != want || ok != wantOK {
			t.Fatalf("operation %d, Get(%d) = %d, %t, want %d, %t", i, key, got, ok, want, wantOK)
		}
	}
}

// The expirable LRU of golang-lru, with its limit turned off, does more for a
// hit: it moves the entry in its list and reads the wall clock beside the
// monotonic one. Here the age is one monotonic time. Both look an entry up
// under a mutex and never return an expired one.
//
//claim:ask What does a hit in a TTL cache cost, compared with golang-lru's expirable?
//claim:expect ns/op of=godeep <= 1x of=expirable
//claim:expect allocs/op of=godeep == 0
//claim:source https://pkg.go.dev/github.com/hashicorp/golang-lru/v2/expirable#LRU
func BenchmarkTTLGet(b *testing.B) {
	benchmarkTTL(b, func(c ttlCache, key int) { c.Get(key) })
}

// Expirable sorts entries into a hundred buckets by the time of their expiry,
// each of them a map, and a goroutine per cache empties one after the other; in
// version 2 nothing stops it. Replacing an entry moves it from bucket to
// bucket. Here each Put looks at two entries in a slice, which takes less than
// two thirds of the time and no goroutine. The price: an idle cache cleans
// nothing until it is told to.
//
//claim:ask What does writing to a TTL cache cost, compared with golang-lru's expirable?
//claim:expect ns/op of=expirable > 1.5x of=godeep
//claim:expect allocs/op of=godeep == 0
//claim:source https://pkg.go.dev/github.com/hashicorp/golang-lru/v2/expirable#NewLRU
func BenchmarkTTLPut(b *testing.B) {
	benchmarkTTL(b, func(c ttlCache, key int) { c.Put(key, key) })
}
