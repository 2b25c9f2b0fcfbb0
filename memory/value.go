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

// tally counts with a value receiver, which changes a copy, and with a pointer.
type tally struct{ n int }

func (t tally) addToCopy() { t.n++; _ = t }

func (t *tally) add() { t.n++ }

// bulky is large enough that copying it costs more than the work.
type bulky struct {
	words [256]int64
}

//go:noinline
func firstByValue(b bulky) int64 { return b.words[0] }

//go:noinline
func firstByPointer(b *bulky) int64 { return b.words[0] }

// pair is small: it travels in registers.
type pair struct{ x, y int64 }

//go:noinline
func sumPair(p pair) int64 { return p.x + p.y }

//go:noinline
func sumPairPointer(p *pair) int64 { return p.x + p.y }
