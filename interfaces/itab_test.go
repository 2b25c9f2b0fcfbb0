package interfaces

import (
	"go/ast"
	"go/token"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func itabOf[I any](v I) *layoutItab { return layoutOfMethods(&v).tab }

// There is one itab for each pair of interface type and dynamic type in a
// process, however the value got into the interface: by a conversion in the
// source, by an assertion at run time or by reflect. So two interface values of
// one static type hold the same dynamic type exactly if their first words are
// equal, and == and a type assertion compare only that word. Another interface
// type has its own itab, even with the same methods under another name.
//
//claim:ask Is an itab made for each conversion, or shared?
//claim:source runtime/iface.go
func TestItabIdentity(t *testing.T) {
	tank := &itabTank{level: 3}
	converted := itabConvert(tank)
	asserted, ok := itabAssert[itabGauge](&itabTank{level: 4})
	require.True(t, ok)
	var reflected itabGauge
	reflect.ValueOf(&reflected).Elem().Set(reflect.ValueOf(&itabTank{level: 5}))
	require.Equal(t, []int{3, 4, 5}, []int{converted.Level(), asserted.Level(), reflected.Level()})

	require.True(t, itabOf(converted) == itabOf(asserted))
	require.True(t, itabOf(converted) == itabOf(reflected))
	require.False(t, itabOf[itabGauge](tank) == itabOf[itabGauge](*tank), "T and *T are two types")

	require.False(t, itabOf[itabGauge](tank) == itabOf[itabMeter](tank), "two interface types")
	literal := itabOf[interface{ Level() int }](tank)
	require.True(t, literal == itabOf[interface{ Level() int }](&itabTank{}), "one type, written twice")
}

// A pair that the compiler sees converted, such as var w io.Writer = file, gets
// its itab from the linker, in read-only data. A pair that only an assertion at
// run time brings together gets one from the runtime: it looks the methods up
// by name and type once, both lists sorted, so in one pass, and keeps the itab
// in a table for the whole process. Only the linker's itabs carry the hash of
// the type; those made at run time have 0 there, because type switches do not
// use it from them.
//
//claim:ask When is an itab built: at compile time or at run time?
//claim:source runtime/iface.go
func TestItabStatic(t *testing.T) {
	typeHash := func(v any) uint32 { // behind the size and the pointer bytes
		return (*struct {
			size, pointers uintptr
			hash           uint32
		})(layoutOf(v).typ).hash
	}
	static := itabOf(itabConvert(&itabTank{}))
	require.NotZero(t, static.hash)
	require.Equal(t, typeHash(&itabTank{}), static.hash)

	deep, ok := itabAssert[itabDeep](&itabWell{level: 3})
	require.True(t, ok)
	require.Equal(t, []int{3, -3}, []int{deep.Level(), deep.Depth()})
	require.Zero(t, itabOf(deep).hash, "made at run time")
	again, _ := itabAssert[itabDeep](&itabWell{})
	require.True(t, itabOf(deep) == itabOf(again), "and kept")
}

// itabAssembly returns what the compiler makes of testdata/itab/sites for a GOARCH.
func itabAssembly(t *testing.T, arch string) string {
	t.Helper()
	t.Setenv("GOARCH", arch)
	out, err := proof.Go(t, "tool", "compile", "-p", "main", "-S", "-o", os.DevNull, "testdata/itab/sites/main.go")
	require.NoError(t, err, out)
	return out
}

// itabFunc returns the instructions of one function.
func itabFunc(assembly, name string) (lines []string) {
	inside := false
	for line := range strings.Lines(assembly) {
		if strings.Contains(line, " STEXT ") {
			inside = strings.HasPrefix(line, "main."+name+" ")
		}
		if inside && strings.HasPrefix(line, "\t0x") && strings.Contains(line, "main.go") {
			lines = append(lines, line)
		}
	}
	return lines
}

func itabMentions(lines []string, text string) (n int) {
	for _, line := range lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// It depends on what the target is. Converting a concrete value puts the address of a ready
// itab into the first word. Converting any interface value to any loads the type from the
// itab, without a call. An assertion to a concrete type compares that word. But from an
// interface to another one with methods, also to a smaller one without an assertion in the
// source, the itab must be found by the dynamic type at run time: that calls
// runtime.typeAssert, unless a cache of that place in the code knows the type.
//
//claim:ask Which interface conversions need a call into the runtime?
//claim:source cmd/compile/internal/walk/convert.go
//claim:source runtime/iface.go
func TestItabConversions(t *testing.T) {
	proof.OnceUnderRace(t)
	assembly := itabAssembly(t, "amd64")
	require.Contains(t, assembly, "go:itab.main.pair,main.static SRODATA")
	require.NotContains(t, assembly, "go:itab.main.pair,main.dynamic", "no conversion in the source")

	for name, want := range map[string]struct{ itab, lookup int }{
		"convert":        {1, 0},
		"toAny":          {0, 0},
		"assertConcrete": {0, 0},
		"narrow":         {0, 1},
		"assert":         {0, 1},
		"assertOK":       {0, 1},
	} {
		lines := itabFunc(assembly, name)
		require.NotEmpty(t, lines, name)
		require.Equal(t, want.itab, itabMentions(lines, "go:itab.main.pair,main.static"), name)
		require.Equal(t, want.lookup, itabMentions(lines, "runtime.typeAssert("), name)
	}
	require.Zero(t, itabMentions(itabFunc(assembly, "toAny"), "CALL\truntime.convT"), "the value is not boxed again")
}

// On a 64-bit system 24 bytes, for the interface type, the dynamic type and the
// hash, and 8 more for each method of the interface (12 and 4 on a 32-bit
// system). There is one for each pair, not for each value, outside the heap,
// and it is never freed. So the size matters only to a program with thousands
// of pairs; a larger interface costs its values nothing.
//
//claim:ask How much memory does an itab take?
//claim:source internal/abi/iface.go
func TestItabSize(t *testing.T) {
	proof.OnceUnderRace(t)
	require.Contains(t, itabAssembly(t, "amd64"), "go:itab.main.pair,main.static SRODATA dupok size=32", "one method")
	require.Contains(t, itabAssembly(t, "386"), "go:itab.main.pair,main.static SRODATA dupok size=16")
	const word = unsafe.Sizeof(uintptr(0))
	require.Equal(t, (2*word+4+word-1)&^(word-1), unsafe.Offsetof(layoutItab{}.fun))
}

// Since Go 1.22 every place in the code that asserts to an interface type with
// methods has a small cache from dynamic types to itabs, next to the
// process-wide table. The code looks there first and calls runtime.typeAssert
// only if the type is not found. A comma-ok assertion also caches that a type
// does not implement the interface. The runtime enters a type about once in a
// thousand misses. 32-bit x86 has no such cache: there each assertion is a
// call.
//
//claim:ask Why is the second assertion to an interface type cheaper than the first one?
//claim:source internal/abi/switch.go
//claim:source https://go.dev/doc/go1.22#compiler
func TestItabSiteCache(t *testing.T) {
	proof.OnceUnderRace(t)
	for arch, uses := range map[string]int{"amd64": 2, "386": 1} {
		assembly := itabAssembly(t, arch)
		for site, name := range map[string]string{
			"main..typeAssert.0(": "narrow",
			"main..typeAssert.1(": "assert",
			"main..typeAssert.2(": "assertOK",
		} {
			lines := itabFunc(assembly, name)
			require.Equal(t, uses, itabMentions(lines, site), "%s: the cache is read, and passed to the runtime", arch)
			require.Equal(t, uses, itabMentions(lines, "main..typeAssert."), "no other place shares it")
		}
	}
}

// The second word of an interface is a pointer, so the itab needs functions
// that take a pointer as receiver. For a method with a value receiver the
// compiler makes a wrapper, named like a method of *T, which loads the value
// and calls the method with it. That is why the itabs of T and *T have the same
// function for it, and why the method works on a copy. A type that is one
// pointer is its own second word and needs no wrapper.
//
//claim:ask The data word is a pointer. How does a method with a value receiver get called?
//claim:source cmd/compile/internal/reflectdata/reflect.go
func TestItabValueReceiver(t *testing.T) {
	tank, level := itabTank{level: 3}, 8
	probe := itabProbe{&level}
	for _, g := range []itabGauge{tank, &tank, probe, &probe} {
		require.Contains(t, []int{3, 8}, itabLevel(g))
	}
	name := func(g itabGauge) string {
		full := runtime.FuncForPC(itabOf(g).methods(1)[0]).Name()
		return full[strings.LastIndex(full, "/")+1:]
	}
	require.Equal(t, "interfaces.(*itabTank).Level", name(&tank))
	require.Equal(t, "interfaces.(*itabTank).Level", name(tank))
	require.Equal(t, itabOf[itabGauge](tank).fun, itabOf[itabGauge](&tank).fun)
	require.Equal(t, "interfaces.itabProbe.Level", name(probe), "the method itself")
	require.Equal(t, "interfaces.(*itabProbe).Level", name(&probe))
}

// An unexported method belongs to the package that declares it. A type
// elsewhere can have a method with the same name and signature and still does
// not implement the interface, neither for the compiler nor in an assertion at
// run time. So an interface with an unexported method can be implemented only
// in its own package; embedding the interface in a struct is the way round. The
// error message looks odd, because it names a method that you see.
//
//claim:ask My type has all the methods of the interface. Why is it not implemented?
//claim:source https://go.dev/ref/spec#Uniqueness_of_identifiers
//claim:source runtime/iface.go
func TestItabUnexportedMethod(t *testing.T) {
	_, ok := itabAssert[ast.Expr](itabForeignExpr{})
	require.False(t, ok, "Pos, End and an exprNode of this package")
	_, ok = itabAssert[ast.Node](itabForeignExpr{})
	require.True(t, ok, "Pos and End are enough")
	require.PanicsWithError(t, "interface conversion: interfaces.itabForeignExpr is not ast.Expr: missing method exprNode", func() {
		_ = any(itabForeignExpr{}).(ast.Expr)
	})
	_, ok = itabAssert[interface{ exprNode() }](&ast.Ident{})
	require.False(t, ok, "nor the other way")
	_, ok = itabAssert[interface{ exprNode() }](itabForeignExpr{})
	require.True(t, ok)

	_, ok = itabAssert[ast.Expr](struct{ ast.Expr }{&ast.Ident{}})
	require.True(t, ok, "embedded, the method is promoted")
}

type itabForeignExpr struct{}

func (itabForeignExpr) Pos() token.Pos { return token.NoPos }

func (itabForeignExpr) End() token.Pos { return token.NoPos }

func (itabForeignExpr) exprNode() {}

// itabAssertAll asserts a value n times.
//
//go:noinline
func itabAssertAll(values []any) (found int) {
	for _, v := range values {
		if _, ok := v.(itabGauge); ok {
			found++
		}
	}
	return found
}

//go:noinline
func itabConcreteAll(values []any) (found int) {
	for _, v := range values {
		if _, ok := v.(*itabTank); ok {
			found++
		}
	}
	return found
}

//go:noinline
func itabReflectAll(values []any) (found int) {
	gauge := reflect.TypeFor[itabGauge]()
	for _, v := range values {
		if reflect.TypeOf(v).Implements(gauge) {
			found++
		}
	}
	return found
}

// itabValues is 200 values, of which none implements itabGauge if missing.
func itabValues(missing bool) []any {
	values := make([]any, 200)
	for i := range values {
		if missing {
			values[i] = &layoutStation{id: i}
		} else {
			values[i] = &itabTank{level: i}
		}
	}
	return values
}

// The answer of an assertion to an interface is remembered, also if it is no. A
// comma-ok assertion that fails therefore costs about as much as one that
// succeeds: less than twice, without an allocation, because a cached itab says
// that the type lacks a method. reflect.Type.Implements has no such cache and
// compares the method lists each time; it takes more than 5 times as long.
//
//claim:ask Does a failed assertion to an interface search the methods again each time?
//claim:expect ns/op of=missing < 2x of=found
//claim:expect ns/op of=reflect > 5x of=missing
//claim:expect allocs/op of=missing == 0
//claim:needs goarch=amd64
//claim:source runtime/iface.go
func BenchmarkItabNegative(b *testing.B) {
	found, missing := itabValues(false), itabValues(true)
	for _, c := range []struct {
		name   string
		count  func([]any) int
		values []any
	}{
		{"of=found", itabAssertAll, found},
		{"of=missing", itabAssertAll, missing},
		{"of=reflect", itabReflectAll, missing},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.count(c.values)
			}
		})
	}
}

// All ways to ask give the same answer, before and after it is cached.
func TestItabNegative(t *testing.T) {
	for range 20 {
		require.Equal(t, 200, itabAssertAll(itabValues(false)))
		require.Equal(t, 200, itabConcreteAll(itabValues(false)))
		require.Equal(t, 200, itabReflectAll(itabValues(false)))
		require.Zero(t, itabAssertAll(itabValues(true)))
		require.Zero(t, itabConcreteAll(itabValues(true)))
		require.Zero(t, itabReflectAll(itabValues(true)))
	}
}
