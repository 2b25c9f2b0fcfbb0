package interfaces

import "runtime"

// A generic function is compiled once for each shape of its type arguments: types with
// the same underlying type have the same shape, and so have all pointers, unless the
// constraint says more about them. What differs within a shape is in a dictionary,
// a hidden argument with the types and methods.

// shapeEntry returns the address of the code that it runs in.
//
//go:noinline
func shapeEntry[T any](T) uintptr {
	pc, _, _, _ := runtime.Caller(0)
	return runtime.FuncForPC(pc).Entry()
}

//go:noinline
func shapeName[T any](T) string {
	pc, _, _, _ := runtime.Caller(0)
	return runtime.FuncForPC(pc).Name()
}

// shapePointerEntry has a constraint that names the type behind the pointer.
//
//go:noinline
func shapePointerEntry[T any, P interface {
	*T
	shapeMark()
}](P) uintptr {
	pc, _, _, _ := runtime.Caller(0)
	return runtime.FuncForPC(pc).Entry()
}

//go:noinline
func shapeSum[T ~int64 | ~float64](values []T) (sum T) {
	for _, v := range values {
		sum += v
	}
	return sum
}

//go:noinline
func shapeSumInts(values []int64) (sum int64) {
	for _, v := range values {
		sum += v
	}
	return sum
}

type shapeWeigher interface{ shapeWeight() int64 }

type shapeItem struct{ grams int64 }

func (i shapeItem) shapeWeight() int64 { return i.grams }

//go:noinline
func shapeWeighGeneric[W shapeWeigher](items []W) (sum int64) {
	for _, item := range items {
		sum += item.shapeWeight()
	}
	return sum
}

//go:noinline
func shapeWeighItems(items []shapeItem) (sum int64) {
	for _, item := range items {
		sum += item.shapeWeight() //claim:inlined
	}
	return sum
}

//go:noinline
func shapeWeighFunc[T any](items []T, weight func(T) int64) (sum int64) {
	for _, item := range items {
		sum += weight(item)
	}
	return sum
}
