package memory

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// retainedBy reports whether what keep returns holds the whole of a 64 KiB
// array alive that keep was given.
func retainedBy(keep func(large []byte) any) bool {
	kept, array := keepPart(keep)
	runtime.GC()
	retained := array.Value() != nil
	runtime.KeepAlive(kept)
	return retained
}

//go:noinline
func keepPart(keep func([]byte) any) (any, weak.Pointer[byte]) {
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<12)
	return keep(large), weak.Make(&large[0])
}

var retainSink []byte

// A sub-slice of ten bytes keeps the whole array alive, because the collector
// frees an array as a whole or not at all. Copying what is needed lets the rest
// go: slices.Clone, bytes.Clone, append to a nil slice, or a conversion to
// string. slices.Clip does not help: it cuts the capacity of the header, and
// the pointer still goes into the same array.
//
//claim:ask How can a small sub-slice keep a large array alive, and how do you release it?
//claim:source https://go.dev/blog/slices-intro
//claim:source https://pkg.go.dev/slices#Clip
func TestSubsliceRetains(t *testing.T) {
	const size = 4 << 20
	before := int64(proof.LiveHeap())
	growth := func() int64 { return int64(proof.LiveHeap()) - before }

	retainSink = make([]byte, size)[:10]
	assert.Greater(t, growth(), int64(size*9/10))
	retainSink = slices.Clip(retainSink)
	assert.Equal(t, 10, cap(retainSink))
	assert.Greater(t, growth(), int64(size*9/10), "a small capacity frees nothing")
	retainSink = slices.Clone(retainSink)
	assert.Len(t, retainSink, 10)
	assert.Less(t, growth(), int64(size/10))
	retainSink = nil

	for name, c := range map[string]struct {
		retains bool
		keep    func([]byte) any
	}{
		"slice":       {true, func(b []byte) any { return b[100:110] }},
		"three-index": {true, func(b []byte) any { return b[100:110:110] }},
		"Clip":        {true, func(b []byte) any { return slices.Clip(b[:10]) }},
		"first field": {true, func(b []byte) any { return bytes.Fields(b[:20])[0] }},
		"Clone":       {false, func(b []byte) any { return slices.Clone(b[:10]) }},
		"bytes.Clone": {false, func(b []byte) any { return bytes.Clone(b[:10]) }},
		"append":      {false, func(b []byte) any { return append([]byte(nil), b[:10]...) }},
		"string":      {false, func(b []byte) any { return string(b[:10]) }},
		"array":       {false, func(b []byte) any { return [10]byte(b) }},
	} {
		assert.Equal(t, c.retains, retainedBy(c.keep), name)
	}
}

// Even an empty slice keeps the array alive: b[:0] and b[len(b):] still point
// to it. So append(b[:0:0], s...), which you may read is the way to clone, keeps
// the array of b if s is empty, and slices.Clone did the same until Go 1.23.
// Since Go 1.24 a clone of an empty slice refers to nothing. nil refers to
// nothing either.
//
//claim:ask Can a slice of length zero keep memory alive?
//claim:source https://go.dev/issue/68488
func TestEmptyRetains(t *testing.T) {
	for name, c := range map[string]struct {
		retains bool
		keep    func([]byte) any
	}{
		"front":      {true, func(b []byte) any { return b[:0] }},
		"end":        {true, func(b []byte) any { return b[len(b):] }},
		"clipped":    {true, func(b []byte) any { return slices.Clip(b[:0]) }},
		"append":     {true, func(b []byte) any { return append(b[:0:0], b[:0]...) }},
		"Clone":      {false, func(b []byte) any { return slices.Clone(b[:0]) }},
		"append nil": {false, func(b []byte) any { return append([]byte(nil), b[:0]...) }},
	} {
		assert.Equal(t, c.retains, retainedBy(c.keep), name)
	}
}

type retainRecord struct {
	_  [64]byte
	id int
	_  [1 << 12]byte
}

