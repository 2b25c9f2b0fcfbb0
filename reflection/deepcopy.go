package reflection

import (
	"fmt"
	"reflect"
	"time"
	"unsafe"
)

// A CopyFunc copies the values of one type for [DeepCopy]. Make one with [CopyWith].
type CopyFunc struct {
	copied reflect.Type
	copy   func(reflect.Value) reflect.Value
}

// CopyWith returns a CopyFunc that copies every value of type T with f. It is for
// types that keep what they point to in unexported fields, such as [math/big.Int],
// and for types that shall be shared: then f returns its argument.
//
// T is the exact type as it occurs in the data: for a field *big.Int it is *big.Int.
// Nil values of T are passed to f too. T must not be an interface type: CopyWith
// panics then, because the values in an interface have types of their own.
func CopyWith[T any](f func(T) T) CopyFunc {
	t := reflect.TypeFor[T]()
	if t.Kind() == reflect.Interface {
		panic(fmt.Sprintf("reflection.CopyWith: %v is an interface type, want the type of the values in it", t))
	}
	return CopyFunc{t, func(v reflect.Value) reflect.Value {
		return reflect.ValueOf(f(v.Interface().(T)))
	}}
}

// DeepCopy returns a copy of v that shares no memory with v which either of them
// could change: pointers, slices, maps, arrays, structs and interfaces are followed.
//
//   - Two pointers, maps or slices (of one type and length) that were the same are the
//     same in the copy. So cycles are no problem.
//   - Nil stays nil, and an empty slice stays empty. Copied slices have no spare capacity.
//   - Functions and channels are shared: there is no way to copy them. A [time.Time] is
//     copied by assignment, as its documentation allows. An unsafe.Pointer is an error.
//   - An unexported field cannot be set by reflection. It is copied by assignment if it
//     holds no pointer, slice, map or interface value. Otherwise the error says which
//     field it is; pass a function for its type with [CopyWith].
//   - A pointer into the middle of a value, such as one to a field or to an element,
//     points to a copy of its own afterwards.
//
// A locked sync.Mutex is copied as a locked one: hold no lock inside v. The data must
// not be changed during the call. The time is proportional to the size of the data,
// the depth of the stack to its depth.
func DeepCopy[T any](v T, with ...CopyFunc) (T, error) {
	c := copier{seen: make(map[memory]reflect.Value), with: with}
	if err := c.deepen(reflect.ValueOf(&v).Elem()); err != nil {
		var zero T
		return zero, fmt.Errorf("reflection.DeepCopy: %w", err)
	}
	return v, nil
}

// memory identifies what a pointer, slice or map refers to. The type is part of it,
// because a struct and its first field have the same address.
type memory struct {
	address unsafe.Pointer
	length  int
	as      reflect.Type
}

func memoryOf(v reflect.Value) memory {
	m := memory{address: v.UnsafePointer(), as: v.Type()}
	if v.Kind() == reflect.Slice {
		m.length = v.Len()
	}
	return m
}

type copier struct {
	seen map[memory]reflect.Value
	with []CopyFunc
	at   trail
}

// deepen expects that v can be set and holds a copy made by assignment. It replaces
// everything in v that is still shared with the original.
func (c *copier) deepen(v reflect.Value) error {
	for _, w := range c.with {
		if w.copied == v.Type() && v.CanSet() {
			v.Set(w.copy(v))
			return nil
		}
	}
	if c.done(v.Type()) {
		return nil
	}
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			return c.replaceInside(v)
		}
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if !v.IsNil() {
			return c.replace(v)
		}
	case reflect.Array:
		return c.elements(v)
	case reflect.Struct:
		return c.fields(v)
	case reflect.UnsafePointer:
		if !v.IsNil() {
			return fmt.Errorf("%v: what an unsafe.Pointer points to cannot be copied", c.at)
		}
	}
	return nil
}

// replace gives v, a pointer, slice or map, memory of its own.
func (c *copier) replace(v reflect.Value) (err error) {
	original := memoryOf(v)
	fresh, ok := c.seen[original]
	if ok {
		v.Set(fresh)
		return nil
	}
	// The new memory is known before its contents are: a cycle comes back to here.
	switch v.Kind() {
	case reflect.Pointer:
		fresh = reflect.New(v.Type().Elem())
		c.seen[original] = fresh
		fresh.Elem().Set(v.Elem())
		err = c.deepen(fresh.Elem())
	case reflect.Slice:
		fresh = reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		c.seen[original] = fresh
		reflect.Copy(fresh, v)
		err = c.elements(fresh)
	case reflect.Map:
		fresh = reflect.MakeMapWithSize(v.Type(), v.Len())
		c.seen[original] = fresh
		err = c.entries(fresh, v)
	}
	v.Set(fresh)
	return err
}

// replaceInside replaces what is in the interface value v. It cannot be changed in
// place: it is copied to a variable, and put back.
func (c *copier) replaceInside(v reflect.Value) error {
	inside := reflect.New(v.Elem().Type()).Elem()
	inside.Set(v.Elem())
	err := c.deepen(inside)
	v.Set(inside)
	return err
}

func (c *copier) elements(v reflect.Value) error {
	if c.done(v.Type().Elem()) {
		return nil
	}
	for i := range v.Len() {
		c.at.push(trailStep{index: i})
		if err := c.deepen(v.Index(i)); err != nil {
			return err
		}
		c.at.pop()
	}
	return nil
}

func (c *copier) entries(fresh, v reflect.Value) error {
	key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
	for entries := v.MapRange(); entries.Next(); {
		key.SetIterKey(entries)
		value.SetIterValue(entries)
		c.at.push(trailStep{key: entries.Key()})
		if err := c.deepen(key); err != nil {
			return err
		}
		if err := c.deepen(value); err != nil {
			return err
		}
		c.at.pop()
		fresh.SetMapIndex(key, value)
	}
	return nil
}

func (c *copier) fields(v reflect.Value) error {
	for i, field := range structOf(v.Type()).fields {
		value := v.Field(i)
		c.at.push(trailStep{field: field.Name})
		// The exported fields of an embedded struct can be set even if its type is unexported.
		if field.IsExported() || field.Anonymous && value.Kind() == reflect.Struct {
			if err := c.deepen(value); err != nil {
				return err
			}
		} else if refers(value) {
			return fmt.Errorf("%v: an unexported field shares memory with the original; "+
				"want a function for %v made by CopyWith", c.at, v.Type())
		}
		c.at.pop()
	}
	return nil
}

// done reports whether a value of type t is copied already, by assignment.
func (c *copier) done(t reflect.Type) bool {
	return t == copyTimeType || len(c.with) == 0 && copiedByAssignment(t)
}

var copyTimeType = reflect.TypeFor[time.Time]()

// copiedByAssignment never loops: a type contains itself only through a pointer, slice,
// map or interface, and those are not followed.
func copiedByAssignment(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface, reflect.UnsafePointer:
		return false
	case reflect.Array:
		return copiedByAssignment(t.Elem())
	case reflect.Struct:
		return structOf(t).plain
	}
	return true
}

// refers reports whether v, an unexported field, refers to memory that a copy made by
// assignment shares with the original.
func refers(v reflect.Value) bool {
	if copiedByAssignment(v.Type()) {
		return false
	}
	switch v.Kind() {
	case reflect.Array:
		for i := range v.Len() {
			if refers(v.Index(i)) {
				return true
			}
		}
		return false
	case reflect.Struct:
		for i := range v.NumField() {
			if refers(v.Field(i)) {
				return true
			}
		}
		return false
	default:
		return !v.IsNil()
	}
}
