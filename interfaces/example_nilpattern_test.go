package interfaces_test

import "fmt"

// progress reports steps; a nil *progress reports nothing.
type progress struct{ steps int }

func (p *progress) Step() {
	if p != nil {
		p.steps++
	}
}

func copyFiles(n int, p *progress) {
	for range n {
		p.Step()
	}
}

func Example_nilPatternReceiver() {
	copyFiles(3, nil) // no report wanted
	p := new(progress)
	copyFiles(3, p)
	fmt.Println("steps:", p.steps)
	// Output:
	// steps: 3
}
