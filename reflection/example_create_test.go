package reflection_test

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/go-deep-dive/godeep/reflection"
)

type createCodec interface{ Encode(v any) string }

type createJSON struct{}

func (*createJSON) Encode(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

type createText struct{}

func (createText) Encode(v any) string { return fmt.Sprint(v) }

// The name may come from a configuration file.
func ExampleRegistry() {
	var codecs reflection.Registry[createCodec]
	codecs.Register("json", &createJSON{})
	codecs.Register("text", createText{})
	for _, name := range []string{"json", "text", "xml"} {
		codec, err := codecs.New(name)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(name, codec.Encode([]int{1, 2}))
	}
	// Output:
	// json [1,2]
	// text [1 2]
	// unknown type "xml", want one of ["json" "text"]
}

// A name that is taken is a bug of the program.
func ExampleRegistry_Register() {
	defer func() { fmt.Println(recover()) }()
	var codecs reflection.Registry[createCodec]
	codecs.Register("json", &createJSON{})
	codecs.Register("json", createText{})
	// Output: reflection.Registry: "json" is *reflection_test.createJSON already
}

// Every call makes a new value of the type.
func ExampleRegistry_New() {
	var values reflection.Registry[any]
	values.Register("list", new([]int))
	one, _ := values.New("list")
	other, _ := values.New("list")
	*one.(*[]int) = []int{1}
	fmt.Println(*one.(*[]int), *other.(*[]int))
	// Output: [1] []
}

// The names are sorted, for messages and for tests.
func ExampleRegistry_Names() {
	var values reflection.Registry[any]
	values.Register("text", "")
	values.Register("number", 0)
	fmt.Println(values.Names())
	// Output: [number text]
}

// A struct type that no source file contains, with tags that encoding/json reads.
func Example_createStruct() {
	columns := map[string]reflect.Type{"Age": reflect.TypeFor[int]()}
	var fields []reflect.StructField
	for name, t := range columns {
		fields = append(fields, reflect.StructField{Name: name, Type: t, Tag: `json:"age"`})
	}
	row := reflect.New(reflect.StructOf(fields))
	fmt.Println(json.Unmarshal([]byte(`{"age": 36}`), row.Interface()))
	fmt.Printf("%+v\n", row.Elem())
	// Output:
	// <nil>
	// {Age:36}
}
