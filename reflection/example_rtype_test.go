package reflection_test

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"reflect"
	texttemplate "text/template"

	"github.com/go-deep-dive/godeep/reflection"
)

// The short name is the same for two types; the long one is not.
func ExampleTypeName() {
	text, html := reflect.TypeFor[*texttemplate.Template](), reflect.TypeFor[*htmltemplate.Template]()
	fmt.Println(text, html)
	fmt.Println(reflection.TypeName(text))
	fmt.Println(reflection.TypeName(html))
	// Output:
	// *template.Template *template.Template
	// *text/template.Template
	// *html/template.Template
}

// A type switch for types that are only known at run time: the key is the Type.
func Example_rtypeMapKey() {
	handlers := map[reflect.Type]string{
		reflect.TypeFor[int]():      "number",
		reflect.TypeFor[[]string](): "list of words",
		reflect.TypeFor[error]():    "never found: an any holds no error, only what implements it",
	}
	for _, v := range []any{1, []string{"a"}, errors.New("e")} {
		fmt.Printf("%v: %q\n", reflect.TypeOf(v), handlers[reflect.TypeOf(v)])
	}
	// Output:
	// int: "number"
	// []string: "list of words"
	// *errors.errorString: ""
}
