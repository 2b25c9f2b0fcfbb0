// Package copylock copies a mutex, which go vet reports.
package copylock

import "sync"

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
