package errors

import "iter"

// ErrInjected is the error that [EachFault] makes a step fail with.
const ErrInjected Const = "injected fault"

// EachFault is for tests: it calls run again and again, each time with another
// step that fails, and yields the number of the failing step with the error
// that run returned. Number 0 comes first and is the run in which nothing
// fails. It ends when all steps that run takes have failed once.
//
// The function run builds what it needs anew and calls step wherever the code
// under test can fail: in a fake writer, store or clock. step returns nil, or
// [ErrInjected] when its turn has come, which happens once in a run. It must be
// called by one goroutine at a time, and the same number of times in each run
// up to the fault. n steps take n+2 runs.
func EachFault(run func(step func() error) error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for n := 0; ; n++ {
			calls := 0
			err := run(func() error {
				if calls++; calls == n {
					return ErrInjected
				}
				return nil
			})
			if calls < n || !yield(n, err) {
				return
			}
		}
	}
}
