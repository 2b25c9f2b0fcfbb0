package errors

import "iter"

// CollectOK appends the values of seq to a new slice until the first error. It
// returns that error together with the values before it, and nil if seq ended
// without one. The value that comes with an error is dropped. After an error it
// asks seq for nothing more. It is what slices.Collect is for a sequence that
// cannot fail.
func CollectOK[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var values []T
	for v, err := range seq {
		if err != nil {
			return values, err
		}
		values = append(values, v)
	}
	return values, nil
}
