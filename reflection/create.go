package reflection

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
)

// A Registry creates values by name, which reflection alone cannot: a Go
// program has no list of its types. I is the interface that all the types
// implement. The zero Registry is empty and ready. It is safe for concurrent
// use and must not be copied.
type Registry[I any] struct {
	mu    sync.RWMutex
	types map[string]reflect.Type
}

// Register gives the name to the type of example, whose value is ignored. It
// panics if the name is taken or example is nil, because both are bugs at
// start-up.
func (r *Registry[I]) Register(name string, example I) {
	t := reflect.TypeOf(example)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case t == nil:
		panic(fmt.Sprintf("reflection.Registry: nil for %q", name))
	case r.types[name] != nil:
		panic(fmt.Sprintf("reflection.Registry: %q is %v already", name, r.types[name]))
	case r.types == nil:
		r.types = make(map[string]reflect.Type)
	}
	r.types[name] = t
}

// New returns a new value of the type that is registered by the name: a pointer
// to a zero value if a pointer was registered, the zero value itself otherwise.
// An unknown name is an error.
func (r *Registry[I]) New(name string) (I, error) {
	r.mu.RLock()
	t := r.types[name]
	r.mu.RUnlock()
	var v reflect.Value
	switch {
	case t == nil:
		var none I
		return none, fmt.Errorf("unknown type %q, want one of %q", name, r.Names())
	case t.Kind() == reflect.Pointer:
		v = reflect.New(t.Elem())
	default:
		v = reflect.Zero(t)
	}
	return v.Interface().(I), nil
}

// Names returns the registered names in sorted order.
func (r *Registry[I]) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	names := make([]string, 0, len(r.types))
	for name := range r.types {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
