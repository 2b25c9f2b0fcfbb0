package interfaces

// Converting between interface types changes the first word and keeps the
// second: the value is not touched. Converting a slice, map or func of them is
// not possible, because there the representation of each element or result
// would change.

// convertAnimal is implemented by *convertCat.
type convertAnimal interface{ Sound() string }

type convertPet interface {
	convertAnimal
	Owner() string
}

type convertCat struct{ owner string }

func (c *convertCat) Sound() string { return "miau" }

func (c *convertCat) Owner() string { return c.owner }

func (c *convertCat) Purr() string { return "rrr" }

func convertBreedCat() *convertCat { return &convertCat{"nobody"} }

//go:noinline
func convertNarrow(p convertPet) convertAnimal { return p }

//go:noinline
func convertToAny(a convertAnimal) any { return a }

//go:noinline
func convertFromAny(v any) convertPet { return v.(convertPet) }

// Anys returns the elements of list, each converted to any, in a new slice.
// Converting takes time in proportion to the length and an allocation for each
// element that is not a pointer or a small number. The result is nil if list is
// nil.
func Anys[T any](list []T) []any {
	if list == nil {
		return nil
	}
	boxed := make([]any, len(list))
	for i, v := range list {
		boxed[i] = v
	}
	return boxed
}

// The functions below look at the first cell of each value.

//go:noinline
func convertFirst(v boxingLarge) int { return v.cells[0] }

//go:noinline
func convertSumValues(list []any) (sum int) {
	for _, v := range list {
		sum += convertFirst(v.(boxingLarge))
	}
	return sum
}

//go:noinline
func convertFirstOf(v *boxingLarge) int { return v.cells[0] }

//go:noinline
func convertSumPointers(list []any) (sum int) {
	for _, v := range list {
		sum += convertFirstOf(v.(*boxingLarge))
	}
	return sum
}

// convertSumField asserts and reads one field, without a variable for the value.
//
//go:noinline
func convertSumField(list []any) (sum int) {
	for _, v := range list {
		sum += v.(boxingLarge).cells[0]
	}
	return sum
}
