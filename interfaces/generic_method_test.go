package interfaces

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// genericMethodList is kept as text, because the tools of Go 1.26 cannot parse it.
const genericMethodList = `
type list[T any] []T

func (l list[T]) Keep(keep func(T) bool) (kept list[T]) {
	for _, v := range l {
		if keep(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

func (l list[T]) Map[U any](f func(T) U) (mapped list[U]) {
	for _, v := range l {
		mapped = append(mapped, f(v))
	}
	return mapped
}
`

// A method declares type parameters after its name, as a function does: func (l list[T])
// Map[U any](f func(T) U) list[U]. Steps that change the type can then be chained,
// l.Keep(f).Map(g). The type argument is inferred, or named as in l.Map[string](g). As a
// value the method must be instantiated. The receiver need not be generic. It is a
// convenience of naming: the function Map(l, g) does the same, with any release.
//
//claim:ask What do the generic methods of Go 1.27 look like?
//claim:needs go>=1.27
//claim:source https://go.dev/doc/go1.27#language
func TestGenericMethod(t *testing.T) {
	if !proof.GoAtLeast("go1.27") {
		t.Skip("generic methods need Go 1.27")
	}
	const use = genericMethodList + `func text(int) string { return "" }; func even(n int) bool { return n%2 == 0 }; `
	constraintAccepts(t, use+`var _ list[string] = list[int]{1, 2}.Keep(even).Map(text)`)
	constraintAccepts(t, use+`var _ list[any] = list[int]{1, 2}.Map[any](func(n int) any { return n })`)
	constraintAccepts(t, use+`var value func(func(int) string) list[string] = list[int]{}.Map[string]; var expression = list[int].Map[string]`)
	constraintRejects(t, "without instantiation", use+`var value = list[int]{}.Map`)
	constraintAccepts(t, `type plain struct{}; func (plain) same[T any](v T) T { return v }; var _ int = plain{}.same(1)`)
	constraintRejects(t, "cannot infer U", use+`type t struct{}; func (t) zero[U any]() (u U) { return }; var _ int = t{}.zero()`)
}

var genericMethodRan bool

// No. A generic method is never part of what satisfies an interface, not even if one
// instantiation would fit the signature, and reflect does not list it: the method table
// of a type is made when the type is compiled, and has no room for methods that are
// instantiated somewhere else. So generic methods are called on concrete types only, and
// a library cannot ask for them in an interface.
//
//claim:ask Does a generic method satisfy an interface, and does reflect see it?
//claim:needs go>=1.27
//claim:source https://go.dev/doc/go1.27#language
func TestGenericMethodInterface(t *testing.T) {
	if !proof.GoAtLeast("go1.27") {
		t.Skip("generic methods need Go 1.27")
	}
	constraintRejects(t, "does not implement getter", `type plain struct{}; func (plain) get[T any]() int { return 0 }
		type getter interface{ get() int }; var _ getter = plain{}`)
	if genericMethodRan {
		t.Skip("the program has run in this process")
	}
	genericMethodRan = true
	dir := t.TempDir()
	program := "package main\n\nimport (\n\t\"fmt\"\n\t\"reflect\"\n)\n" + genericMethodList + `
func main() {
	typ := reflect.TypeFor[list[int]]()
	for method := range typ.Methods() {
		fmt.Println("method:", method.Name)
	}
	_, ok := any(list[int]{}).(interface{ Map(func(int) string) list[string] })
	fmt.Println("asserted:", ok)
	fmt.Println(list[int]{1, 2}.Map(func(n int) string { return fmt.Sprint(n * n) }))
}
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module method\n\ngo 1.27\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600))
	out, err := proof.Go(t, "-C", dir, "run", ".")
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "method: Keep\nasserted: false\n[1 4]\n", out)
}
