// Package body calls functions whose bodies the compiler does not see: they
// would be written in assembly. It is compiled by TestUnknownBody and never
// linked.
package body

func unknown(p *int)

//go:noescape
func promised(p *int)

func callUnknown() {
	var x int
	unknown(&x)
}

func callPromised() {
	var y int
	promised(&y)
}
