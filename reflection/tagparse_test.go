package reflection

import (
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// By convention a tag is a list of key:"value" pairs with a space between them.
// The language knows only a string; the convention lives in reflect.StructTag.
// Its Get stops at the first thing it cannot read and tells nobody: a pair
// without quotes, or with a space behind the colon, hides itself and all pairs
// after it. A comma between two pairs becomes part of the second key. Whoever
// reads tags for a library should therefore parse all of it once and report
// mistakes, as ParseTag does.
//
//claim:ask What is the syntax of a struct tag, and what happens if it is wrong?
//claim:source https://pkg.go.dev/reflect#StructTag
//claim:source https://go.dev/ref/spec#Struct_types
func TestTagSyntax(t *testing.T) {
	const good = reflect.StructTag(`json:"id,omitempty" db:"order_id"`)
	assert.Equal(t, "id,omitempty", good.Get("json"))
	assert.Equal(t, "order_id", good.Get("db"))
	pairs, err := ParseTag(good)
	require.NoError(t, err)
	assert.Equal(t, []TagPair{{"json", "id,omitempty"}, {"db", "order_id"}}, pairs)

	for _, c := range []struct {
		tag       reflect.StructTag
		json, db  string
		complaint string
	}{
		{`json:id db:"order_id"`, "", "", `byte 0: a key must be followed by :"`},
		{`json: "id" db:"order_id"`, "", "", `byte 0: a key must be followed by :"`},
		{`json:"id db:"order_id"`, "id db:", "", `byte 13: no space between two pairs`},
		{`json:"id",db:"order_id"`, "id", "", "byte 9: no space between two pairs"},
		{`json:"id"db:"order_id"`, "id", "order_id", "byte 9: no space between two pairs"},
		{`json:"id" db:'order_id'`, "id", "", `byte 10: a key must be followed by :"`},
		{`json:"id" :"order_id"`, "id", "", "byte 10: a key is expected"},
		{`json:"id" db:"order_id`, "id", "", "byte 10: the value of db has no closing quote"},
		{`db:"\order_id" json:"id"`, "id", "", "byte 0: the value of db is not a string of Go"},
	} {
		assert.Equal(t, c.json, c.tag.Get("json"), "%s", c.tag)
		assert.Equal(t, c.db, c.tag.Get("db"), "%s", c.tag)
		_, err := ParseTag(c.tag)
		assert.ErrorContains(t, err, c.complaint)
	}
	assert.Equal(t, "order_id", reflect.StructTag(`json:"id",db:"order_id"`).Get(",db"))
}

// Get returns an empty string both for a key that is missing and for one whose
// value is empty. Lookup has a second result that tells them apart; it was
// added in Go 1.7. Use it if a present but empty value means something, such as
// a field that is selected with its default name. Otherwise Get is enough.
//
//claim:ask What is the difference between Get and Lookup of a struct tag?
//claim:source https://pkg.go.dev/reflect#StructTag.Lookup
func TestTagLookup(t *testing.T) {
	type row struct {
		ID      int `db:"id"`
		Name    int `db:""`
		Ignored int
	}
	var got []string
	for field := range reflect.TypeFor[row]().Fields() {
		value, ok := field.Tag.Lookup("db")
		assert.Equal(t, value, field.Tag.Get("db"))
		got = append(got, field.Name+" "+strconv.Quote(value)+" "+strconv.FormatBool(ok))
	}
	assert.Equal(t, []string{`ID "id" true`, `Name "" true`, `Ignored "" false`}, got)
}

// The first one counts: Get and Lookup return at the first pair with the key. Neither the
// compiler nor go vet reports the second, so it is simply dead. A rule that needs several
// values for one key has to put them into one value, by convention with commas.
//
//claim:ask A struct tag has the same key twice. Which value counts?
//claim:source reflect/type.go
func TestTagRepeated(t *testing.T) {
	const tag = reflect.StructTag(`check:"min=1" check:"max=9"`)
	assert.Equal(t, "min=1", tag.Get("check"))
	pairs, err := ParseTag(tag)
	assert.EqualError(t, err, `struct tag "check:\"min=1\" check:\"max=9\"", byte 14: key check is repeated`)
	assert.Equal(t, []TagPair{{"check", "min=1"}}, pairs)

	report, err := proof.Go(t, "vet", "-structtag", "./testdata/tagparse/vet")
	require.Error(t, err)
	assert.NotContains(t, report, "twice")
}

// go vet has the analyzer structtag. It finds tags that reflect cannot read, a
// space in the options of a json tag, two fields of a struct with the same name
// in JSON, and json tags on unexported fields, which have no effect. It knows
// the meaning of json and xml only: it does not find a misspelled key, because
// any key may have a reader. go test runs a part of vet, and this analyzer is
// not in it: run go vet.
//
//claim:ask Who finds a mistake in a struct tag?
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/structtag
//claim:source https://pkg.go.dev/cmd/go#hdr-Test_packages
func TestTagVet(t *testing.T) {
	proof.OnceUnderRace(t)
	const program = "./testdata/tagparse/vet"
	report, err := proof.Go(t, "vet", "-structtag", program)
	require.Error(t, err)
	for _, complaint := range []string{
		"struct field tag `json:noquotes` not compatible with reflect.StructTag.Get: bad syntax for struct tag value",
		"struct field tag `json: \"space_after\"` not compatible with reflect.StructTag.Get: bad syntax for struct tag value",
		`key:"value" pairs not separated by spaces`,
		"suspicious space in struct tag value",
		"struct field hidden has json tag but is not exported",
		`struct field Second repeats json tag "name" also at`,
	} {
		assert.Contains(t, report, complaint)
	}
	assert.NotContains(t, report, "jsno")

	documentation, err := proof.Go(t, "help", "test")
	require.NoError(t, err)
	subset := regexpBetween(documentation, "The\ndefault go vet checks used by 'go test' are:", ".")
	assert.NotContains(t, subset, "structtag")
}

// Yes. Two struct types that differ in a tag only are different types: the
// compiler does not assign one to the other, and reflect sees two types. A
// conversion ignores tags since Go 1.8, at all depths of struct literals, so
// T(x) works and costs nothing: the memory is the same. Also a pointer can be
// converted, and then both see one variable. That is how the same data gets a
// second form in JSON. It does not reach into fields of named types: these must
// be identical.
//
//claim:ask Is a struct tag part of the type? Can I convert between structs with different tags?
//claim:source https://go.dev/ref/spec#Conversions
//claim:source https://go.dev/doc/go1.8#language
func TestTagConversion(t *testing.T) {
	type order struct {
		ID    int    `json:"id"`
		Notes string `json:"notes"`
	}
	type public struct {
		ID    int    `json:"order"`
		Notes string `json:"-"`
	}
	o := order{ID: 7, Notes: "internal"}
	text, err := json.Marshal(public(o))
	require.NoError(t, err)
	assert.Equal(t, `{"order":7}`, string(text))
	(*public)(&o).ID = 8
	assert.Equal(t, 8, o.ID, "the same variable")

	from, to := reflect.TypeFor[order](), reflect.TypeFor[public]()
	assert.False(t, from.AssignableTo(to))
	assert.True(t, from.ConvertibleTo(to))
	assert.NotEqual(t, reflect.TypeFor[struct {
		A int `k:"1"`
	}](), reflect.TypeFor[struct {
		A int `k:"2"`
	}]())

	const source = "package p\n" +
		"type a struct{ X int `k:\"1\"` }\ntype b struct{ X int `k:\"2\"` }\n" +
		"type outerA struct{ In a }\ntype outerB struct{ In b }\n" +
		"var x a; var nested outerA\n"
	assert.Empty(t, tagTypeError(t, source+"var y = b(x)"))
	assert.Empty(t, tagTypeError(t, source+"var z struct{ In struct{ X int `k:\"1\"` } }\nvar y = (struct{ In struct{ X int `k:\"2\"` } })(z)"))
	assert.Contains(t, tagTypeError(t, source+"var y b = x"), "cannot use x (variable of struct type a) as b value")
	assert.Contains(t, tagTypeError(t, source+"var y = outerB(nested)"), "cannot convert nested")
}

// Not in the type itself: a tag is a string literal in the source, and not even
// a constant may stand there. But a new type can be made at run time by
// reflect.StructOf with the same fields and other tags, and because a
// conversion ignores tags, Value.Convert turns the value into it. The new type
// has no name and no methods, fields of struct type keep their own tags, and a
// type made at run time is never freed. So make it once for each type and not
// for each value.
//
//claim:ask Can struct tags be computed or changed at run time?
//claim:source https://pkg.go.dev/reflect#StructOf
//claim:source https://go.dev/ref/spec#Struct_types
func TestTagRuntime(t *testing.T) {
	type order struct {
		ID    int `json:"id"`
		Price int `json:"price"`
	}
	upper := func(v any) any {
		from := reflect.ValueOf(v)
		fields := slices.Collect(from.Type().Fields())
		for i := range fields {
			fields[i].Tag = reflect.StructTag(`json:"` + strings.ToUpper(fields[i].Name) + `"`)
		}
		return from.Convert(reflect.StructOf(fields)).Interface()
	}
	text, err := json.Marshal(upper(order{ID: 7, Price: 9}))
	require.NoError(t, err)
	assert.Equal(t, `{"ID":7,"PRICE":9}`, string(text))
	assert.Empty(t, reflect.TypeOf(upper(order{})).Name())
	assert.Equal(t, reflect.TypeOf(upper(order{})), reflect.TypeOf(upper(order{})), "made once")

	_, err = parser.ParseFile(token.NewFileSet(), "p.go", "package p\nconst tag = `k:\"1\"`\ntype a struct{ X int tag }", 0)
	assert.ErrorContains(t, err, "expected ';', found tag")
}

// It is a convention of the packages and not of reflect: the text before the
// first comma is the name, and options follow. An empty name means the default,
// so a json tag of ",omitempty" keeps the name of the field. A single "-"
// leaves the field out, and "-," gives it the name "-". An option that
// encoding/json does not know is ignored without a word, such as a misspelled
// omitempty.
//
//claim:ask What do json:"-", json:"-," and json:",omitempty" mean?
//claim:source https://pkg.go.dev/encoding/json#Marshal
func TestTagOptions(t *testing.T) {
	for value, want := range map[string][]string{
		"id": {"id"}, "id,omitempty": {"id", "omitempty"}, ",a,b": {"", "a", "b"}, "": {""}, "-,": {"-", ""},
	} {
		name, options := cutTagOptions(value)
		assert.Equal(t, want, append([]string{name}, options...))
	}
	// Made at run time, because linters complain of such tags.
	var fields []reflect.StructField
	for i, tag := range []reflect.StructTag{`json:"-"`, `json:"-,"`, `json:",omitempty"`, `json:",string"`, `json:"unknown,omitemtpy"`} {
		fields = append(fields, reflect.StructField{Name: "F" + strconv.Itoa(i), Type: reflect.TypeFor[int](), Tag: tag})
	}
	text, err := json.Marshal(reflect.Zero(reflect.StructOf(fields)).Interface())
	require.NoError(t, err)
	assert.Equal(t, `{"-":0,"F3":"0","unknown":0}`, string(text))
}

// Lookup does not allocate as long as the value has no escapes: it returns a
// part of the tag, which is a constant in the binary. It keeps nothing, so each
// call scans the tag from its start. A value with an escape such as \" is
// copied, with one allocation. Type.Field fills a large StructField each time;
// for the first 256 fields it does not allocate either, beyond that its Index
// is a new slice. So read tags once for a type because of the time, not because
// of the garbage.
//
//claim:ask Does reading a struct tag allocate?
//claim:source reflect/type.go
//claim:source strconv/quote.go
func TestTagAllocs(t *testing.T) {
	type row struct {
		ID int `json:"id" db:"order_id" check:"quote \" here"`
	}
	rowType := reflect.TypeFor[row]()
	tag := rowType.Field(0).Tag
	var value string
	proof.WantAllocs(t, 0, func() { value = tag.Get("db") })
	assert.Equal(t, "order_id", value)
	proof.WantAllocs(t, 0, func() { value = tag.Get("missing") })
	proof.WantAllocs(t, 1, func() { value = tag.Get("check") })
	assert.Equal(t, `quote " here`, value)
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		return // these have no read-only memory for the Index of the first fields
	}
	var field reflect.StructField
	proof.WantAllocs(t, 0, func() { field = rowType.Field(0) })
	assert.Equal(t, "ID", field.Name)
	many := make([]reflect.StructField, 257)
	for i := range many {
		many[i] = reflect.StructField{Name: "F" + strconv.Itoa(i), Type: rowType}
	}
	wide := reflect.StructOf(many)
	proof.WantAllocs(t, 0, func() { field = wide.Field(255) })
	proof.WantAllocs(t, 1, func() { field = wide.Field(256) })
	assert.Equal(t, []int{256}, field.Index)
}

