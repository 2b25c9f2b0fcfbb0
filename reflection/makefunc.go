package reflection

import (
	"fmt"
	"reflect"
)

// Around returns a function of type F that gives each call to around, together
// with next, which calls f. So around can look at the arguments and results,
// change them, call next again or not at all: logging, timing, caching and
// retries for functions of any signature.
//
// The last argument of a variadic F arrives as one slice and is passed on as
// one. The results that around returns must be assignable to those of F, or the
// call panics. A panic of f passes through. Around panics if F is not a
// function type or f is nil. The function that it returns is as safe for
// concurrent use as f and around are; it costs some allocations per call and is
// made for calls that take microseconds at least.
func Around[F any](f F, around func(args []reflect.Value, next func(args []reflect.Value) []reflect.Value) []reflect.Value) F {
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Func || v.IsNil() {
		panic(fmt.Sprintf("reflection.Around: %v is not a function, or nil", reflect.TypeFor[F]()))
	}
	next := v.Call
	if v.Type().IsVariadic() {
		next = v.CallSlice
	}
	wrapped := reflect.MakeFunc(v.Type(), func(args []reflect.Value) []reflect.Value { return around(args, next) })
	return wrapped.Convert(reflect.TypeFor[F]()).Interface().(F)
}
