//go:build go1.21

package main

// oldLoopVariable is compiled as Go 1.21 would: one i for all iterations.
func oldLoopVariable() {
	for i := 0; i < 3; i++ {
		go func() { use(i) }()
	}
	waitSilently()
}
