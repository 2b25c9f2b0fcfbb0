package optimizing

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A mapKeyCostPair is the key of two parts as a struct.
type mapKeyCostPair struct {
	tenant string
	id     int64
}

//go:noinline
func mapKeyCostConcat(tenant string, id int64) string {
	return tenant + ":" + strconv.FormatInt(id, 10)
}

//go:noinline
func mapKeyCostSprintf(tenant string, id int64) string {
	return fmt.Sprintf("%s:%d", tenant, id)
}

// mapKeyCostMaps returns the same 256 entries under the two kinds of key.
func mapKeyCostMaps() (pairs map[mapKeyCostPair]int, texts map[string]int) {
	pairs, texts = make(map[mapKeyCostPair]int), make(map[string]int)
	for i := range int64(256) {
		tenant := "tenant-number-" + strconv.FormatInt(i%16, 10)
		pairs[mapKeyCostPair{tenant, 1_000_000 + i}] = int(i)
		texts[mapKeyCostConcat(tenant, 1_000_000+i)] = int(i)
	}
	return pairs, texts
}

// A struct of the parts, if its fields are comparable: the lookup hashes the fields
// where they are and allocates nothing. A key that is put together as a string must be
// built for each lookup: with Sprintf it takes more than 2 times as long and allocates.
// A struct key keeps its types too, and it has no separator that could occur in a part.
// A string key is right if it leaves the process, as in Redis.
//
//claim:ask A map is keyed by tenant and ID. Struct key or fmt.Sprintf("%s:%d")?
//claim:expect ns/op of=sprintf > 2x of=struct
//claim:expect ns/op of=concat > 1.2x of=struct
//claim:expect allocs/op of=struct == 0
//claim:expect allocs/op of=concat >= 1
//claim:expect allocs/op of=sprintf >= 2
//claim:source https://go.dev/ref/spec#Comparison_operators
//claim:source https://go.dev/blog/maps
func BenchmarkMapKeyCost(b *testing.B) {
	pairs, texts := mapKeyCostMaps()
	tenants := make([]string, 16)
	for i := range tenants {
		tenants[i] = "tenant-number-" + strconv.Itoa(i)
	}
	run := func(name string, lookup func(string, int64) int) {
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			var i int64
			for b.Loop() {
				if lookup(tenants[i%16], 1_000_000+i) != int(i) {
					b.Fatal("wrong entry")
				}
				i = (i + 1) % 256
			}
		})
	}
	run("struct", func(tenant string, id int64) int { return pairs[mapKeyCostPair{tenant, id}] })
	run("concat", func(tenant string, id int64) int { return texts[mapKeyCostConcat(tenant, id)] })
	run("sprintf", func(tenant string, id int64) int { return texts[mapKeyCostSprintf(tenant, id)] })
}

// Two different keys can become the same text: without a separator "ab" and "c" as well
// as "a" and "bc" give "abc", and with one the same happens as soon as a part may
// contain it. In a cache one user then gets the data of another. Struct and array keys
// compare part by part. If it must be a string, quote the parts or write the length in
// front of them.
//
//claim:ask What is dangerous about map keys that are joined from strings?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestMapKeyCostCollision(t *testing.T) {
	joined := func(a, b string) string { return a + ":" + b }
	assert.Equal(t, joined("a:b", "c"), joined("a", "b:c"))
	assert.NotEqual(t, [2]string{"a:b", "c"}, [2]string{"a", "b:c"})

	quoted := func(a, b string) string { return strconv.Quote(a) + ":" + strconv.Quote(b) }
	assert.NotEqual(t, quoted("a:b", "c"), quoted("a", "b:c"))
	assert.NotEqual(t, quoted(`a":"b`, "c"), quoted("a", `b":"c`))
}

// One map with a struct key makes one lookup and one table. A map of maps makes two
// lookups and a map for each first key, that has to be made before the first write:
// writing to the inner map of an absent key panics, reading gives zero. A nested map
// pays if all entries of one first key are listed or deleted at once, which is one step
// there and a pass over all entries in the flat map.
//
//claim:ask map[A]map[B]V or a map with a struct key?
//claim:source https://go.dev/blog/maps
func TestMapKeyCostNested(t *testing.T) {
	nested := map[string]map[int64]int{}
	assert.Equal(t, 0, nested["a"][1])
	assert.Panics(t, func() { nested["a"][1] = 5 })

	flat := map[mapKeyCostPair]int{}
	flat[mapKeyCostPair{"a", 1}] = 5
	flat[mapKeyCostPair{"a", 2}] = 6
	flat[mapKeyCostPair{"b", 1}] = 7
	visited := 0
	for key := range flat {
		visited++
		if key.tenant == "a" {
			delete(flat, key)
		}
	}
	assert.Equal(t, 3, visited, "the flat map is walked through")
	assert.Equal(t, map[mapKeyCostPair]int{{"b", 1}: 7}, flat)
}

// An array or a struct of fixed size: it is compared and hashed as a value, so a lookup
// with [16]byte or with a struct of an array allocates nothing. A slice cannot be a
// key. Hex text of the same 16 bytes has to be built, and is twice as long. To use a
// slice as a key, convert it to an array, which has been a conversion since Go 1.20, or
// look up with m[string(b)], which makes no string.
//
//claim:ask Which type should the key of a map have for hashes and UUIDs?
//claim:source https://go.dev/ref/spec#Conversions_from_slice_to_array_or_array_pointer
//claim:source https://go.dev/doc/go1.20#language
func TestMapKeyCostArray(t *testing.T) {
	id := []byte("0123456789abcdef")
	byArray := map[[16]byte]int{[16]byte(id): 1}
	byText := map[string]int{fmt.Sprintf("%x", id): 1}
	byString := map[string]int{string(id): 1}
	require.Panics(t, func() { _ = [16]byte(id[:15]) }, "a slice that is too short")

	found := 0
	for _, c := range []struct {
		name   string
		lookup func()
	}{
		{"array", func() { found = byArray[[16]byte(id)] }},
		{"string of bytes", func() { found = byString[string(id)] }},
	} {
		found = 0
		c.lookup()
		assert.Equal(t, 1, found, c.name)
		t.Run(c.name, func(t *testing.T) { proof.WantAllocs(t, 0, c.lookup) })
	}
	assert.Equal(t, 1, byText[fmt.Sprintf("%x", id)])
	if !proof.RaceEnabled {
		assert.Positive(t, testing.AllocsPerRun(100, func() { found = byText[fmt.Sprintf("%x", id)] }), "hex")
	}
}
