package reflection

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// In fmt, encoding/json, encoding/binary, sort.Slice, text/template, errors.As
// and database/sql, and what it teaches is the order: a type switch over the
// frequent types, then an interface such as fmt.Stringer, then a plan that is
// kept for the type, and plain reflection as the last way. It can be measured
// with encoding/binary: it has a case for []uint32, and walks a slice of a
// named number by reflection, which takes more than 1.5 times as long for the
// same bytes. So a defined type may be slower in such a library than the
// builtin type behind it.
//
//claim:ask Where does the standard library itself use reflection, and what does that teach (json, fmt, sort.Slice, text/template)?
//claim:expect ns/op of=named > 1.5x of=uint32
//claim:source fmt/print.go
//claim:source encoding/binary/binary.go
//claim:source encoding/json/encode.go
func BenchmarkStdlibFastPath(b *testing.B) {
	fast, slow := stdlibNumbers()
	buffer := make([]byte, 0, 4*len(fast))
	var fastAny, slowAny any = fast, slow
	b.Run("of=uint32", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buffer, _ = binary.Append(buffer[:0], binary.LittleEndian, fastAny)
		}
	})
	b.Run("of=named", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buffer, _ = binary.Append(buffer[:0], binary.LittleEndian, slowAny)
		}
	})
}

type stdlibNumber uint32

func stdlibNumbers() (fast []uint32, slow []stdlibNumber) {
	for i := range uint32(256) {
		fast, slow = append(fast, i), append(slow, stdlibNumber(i))
	}
	return fast, slow
}

func TestStdlibFastPath(t *testing.T) {
	fast, slow := stdlibNumbers()
	a, err := binary.Append(nil, binary.LittleEndian, fast)
	require.NoError(t, err)
	b, err := binary.Append(nil, binary.LittleEndian, slow)
	require.NoError(t, err)
	assert.Equal(t, a, b)
	require.Len(t, a, 4*len(fast))

	proof.OnceUnderRace(t)
	out, err := proof.Go(t, "list", "-f", "{{.ImportPath}} {{.Imports}}", "fmt", "encoding/json", "encoding/binary", "text/template",
		"database/sql", "errors", "sort", "slices", "strconv")
	require.NoError(t, err, out)
	var reflecting []string
	for line := range strings.Lines(out) {
		path, imports, _ := strings.Cut(line, " ")
		if imports = strings.Trim(imports, "[]\n"); strings.Contains(" "+imports+" ", " reflect ") || strings.Contains(imports, "internal/reflectlite") {
			reflecting = append(reflecting, path)
		}
	}
	assert.ElementsMatch(t, []string{"fmt", "encoding/json", "encoding/binary", "text/template", "database/sql", "errors", "sort"}, reflecting)
}

// With reflect.Swapper: it takes the slice as any and returns a function that
// swaps two elements by their size, made once for each sort. It has special
// cases for the sizes of integers and strings and for pointers, and copies
// through a buffer otherwise. Swapping by Index and Set on each call takes more
// than 2 times as long. The less function is yours and needs no reflection. The
// types are checked at run time only: sort.Slice of an array or map panics.
// slices.SortFunc is generic: there a wrong argument does not compile.
//
//claim:ask How can sort.Slice swap the elements of a slice of any type?
//claim:expect ns/op of=set > 2x of=swapper
//claim:expect allocs/op of=swapper == 0
//claim:source https://pkg.go.dev/reflect#Swapper
//claim:source sort/slice.go
func BenchmarkStdlibSwap(b *testing.B) {
	users := make([]planUser, 100)
	run := func(name string, swap func(i, j int)) {
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range users {
					swap(i, len(users)-1-i)
				}
			}
		})
	}
	run("swapper", reflect.Swapper(users))
	run("set", stdlibSetSwap(users))
}

// stdlibSetSwap is what a first draft of Swapper would be.
func stdlibSetSwap(slice any) func(i, j int) {
	v := reflect.ValueOf(slice)
	return func(i, j int) {
		kept := reflect.New(v.Type().Elem()).Elem()
		kept.Set(v.Index(i))
		v.Index(i).Set(v.Index(j))
		v.Index(j).Set(kept)
	}
}

