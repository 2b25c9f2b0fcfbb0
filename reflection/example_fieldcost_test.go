package reflection_test

import (
	"fmt"
	"reflect"
)

// The name is looked up once, and each value is read by its index.
func Example_fieldPlan() {
	type user struct {
		Name string
		Age  int
	}
	age, ok := reflect.TypeFor[user]().FieldByName("Age")
	if !ok {
		panic("no field Age")
	}
	sum := int64(0)
	for _, u := range []user{{"Ada", 36}, {"Bob", 40}} {
		sum += reflect.ValueOf(u).FieldByIndex(age.Index).Int()
	}
	fmt.Println("sum of ages:", sum)
	// Output:
	// sum of ages: 76
}