// tagTypeError returns the first error that the type checker finds, or "".
func tagTypeError(t *testing.T, source string) string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "p.go", source, 0)
	require.NoError(t, err)
	config := types.Config{Importer: importer.Default()}
	if _, err = config.Check("p", set, []*ast.File{file}, nil); err != nil {
		return err.Error()
	}
	return ""
}

// regexpBetween returns the text between two others, or all of it.
func regexpBetween(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

// FuzzParseTag checks ParseTag against its definition: what it accepts, Lookup
// finds with the same value, and what it returns can be written again and is
// read the same.
func FuzzParseTag(f *testing.F) {
	for _, seed := range []string{"", `a:"1"`, `a:"1" b:"2"`, `a:"\"" `, `a:1`, `a:"1"b:"2"`, `a:"1" a:"2"`, "\x00", `é:"\u00e9"`, `a:"\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tag := reflect.StructTag(text)
		pairs, err := ParseTag(tag)
		var again []string
		for _, pair := range pairs {
			value, ok := tag.Lookup(pair.Key)
			if !ok || value != pair.Value {
				t.Fatalf("Lookup(%q) of %q = %q, %t; ParseTag has %q", pair.Key, text, value, ok, pair.Value)
			}
			again = append(again, pair.Key+":"+strconv.Quote(pair.Value))
		}
		if err != nil {
			return
		}
		copied, err := ParseTag(reflect.StructTag(strings.Join(again, " ")))
		if err != nil || !slices.Equal(copied, pairs) {
			t.Fatalf("%q: got %q, %v after writing, want %q", text, copied, err, pairs)
		}
	})
}
