package errors

import "errors"

// Recover is a call like any other with one peculiarity: what it does depends on
// its caller. Here are callers of several kinds for the proofs; each stores what
// it got.

// recoverrulesCatcher stores what recover returned.
type recoverrulesCatcher struct{ got *any }

func (c recoverrulesCatcher) catch()     { *c.got = recover() }
func (c *recoverrulesCatcher) catchPtr() { *c.got = recover() }

// catchVia calls recover one call deeper than the deferred function.
func (c recoverrulesCatcher) catchVia() { c.catch() }

// recoverrulesCatch is a helper that may be deferred, and must not be called
// by the deferred function.
func recoverrulesCatch(got *any) { *got = recover() }

func recoverrulesCatchGeneric[T any](got *any, _ T) { *got = recover() }

type recoverrulesInterface interface{ catch() }

// recoverrulesEmbedding has catch by promotion: the compiler writes a wrapper.
type recoverrulesEmbedding struct{ *recoverrulesCatcher }

type recoverrulesEmbeddingInterface struct{ recoverrulesInterface }

var errRecoverrules = errors.New("failed")

// recoverrulesSmall would be inlined, if it did not call recover.
func recoverrulesSmall() any { return recover() }

func recoverrulesPlain() any { return nil }

func recoverrulesDefers() (result any) {
	defer recoverrulesPlain()
	return nil
}

func recoverrulesCalls() (any, any, any) {
	a := recoverrulesPlain()  //claim:inlined
	b := recoverrulesSmall()  //claim:called
	c := recoverrulesDefers() //claim:called
	return a, b, c
}
