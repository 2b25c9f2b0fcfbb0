// The symbols of this program show what an assertion with the blank identifier
// leaves behind, and what a real assignment does.
package main

type writer interface {
	Write(b []byte) int
}

type onlyAsserted struct{ n int }

//go:noinline
func (a *onlyAsserted) Write(b []byte) int { a.n += len(b); return a.n }

type assigned struct{ n int }

//go:noinline
func (a *assigned) Write(b []byte) int { a.n += len(b); return a.n }

var (
	_ writer = (*onlyAsserted)(nil)
	_ writer = (*assigned)(nil)
)

//go:noinline
func write(w writer) int { return w.Write([]byte("abc")) }

func main() {
	if write(&assigned{}) != 3 {
		panic("not written")
	}
}