// The whole struct stays: a pointer into an object keeps all of it alive, and so
// does the address of one element for its array. The collector finds the object
// that an inner pointer belongs to and marks that. Copy the value out if it is
// to live longer than the rest. A weak pointer or a uintptr keeps nothing.
//
//claim:ask If I keep a pointer to one field of a large struct, what stays in memory?
//claim:source https://go.dev/doc/gc-guide
func TestInnerPointerRetains(t *testing.T) {
	assert.True(t, retainedBy(func(b []byte) any { return &b[100] }))
	assert.False(t, retainedBy(func(b []byte) any { return b[100] }))
	assert.False(t, retainedBy(func(b []byte) any { return weak.Make(&b[100]) }))
	assert.False(t, retainedBy(func(b []byte) any { return uintptr(unsafe.Pointer(&b[100])) }))

	field, record := idOf(func(r *retainRecord) any { return &r.id })
	runtime.GC()
	assert.NotNil(t, record.Value())
	runtime.KeepAlive(field)

	field, record = idOf(func(r *retainRecord) any { return r.id })
	runtime.GC()
	assert.Nil(t, record.Value())
	runtime.KeepAlive(field)
}

//go:noinline
func idOf(part func(*retainRecord) any) (any, weak.Pointer[retainRecord]) {
	r := &retainRecord{id: 7}
	return part(r), weak.Make(r)
}

// Functions that return a part of their argument return a substring of it:
// Split, Fields, Cut, Trim, regexp matches and the parts of a parsed URL all keep
// the whole input alive. So do functions that had nothing to change, such as
// ToLower of a lower-case text. What has to be put together is new memory: Join,
// Sprint, Replace with a match, Scanner.Text and the strings of encoding/json.
// None of this is promised; strings.Clone is.
//
//claim:ask Which functions return strings that keep their input in memory?
//claim:source https://pkg.go.dev/strings#Clone
func TestStringFunctionsRetain(t *testing.T) {
	text := " go://gopher/docs?page=1 "
	trimmed := strings.TrimSpace(text)
	before, _, _ := strings.Cut(trimmed, "?")
	link, err := url.Parse(trimmed)
	require.NoError(t, err)
	for name, s := range map[string]string{
		"TrimSpace":  trimmed,
		"Cut":        before,
		"Split":      strings.Split(text, "/")[2],
		"Fields":     strings.Fields(text)[0],
		"SplitSeq":   slices.Collect(strings.SplitSeq(text, "/"))[2],
		"regexp":     regexp.MustCompile(`\w+r`).FindString(text),
		"submatch":   regexp.MustCompile(`page=(\d)`).FindStringSubmatch(text)[1],
		"url host":   link.Host,
		"ToLower":    strings.ToLower(text),
		"ReplaceAll": strings.ReplaceAll(text, "none", "?"),
		"Join one":   strings.Join([]string{text}, ","),
	} {
		assert.True(t, SharesText(text, s), name)
		assert.False(t, SharesText(text, strings.Clone(s)), name)
	}

	scanner := bufio.NewScanner(strings.NewReader(text))
	require.True(t, scanner.Scan())
	for name, s := range map[string]string{
		"ToUpper":    strings.ToUpper(text),
		"ReplaceAll": strings.ReplaceAll(text, "docs", "blog"),
		"Join":       strings.Join([]string{text, ""}, ","),
		"Sprint":     fmt.Sprint(text),
		"bytes":      string([]byte(text)),
		"Scanner":    scanner.Text(),
	} {
		assert.NotEmpty(t, s, name)
		assert.False(t, SharesText(text, s), name)
	}

	assert.False(t, retainedBy(func(b []byte) any {
		b[0], b[1], b[2], b[3] = '[', '"', '"', ','
		b[4], b[len(b)-2], b[len(b)-1] = '"', '"', ']'
		var parts []string
		require.NoError(t, json.Unmarshal(b, &parts))
		return parts
	}))
}

// SharesText compares places, not contents.
func TestSharesText(t *testing.T) {
	text := strings.Repeat("go", 4)
	assert.True(t, SharesText(text, text))
	assert.True(t, SharesText(text[2:4], text))
	assert.False(t, SharesText(text[:2], text[2:4]), "neighbours")
	assert.False(t, SharesText(text[2:4], text[:2]))
	assert.False(t, SharesText(text, strings.Repeat("go", 4)))
	assert.False(t, SharesText(text, text[:0]))
}
