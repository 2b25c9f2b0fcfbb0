// Stores is compiled, not run: a test reads what the compiler made of each
// function.
package main

import (
	"sync/atomic"
	"unsafe"
)

type record struct {
	p, q  *int
	n     int
	items []int
	any   any
}

var (
	globalPointer *int
	globalInt     int
)

//go:noinline
func field(r *record, p *int) { r.p = p }

//go:noinline
func fieldInt(r *record, n int) { r.n = n }

//go:noinline
func fieldNil(r *record) { r.p = nil }

//go:noinline
func twoFields(r *record, p, q *int) { r.p, r.q = p, q }

//go:noinline
func global(p *int) { globalPointer = p }

//go:noinline
func addressOfGlobal(r *record) { r.p = &globalInt }

//go:noinline
func fresh(p *int) *record { return &record{p: p} }

//go:noinline
func element(s []*int, p *int) { s[0] = p }

//go:noinline
func intoInterface(r *record, p *int) { r.any = p }

//go:noinline
func local(p *int) int {
	var r record
	r.p = p
	return *r.p
}

//go:noinline
func result(p *int) (r *int) {
	r = p
	return r
}

//go:noinline
func read(r *record) *int { return r.p }

//go:noinline
func truncate(r *record) { r.items = r.items[:0] }

//go:noinline
func asNumber(r *record, p *int) {
	*(*uintptr)(unsafe.Pointer(&r.p)) = uintptr(unsafe.Pointer(p))
}

//go:noinline
func copyPointers(d, s []*int) { copy(d, s) }

//go:noinline
func copyInts(d, s []int) { copy(d, s) }

//go:noinline
func clearPointers(s []*int) { clear(s) }

//go:noinline
func clearInts(s []int) { clear(s) }

//go:noinline
func assign(d, s *record) { *d = *s }

//go:noinline
func zero(r *record) { *r = record{} }

//go:noinline
func atomicPointer(a *atomic.Pointer[int], p *int) { a.Store(p) }

//go:noinline
func atomicInt(a *atomic.Int64, n int64) { a.Store(n) }

//go:noinline
func send(c chan *int, p *int) { c <- p }

func main() {
	var r record
	println(field, fieldInt, fieldNil, twoFields, global, addressOfGlobal, fresh, element, intoInterface,
		local, result, read, truncate, asNumber, copyPointers, copyInts, clearPointers, clearInts,
		assign, zero, atomicPointer, atomicInt, send, r.n)
}
