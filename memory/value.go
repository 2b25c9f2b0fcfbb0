package memory

import (
	"maps"
	"slices"
)

// Go passes everything by value: a call copies its arguments, an assignment its
// right side. What the copy shares with the original depends on what the value
// is made of: a number is copied, and so is a pointer, but not what it points to.

// ledger has one field of each kind that matters for copying.
type ledger struct {
	name    string
	totals  [2]int
	entries []int
	tags    map[string]int
	queue   chan int
	next    *ledger
}

// Profile is a struct with fields that an assignment shares. See [Profile.Clone].
type Profile struct {
	Name   string
	Emails []string
	Logins map[string]int
	Parent *Profile
}

// Clone returns a copy of p that shares nothing with it, except the text of
// strings, which never changes. Parents are cloned too; a cycle among them would
// never end. A nil p gives nil. It is not safe while another goroutine changes p.
func (p *Profile) Clone() *Profile {
	if p == nil {
		return nil
	}
	c := *p // every field that is plain is right now, also those added later
	c.Emails = slices.Clone(p.Emails)
	c.Logins = maps.Clone(p.Logins)
	c.Parent = p.Parent.Clone()
	return &c
}

// pointAt replaces its parameter, and replace what it points to.
func pointAt(p, other *ledger) (before, after string) {
	before = p.name
	p = other
	return before, p.name
}

func replace(p *ledger, by ledger) { *p = by }

func pointAtFor(p **ledger, other *ledger) { *p = other }

func pointedAt(_, other *ledger) *ledger { return other }

// removeNamed unlinks the first ledger of that name. at points to the pointer
// that leads to it, in the caller's variable or in the ledger before: no special
// case for the first.
func removeNamed(list **ledger, name string) {
	for at := list; *at != nil; at = &(*at).next {
		if (*at).name == name {
			*at = (*at).next
			return
		}
	}
}

// tally counts with a value receiver, which changes a copy, and with a pointer.
type tally struct{ n int }

func (t tally) addToCopy() { t.n++; _ = t }

func (t *tally) add() { t.n++ }

// bulky is large enough that copying it costs more than the work.
type bulky struct {
	words [256]int64
}

// bulkyValue returns 2 KiB in the frame of its caller.
//
//go:noinline
func bulkyValue(first int64) (b bulky) { //claim:stack
	b.words[0] = first
	return b
}

// bulkyPointer returns the address of a local variable, which moves to the heap.
//
//go:noinline
func bulkyPointer(first int64) *bulky {
	b := bulky{} //claim:heap
	b.words[0] = first
	return &b
}

// bulkyInto fills a variable that the caller provides, wherever that is.
//
//go:noinline
func bulkyInto(b *bulky, first int64) {
	*b = bulky{} //claim:stack
	b.words[0] = first
}

//go:noinline
func firstByValue(b bulky) int64 { return b.words[0] }

//go:noinline
func firstByPointer(b *bulky) int64 { return b.words[0] }

// pair is two words.
type pair struct{ x, y int64 }

//go:noinline
func sumPair(p pair) int64 { return p.x + p.y }

//go:noinline
func sumPairPointer(p *pair) int64 { return p.x + p.y }

var (
	keptPair        pair
	keptPairPointer *pair
)

// keepPair copies the struct into a variable that is there already.
func keepPair(x, y int64) {
	keptPair = pair{x, y} //claim:stack
}

// keepPairPointer stores an address, so the struct needs a place on the heap.
func keepPairPointer(x, y int64) {
	keptPairPointer = &pair{x, y} //claim:heap
}
