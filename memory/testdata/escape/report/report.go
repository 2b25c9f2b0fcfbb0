// Package report is compiled with -gcflags=-m by TestCompilerReport.
package report

var kept *int

func stays() int {
	x := 1
	p := &x
	return *p
}

func keep() {
	x := 1
	kept = &x
}

func made() *int { return new(int) }

func callsMade() int { return *made() }

func reads(p *int) int { return *p }

func returns(p *int) *int { return p }

func leaks(p *int) { kept = p }
