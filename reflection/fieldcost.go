package reflection

import (
	"reflect"
	"unsafe"
)

// A fieldcostUser is what the ways to read a field are compared on.
type fieldcostUser struct {
	ID   int
	Name string
	Mail string
	Age  int
	fieldcostMeta
}

type fieldcostMeta struct{ Version int }

// The functions sum the ages of users. They are not inlined, so that all have
// the same frame, and none can be moved out of a loop.

//go:noinline
func fieldcostDirect(users []*fieldcostUser) (sum int64) {
	for _, u := range users {
		sum += int64(u.Age)
	}
	return sum
}

// fieldcostOffset reads what a plan would keep: the offset of the field, as it was found by
// reflection once.
//
//go:noinline
func fieldcostOffset(users []*fieldcostUser, offset uintptr) (sum int64) {
	for _, u := range users {
		sum += int64(*(*int)(unsafe.Add(unsafe.Pointer(u), offset)))
	}
	return sum
}

//go:noinline
func fieldcostIndex(users []*fieldcostUser, index int) (sum int64) {
	for _, u := range users {
		sum += reflect.ValueOf(u).Elem().Field(index).Int()
	}
	return sum
}

//go:noinline
func fieldcostName(users []*fieldcostUser, name string) (sum int64) {
	for _, u := range users {
		sum += reflect.ValueOf(u).Elem().FieldByName(name).Int()
	}
	return sum
}
