package optimizing

import (
	"crypto/sha256"
	"hash/crc32"
	"hash/fnv"
	"hash/maphash"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var hashCostSink uint64

var hashCostSeed = maphash.MakeSeed()

// hashCostFNV is FNV-1a as package hash/fnv computes it, without the interface.
//
//go:noinline
func hashCostFNV(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h ^= uint64(s[i])
		h *= 1099511628211
	}
	return h
}

// maphash: it is the hash function of Go's maps, which takes many bytes at a time, with
// instructions for AES where the processor has them. For 1 KiB it is more than 5 times
// faster than FNV-1a, a multiplication for each byte of which each waits for the one
// before, even where FNV is written without hash.Hash. maphash has a random seed, so an
// attacker cannot choose keys that collide, and the value is good in this process only.
//
//claim:ask Which hash function do I take to divide keys over shards: FNV, CRC32, maphash or SHA-256?
//claim:expect ns/op of=fnv > 5x of=maphash
//claim:expect allocs/op of=maphash == 0
//claim:source https://pkg.go.dev/hash/maphash
//claim:source https://pkg.go.dev/hash/fnv
func BenchmarkHashCost(b *testing.B) {
	text := strings.Repeat("x", 1024)
	b.Run("of=fnv", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			hashCostSink = hashCostFNV(text)
		}
	})
	b.Run("of=maphash", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			hashCostSink = maphash.String(hashCostSeed, text)
		}
	})
}

// The value changes with the seed, and each process gets other seeds: two calls of
// maphash.MakeSeed give different hashes for the same text, and a seed cannot be
// written down. So maphash is for tables in memory. What is stored, or is compared
// between processes, such as the shard of a key in a cluster, an ETag or a file name,
// needs a function that is defined by its result: FNV, CRC32 or, against people who
// choose the input, SHA-256.
//
//claim:ask May I store a hash of maphash in a database?
//claim:source https://pkg.go.dev/hash/maphash#Seed
func TestHashCostSeed(t *testing.T) {
	const text = "the same text"
	first, second := maphash.MakeSeed(), maphash.MakeSeed()
	assert.Equal(t, maphash.String(first, text), maphash.String(first, text))
	assert.Equal(t, maphash.String(first, text), maphash.Bytes(first, []byte(text)))
	assert.NotEqual(t, maphash.String(first, text), maphash.String(second, text))

	h := fnv.New64a()
	_, _ = io.WriteString(h, "a")
	assert.Equal(t, uint64(0xaf63dc4c8601ec8c), h.Sum64(), "the same on every machine")
	assert.Equal(t, h.Sum64(), hashCostFNV("a"))
	assert.Equal(t, uint32(0xcbf43926), crc32.ChecksumIEEE([]byte("123456789")))
}

// Use functions in place of hash.Hash. fnv.New64a returns an interface, so the state
// may go to the heap, and Write([]byte(s)) on it copies the string; h.Sum(nil) makes a
// slice for the result. maphash.String, sha256.Sum256 and crc32.ChecksumIEEE have none
// of that. If it must be a hash.Hash, because the data comes in pieces, keep it, call
// Reset, and give Sum a buffer: h.Sum(buf[:0]).
//
//claim:ask Why does computing a hash allocate?
//claim:source https://pkg.go.dev/hash#Hash
//claim:source https://pkg.go.dev/crypto/sha256#Sum256
func TestHashCostAllocs(t *testing.T) {
	text := strings.Repeat("x", 100)
	data := []byte(text)
	h := sha256.New()
	var buf [sha256.Size]byte
	var sum []byte
	for _, c := range []struct {
		name   string
		allocs float64
		f      func()
	}{
		{"maphash.String", 0, func() { hashCostSink = maphash.String(hashCostSeed, text) }},
		{"crc32", 0, func() { hashCostSink = uint64(crc32.ChecksumIEEE(data)) }},
		{"Sum256", 0, func() { buf = sha256.Sum256(data) }},
		{"kept, with a buffer", 0, func() { h.Reset(); h.Write(data); sum = h.Sum(buf[:0]) }},
		{"kept, Sum(nil)", 1, func() { h.Reset(); h.Write(data); sum = h.Sum(nil) }},
		{"kept, converted string", 1, func() { h.Reset(); h.Write([]byte(text)); sum = h.Sum(buf[:0]) }},
	} {
		c.f()
		t.Run(c.name, func(t *testing.T) { proof.WantAllocs(t, c.allocs, c.f) })
	}
	want := sha256.Sum256(data)
	assert.Equal(t, want[:], sum, "of the last one, which reset the hash before")
}

// maphash.Comparable, since Go 1.24, takes a value of any comparable type and gives the
// hash that a map would use, so a struct of a string and a number needs no text. Values
// that are equal have the same hash, also for floats, where 0 and -0 are equal, and for
// values in interfaces. An interface that holds a slice panics, as it would as a map
// key. Then take the remainder for the shard.
//
//claim:ask How do I hash a struct, for example to choose a shard?
//claim:source https://pkg.go.dev/hash/maphash#Comparable
//claim:source https://go.dev/doc/go1.24
func TestHashCostComparable(t *testing.T) {
	type key struct {
		tenant string
		id     int
	}
	hash := func(k key) uint64 { return maphash.Comparable(hashCostSeed, k) }
	copied := key{strings.Clone("acme"), 7}
	assert.Equal(t, hash(key{"acme", 7}), hash(copied))
	assert.NotEqual(t, hash(key{"acme", 7}), hash(key{"acme", 8}))
	zero := 0.0
	assert.Equal(t, maphash.Comparable(hashCostSeed, zero), maphash.Comparable(hashCostSeed, -zero))
	assert.Panics(t, func() { maphash.Comparable[any](hashCostSeed, []int{1}) })

	shards := make(map[uint64]int)
	for id := range 4000 {
		shards[hash(key{"acme", id})%4]++
	}
	assert.Len(t, shards, 4)
	for shard, n := range shards {
		assert.InDelta(t, 1000, n, 250, "shard %d", shard)
	}
}
