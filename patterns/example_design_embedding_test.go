package patterns_test

import "fmt"

type reportBase struct{}

func (reportBase) title() string   { return "report" }
func (r reportBase) print() string { return "== " + r.title() + " ==" }

type salesReport struct{ reportBase }

func (salesReport) title() string { return "sales" }

// printTitled takes what varies as a parameter.
func printTitled(r interface{ title() string }) string { return "== " + r.title() + " ==" }

// The embedded method does not see the outer one, a function with an interface
// parameter does.
func Example_designEmbedding() {
	var report salesReport
	fmt.Println("title:", report.title())
	fmt.Println("embedded method:", report.print())
	fmt.Println("function:", printTitled(report))
	// Output:
	// title: sales
	// embedded method: == report ==
	// function: == sales ==
}
