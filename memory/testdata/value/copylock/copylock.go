// Package copylock copies a mutex, which go vet reports.
package copylock

import (
	"strings"
	"sync"
	"sync/atomic"
)

type account struct {
	mu      sync.Mutex
	balance int
}

// add has a value receiver, so each call locks a mutex of its own.
func (a account) add(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance += n
}

// Total copies the accounts, and their mutexes, in the loop.
func Total(accounts []account) (sum int) {
	for _, a := range accounts {
		a.add(0)
		sum += a.balance
	}
	return sum
}

type hits struct{ n atomic.Int64 }

func counted(h hits) int64 { return h.n.Load() }

type page struct{ text strings.Builder }

// length copies a strings.Builder, which go vet does not report.
func length(p page) int { return p.text.Len() }

// Sizes calls both.
func Sizes(h *hits, p *page) (int64, int) { return counted(*h), length(*p) }

// noCopy is found by go vet because of its two methods, which do nothing.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

type handle struct {
	_  noCopy
	fd int
}

func descriptor(h handle) int { return h.fd }

// Descriptor calls it.
func Descriptor(h *handle) int { return descriptor(*h) }
