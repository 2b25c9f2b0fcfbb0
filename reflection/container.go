package reflection

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// A Container builds values from constructors: it calls each constructor when its
// result is needed for the first time, with arguments that it builds in the same way, and
// keeps the result. The zero Container is empty and ready to use.
//
// It is here to show what a dependency-injection framework does with reflection, and what
// that costs: what the compiler checks in a main function that calls the
// constructors itself, is found by [Container.Check] at run time only.
//
// A Container is safe for concurrent use. Constructors are called one at a time, and must
// not use the container themselves: they would wait for ever.
type Container struct {
	mu        sync.Mutex
	providers map[reflect.Type]*provider
}

type provider struct {
	constructor reflect.Value
	built       bool
	value       reflect.Value
}

var containerError = reflect.TypeFor[error]()

// Provide adds constructors: functions of the form func(A, B, ...) T or
// func(A, B, ...) (T, error). The types of the parameters say what is needed, and the
// order of the calls to Provide does not matter. A type is found by identity: for a
// parameter of an interface type, some constructor must return that interface type.
//
// An error says which argument is not of this form or provides a type a second time; the
// arguments before it stay added.
func (c *Container) Provide(constructors ...any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.providers == nil {
		c.providers = make(map[reflect.Type]*provider)
	}
	for i, constructor := range constructors {
		f := reflect.ValueOf(constructor)
		if err := checkFunc(f); err != nil {
			return fmt.Errorf("reflection.Container.Provide: argument %d: %w", i+1, err)
		}
		t := f.Type()
		if t.NumOut() == 0 || t.Out(0) == containerError || t.NumOut() > 2 || t.NumOut() == 2 && t.Out(1) != containerError {
			return fmt.Errorf("reflection.Container.Provide: argument %d: %v, want the results T or (T, error)", i+1, t)
		}
		if other, ok := c.providers[t.Out(0)]; ok {
			return fmt.Errorf("reflection.Container.Provide: argument %d: %v is provided by %v already",
				i+1, t.Out(0), other.constructor.Type())
		}
		c.providers[t.Out(0)] = &provider{constructor: f}
	}
	return nil
}

func checkFunc(f reflect.Value) error {
	switch {
	case !f.IsValid():
		return errors.New("nil, want a function")
	case f.Kind() != reflect.Func:
		return fmt.Errorf("%v, want a function", f.Type())
	case f.IsNil():
		return fmt.Errorf("nil %v, want a function", f.Type())
	case f.Type().IsVariadic():
		return fmt.Errorf("%v is variadic, want a fixed number of parameters", f.Type())
	}
	return nil
}

// Check reports, without calling a constructor, every parameter that nobody
// provides and every cycle, in one error made by [errors.Join], or nil. A test
// that calls Check is what the compiler does for a main function without a
// container.
func (c *Container) Check() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	checked := make(map[reflect.Type]bool)
	for _, t := range slices.SortedFunc(maps.Keys(c.providers), byName) {
		errs = append(errs, c.check(t, nil, checked)...)
	}
	return errors.Join(errs...)
}

func byName(a, b reflect.Type) int { return strings.Compare(a.String(), b.String()) }

// check follows what t needs. The chain is the way to t.
func (c *Container) check(t reflect.Type, chain []reflect.Type, checked map[reflect.Type]bool) []error {
	if err := c.buildable(t, chain); err != nil {
		return []error{err}
	}
	if checked[t] {
		return nil
	}
	var errs []error
	for in := range c.providers[t].constructor.Type().Ins() {
		errs = append(errs, c.check(in, append(chain, t), checked)...)
	}
	checked[t] = true
	return errs
}

// buildable returns an error if t cannot be built because it is needed by itself, or not
// provided.
func (c *Container) buildable(t reflect.Type, chain []reflect.Type) error {
	if i := slices.Index(chain, t); i >= 0 {
		return fmt.Errorf("a cycle: %s", needs(append(chain[i:], t)))
	}
	if c.providers[t] == nil {
		return fmt.Errorf("nothing provides %v: %s", t, needs(append(chain, t)))
	}
	return nil
}

func needs(chain []reflect.Type) string {
	names := make([]string, len(chain))
	for i, t := range chain {
		names[i] = t.String()
	}
	return strings.Join(names, " needs ")
}

// Invoke calls f, a function of the form func(A, B, ...) or func(A, B, ...)
// error, with arguments built by the container. It returns the error of f, or
// that of the first constructor that failed, with the chain of types that
// needed it. A constructor that failed is called again when its result is
// needed again.
func (c *Container) Invoke(f any) error {
	v := reflect.ValueOf(f)
	if err := checkFunc(v); err != nil {
		return fmt.Errorf("reflection.Container.Invoke: %w", err)
	}
	t := v.Type()
	if t.NumOut() > 1 || t.NumOut() == 1 && t.Out(0) != containerError {
		return fmt.Errorf("reflection.Container.Invoke: %v, want no result or an error", t)
	}
	arguments, err := c.arguments(t)
	if err != nil {
		return fmt.Errorf("reflection.Container.Invoke: %w", err)
	}
	if out := v.Call(arguments); len(out) == 1 {
		err, _ = reflect.TypeAssert[error](out[0])
	}
	return err
}

// Resolve returns the value of type T that c builds, as an argument of [Container.Invoke]
// is built.
func Resolve[T any](c *Container) (T, error) {
	var result T
	err := c.Invoke(func(v T) { result = v })
	return result, err
}

// arguments builds the arguments of a function of type t. The lock is released before
// that function is called: it may use the container.
func (c *Container) arguments(t reflect.Type) ([]reflect.Value, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buildAll(t, nil)
}

func (c *Container) buildAll(f reflect.Type, chain []reflect.Type) ([]reflect.Value, error) {
	values := make([]reflect.Value, 0, f.NumIn())
	for t := range f.Ins() {
		v, err := c.build(t, chain)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

func (c *Container) build(t reflect.Type, chain []reflect.Type) (reflect.Value, error) {
	if err := c.buildable(t, chain); err != nil {
		return reflect.Value{}, err
	}
	p := c.providers[t]
	if p.built {
		return p.value, nil
	}
	chain = append(chain, t)
	arguments, err := c.buildAll(p.constructor.Type(), chain)
	if err != nil {
		return reflect.Value{}, err
	}
	out := p.constructor.Call(arguments)
	if len(out) == 2 && !out[1].IsNil() {
		err, _ := reflect.TypeAssert[error](out[1])
		return reflect.Value{}, fmt.Errorf("%s: %w", needs(chain), err)
	}
	p.value, p.built = out[0], true
	return p.value, nil
}
