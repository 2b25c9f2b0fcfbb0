package reflection_test

import (
	"fmt"
	"reflect"

	"github.com/go-deep-dive/godeep/reflection"
)

// The function is called for the first value of a type only.
func ExampleNewTypeCache() {
	fieldCount := reflection.NewTypeCache(func(t reflect.Type) (int, error) {
		fmt.Println("looking at", t)
		return t.NumField(), nil
	})
	type point struct{ X, Y int }
	for range 3 {
		n, err := fieldCount.Get(reflect.TypeFor[point]())
		fmt.Println(n, err)
	}
	// Output:
	// looking at reflection_test.point
	// 2 <nil>
	// 2 <nil>
	// 2 <nil>
}

// A TypeCache is a package-level variable of the library that reads tags.
func ExampleTypeCache() {
	columns := reflection.NewTypeCache(func(t reflect.Type) (names []string, err error) {
		for field := range t.Fields() {
			names = append(names, field.Tag.Get("db"))
		}
		return names, nil
	})
	type user struct {
		ID   int    `db:"id"`
		Name string `db:"name"`
	}
	names, _ := columns.Get(reflect.TypeFor[user]())
	fmt.Println(names)
	// Output:
	// [id name]
}

// An error is kept like a plan: the type will not become better.
func ExampleTypeCache_Get() {
	cache := reflection.NewTypeCache(func(t reflect.Type) (int, error) {
		if t.Kind() != reflect.Struct {
			return 0, fmt.Errorf("%s is not a struct", t)
		}
		return t.NumField(), nil
	})
	_, err := cache.Get(reflect.TypeFor[int]())
	fmt.Println(err)
	// Output:
	// int is not a struct
}
