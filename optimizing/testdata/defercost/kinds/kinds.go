// Package kinds is compiled with -d=defer, which prints how each defer is made.
package kinds

func done() {}

func one() {
	defer done() // line 7
}

func inIf(b bool) {
	if b {
		defer done() // line 12
	}
}

func eight() {
	defer done()
	defer done()
	defer done()
	defer done()
	defer done()
	defer done()
	defer done()
	defer done() // line 24
}

func nine() {
	defer done()
	defer done()
	defer done()
	defer done()
	defer done()
	defer done()
	defer done()
	defer done()
	defer done() // line 36
}

func manyReturns(n int) int {
	defer done()
	defer done()
	defer done()
	defer done() // line 43
	switch n {
	case 1:
		return 10
	case 2:
		return 20
	case 3:
		return 30
	}
	return 0
}

func inLoop(n int) {
	for range n {
		defer done() // line 57
	}
}

func inLoopBody(n int) {
	for range n {
		func() {
			defer done() // line 64
		}()
	}
}