func TestStdlibSwap(t *testing.T) {
	for _, swapper := range []func(any) func(i, j int){reflect.Swapper, stdlibSetSwap} {
		words := []string{"a", "b", "c"}
		swap := swapper(words)
		swap(0, 2)
		swap(1, 1)
		assert.Equal(t, []string{"c", "b", "a"}, words)
	}
	less := func(i, j int) bool { return i < j }
	for _, wrong := range []any{[2]int{2, 1}, map[int]int{}, "text", new(int)} {
		assert.Panics(t, func() { sort.Slice(wrong, less) }, "%T", wrong)
	}
	assert.Panics(t, func() { reflect.Swapper([]int{1, 2})(0, 2) }, "out of range")
}

// By name, when the template is executed. A field or method that does not exist
// is an error of Execute, in the middle of the output, and not of Parse: the
// template does not know the type of its data. Only exported names are found.
// Methods may have arguments; they return one value, or a value and an error,
// which ends the execution. A method with a pointer receiver is found only if
// the data is a pointer or addressable. Because the names are in the text, the
// linker keeps all exported methods.
//
//claim:ask How does text/template reach fields and methods, and when do you notice a wrong name?
//claim:source https://pkg.go.dev/text/template#hdr-Arguments
func TestStdlibTemplate(t *testing.T) {
	execute := func(text string, data any) (string, error) {
		var out strings.Builder
		err := template.Must(template.New("t").Parse(text)).Execute(&out, data)
		return out.String(), err
	}
	user := stdlibUser{Name: "Ada", secret: 7}
	out, err := execute("{{.Name}} {{.Greet 2}}", user)
	require.NoError(t, err)
	assert.Equal(t, "Ada HiHi", out)
	out, err = execute("{{.Name}} {{.Nmae}}", user)
	assert.ErrorContains(t, err, "can't evaluate field Nmae in type reflection.stdlibUser")
	assert.Equal(t, "Ada ", out, "already written")
	_, err = execute("{{.secret}}", user)
	assert.ErrorContains(t, err, "secret is an unexported field of struct type reflection.stdlibUser")
	_, err = execute("{{.Rename}}", user)
	assert.ErrorContains(t, err, "can't evaluate field Rename")
	out, err = execute("{{.Rename}}", &user)
	require.NoError(t, err)
	assert.Equal(t, "renamed", out)
	_, err = execute("{{.Fail}}", user)
	assert.ErrorContains(t, err, "error calling Fail: no")
}

type stdlibUser struct {
	Name   string
	secret int
}

func (u stdlibUser) Greet(n int) string    { return strings.Repeat("Hi", n) }
func (u stdlibUser) Fail() (string, error) { return "", fmt.Errorf("no") }
func (u *stdlibUser) Rename() string       { u.Name = "renamed"; return u.Name }

// Because only what a pointer points to can be set. json.Unmarshal checks this
// first and returns an InvalidUnmarshalError for a value, for nil and for a nil
// pointer; without the check, reflect would panic. A pointer inside any is
// enough: the variable behind it is filled. A value inside any is replaced by a
// new map, slice or number, because the value in an interface cannot be set.
//
//claim:ask Why does json.Unmarshal need a pointer, and what happens with a value in an any?
//claim:source https://pkg.go.dev/encoding/json#InvalidUnmarshalError
//claim:source https://go.dev/blog/laws-of-reflection
func TestStdlibJSONPointer(t *testing.T) {
	type row struct{ A int }
	text := []byte(`{"A":1}`)
	for want, wrong := range map[string]any{
		"json: Unmarshal(non-pointer reflection.row)": row{},
		"json: Unmarshal(nil)":                        nil,
		"json: Unmarshal(nil *reflection.row)":        (*row)(nil),
	} {
		assert.EqualError(t, json.Unmarshal(text, wrong), want)
	}

	r := new(row)
	var filled any = r
	require.NoError(t, json.Unmarshal(text, &filled))
	assert.Equal(t, 1, r.A, "through the pointer in the interface")
	var replaced any = row{}
	require.NoError(t, json.Unmarshal(text, &replaced))
	assert.Equal(t, map[string]any{"A": 1.0}, replaced)
	assert.False(t, reflect.ValueOf(&replaced).Elem().Elem().CanSet())
}
