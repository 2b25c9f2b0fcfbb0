package interfaces

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// consumerSources are Go files by import path; each is a package of its own.
type consumerSources map[string]string

// Import returns a package of the sources, so that they can import each other.
func (s consumerSources) Import(path string) (*types.Package, error) {
	return (&consumerImporter{s, make(map[string]*types.Package)}).Import(path)
}

// consumerErrors type-checks the package main of the sources, with what it imports, and
// returns the errors of the compiler's type checker.
func consumerErrors(sources consumerSources) []string {
	_, errs := (&consumerImporter{sources, make(map[string]*types.Package)}).check("main")
	return errs
}

// consumerImporter checks every package once, because two checks of a package would make
// two different types of each of its types.
type consumerImporter struct {
	sources consumerSources
	done    map[string]*types.Package
}

func (i *consumerImporter) Import(path string) (*types.Package, error) {
	if pkg, ok := i.done[path]; ok {
		return pkg, nil
	}
	if _, ok := i.sources[path]; !ok {
		return nil, fmt.Errorf("no package %q", path)
	}
	pkg, errs := i.check(path)
	if len(errs) > 0 {
		return nil, fmt.Errorf("package %q has errors: %q", path, errs)
	}
	i.done[path] = pkg
	return pkg, nil
}

func (i *consumerImporter) check(path string) (pkg *types.Package, errs []string) {
	files := token.NewFileSet()
	source := "package " + path + "\n" + i.sources[path]
	file, err := parser.ParseFile(files, path+".go", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, []string{err.Error()}
	}
	config := types.Config{Importer: i, Error: func(err error) {
		errs = append(errs, err.(types.Error).Msg)
	}}
	pkg, _ = config.Check(path, files, []*ast.File{file}, nil) // Error has them all
	return pkg, errs
}

// consumerStore is a client as a package would export it: a struct with many methods, and
// no interface beside it.
type consumerStore struct{ names map[int]string }

func (s *consumerStore) Name(id int) (string, bool) { name, ok := s.names[id]; return name, ok }
func (s *consumerStore) SetName(id int, to string)  { s.names[id] = to }
func (s *consumerStore) Delete(id int)              { delete(s.names, id) }
func (s *consumerStore) Len() int                   { return len(s.names) }

// consumerNamer is declared where it is used, with what is used.
type consumerNamer interface {
	Name(id int) (string, bool)
}

func consumerGreet(names consumerNamer, id int) string {
	if name, ok := names.Name(id); ok {
		return "hello, " + name
	}
	return "hello, stranger"
}

// consumerFake is all that a test of consumerGreet needs.
type consumerFake map[int]string

func (f consumerFake) Name(id int) (string, bool) { name, ok := f[id]; return name, ok }

// Declare an interface at the consumer, in the package that calls its methods. A type
// satisfies an interface without naming it, so the producer exports a struct, imports
// nothing for it, and does not know its consumers. Each consumer lists only what it calls,
// and its test fakes that and no more. The interface belongs to the producer when it has
// several implementations that callers choose from, or when it is the common language of
// many packages, like io.Reader, error or http.Handler.
//
//claim:ask Where do I declare an interface: beside the implementation or where it is used?
//claim:source https://go.dev/wiki/CodeReviewComments#interfaces
func TestConsumerDeclares(t *testing.T) {
	store := &consumerStore{map[int]string{1: "Ada"}}
	require.Equal(t, "hello, Ada", consumerGreet(store, 1))
	require.Equal(t, "hello, stranger", consumerGreet(consumerFake{}, 1), "one method to fake")

	// The producer is unchanged and imports nothing; the consumer decides.
	sources := consumerSources{
		"store": `type Store struct{}
			func (*Store) Name(int) string { return "" }
			func (*Store) Delete(int) {}`,
		"main": `import "store"
			type namer interface{ Name(int) string }
			type deleter interface{ Delete(int) }
			var _ namer = new(store.Store)
			var _ deleter = new(store.Store)`,
	}
	require.Empty(t, consumerErrors(sources))
	pkg, err := sources.Import("store")
	require.NoError(t, err)
	require.Empty(t, pkg.Imports())
}

// A concrete result keeps every method usable, and a method added later breaks nobody. A
// caller who wants an interface assigns the result to one of its own, which the compiler
// checks. If the function returns an interface, the other methods are reachable only by an
// assertion that can fail at run time, and adding a method to the interface breaks every
// other implementation. The parameter is the mirror image: the less it asks for, the more
// callers can pass.
//
//claim:ask What is behind "accept interfaces, return structs"?
//claim:source https://go.dev/wiki/CodeReviewComments#interfaces
func TestConsumerAcceptReturn(t *testing.T) {
	const producer = `type Cache struct{}
		func (*Cache) Get(string) string { return "" }
		func (*Cache) Stats() int { return 0 }
		type Getter interface{ Get(string) string }
		func NewStruct() *Cache { return new(Cache) }
		func NewInterface() Getter { return new(Cache) }
		func Use(Getter) {}`
	check := func(use string) []string {
		return consumerErrors(consumerSources{"cache": producer, "main": `import "cache"
			type mine struct{}
			func (mine) Get(string) string { return "" }
			type statser interface{ Stats() int }
			` + use})
	}
	require.Empty(t, check(`var _ = cache.NewStruct().Stats()
		var _ statser = cache.NewStruct()
		func f() { cache.Use(cache.NewStruct()); cache.Use(mine{}) }`))
	errs := check(`var _ = cache.NewInterface().Stats()
		var _ statser = cache.NewInterface()`)
	require.Len(t, errs, 2)
	require.Contains(t, errs[0], "cache.NewInterface().Stats undefined")
	require.Contains(t, errs[1], "missing method Stats")
}

// Return an interface if that is what the function means: error always; a result whose
// concrete type depends on the arguments, as in io.NopCloser, which returns two types; a
// type that callers shall not depend on, as in context.WithCancel. A function with result
// type *MyError is the known trap: its nil becomes a non-nil error in the caller.
// io.LimitReader returns a Reader although its type is exported, and whoever needs the
// field N builds the struct.
//
//claim:ask When is it right to return an interface?
//claim:source https://pkg.go.dev/io#NopCloser
//claim:source https://go.dev/doc/faq#nil_error
func TestConsumerReturnInterface(t *testing.T) {
	require.NotEqual(t, reflect.TypeOf(io.NopCloser(optionalReaderOnly{})), reflect.TypeOf(io.NopCloser(strings.NewReader(""))))
	_, isStruct := io.LimitReader(nil, 1).(*io.LimitedReader)
	require.True(t, isStruct)

	var err error = consumerValidate(1)
	require.Error(t, err, "a nil pointer in an interface that is not nil")
	require.NoError(t, consumerValidateFixed(1))
	require.Error(t, consumerValidateFixed(0))
}

// A method satisfies an interface only with identical parameter and result types; there is
// no covariance. If the client's method Table returns *Table, an interface with Table()
// Tabler is not satisfied, although *Table has all of Tabler's methods. Two packages that
// declare the same one-method interface can exchange values freely, as long as no method
// mentions a type of their own. The cure is a small adapter that converts the result, or an
// interface for a later step in the chain of calls.
//
//claim:ask My interface lists exactly the methods of the client, but one returns another interface and it does not match. Why?
//claim:source https://go.dev/ref/spec#Implementing_an_interface
//claim:source https://go.dev/doc/faq#covariant_types
func TestConsumerIdenticalResults(t *testing.T) {
	check := func(use string) []string {
		return consumerErrors(consumerSources{
			"db": `type Client struct{}
				type Table struct{}
				func (*Client) Table(string) *Table { return nil }
				func (*Table) Len() int { return 0 }`,
			"main": `import "db"
				type table interface{ Len() int }
				type tables interface{ Table(string) table }
				` + use,
		})
	}
	errs := check(`var _ tables = new(db.Client)`)
	require.Len(t, errs, 1)
	require.Contains(t, errs[0], "wrong type for method Table")
	require.Contains(t, errs[0], "have Table(string) *db.Table")
	require.Empty(t, check(`var _ table = new(db.Client).Table("t")`), "each step by itself matches")
	require.Empty(t, check(`type adapter struct{ *db.Client }
		func (a adapter) Table(name string) table { return a.Client.Table(name) }
		var _ tables = adapter{}`))
	require.Empty(t, check(`type other interface{ Len() int }
		var a table = new(db.Table); var b other = a; var c table = b`), "same methods, no conversion needed")
}

// Callers can use a result of an unexported type, but not name its type. They can call its
// exported methods, read its exported fields, keep it in a variable declared with :=. They
// cannot declare a field, a parameter or a variable without initial value of that type. An
// interface of their own can hold it. Return an exported type, or an exported interface if
// the type shall stay hidden.
//
//claim:ask What can callers do with an exported function that returns an unexported type?
//claim:source https://go.dev/ref/spec#Exported_identifiers
func TestConsumerUnexportedResult(t *testing.T) {
	check := func(use string) []string {
		return consumerErrors(consumerSources{
			"lib": `type client struct{ Host string; port int }
				func (*client) Dial() int { return 0 }
				func (*client) close() {}
				func New() *client { return nil }`,
			"main": `import "lib"
				` + use,
		})
	}
	require.Empty(t, check(`var c = lib.New()
		var host, n = c.Host, c.Dial()
		type dialer interface{ Dial() int }
		var d dialer = c`))
	for _, use := range []string{`var c *lib.client`, `type s struct{ c *lib.client }`, `func f(*lib.client) {}`} {
		errs := check(use)
		require.Len(t, errs, 1, use)
		require.Contains(t, errs[0], "not exported by package lib")
	}
	require.Len(t, check(`func f() { _ = lib.New().port; lib.New().close() }`), 2)
}

// Adding a method to an exported interface breaks every implementation outside the package,
// fakes included, when they are compiled again; a struct may get more methods. So new
// abilities get a new interface, which the code asks for with an assertion or a bigger
// parameter type. Only an interface with an unexported method may grow, because nobody
// outside could implement it: testing.TB is one. A variadic parameter added to a method
// breaks them as well: it is another type.
//
//claim:ask Can I add a method to an exported interface without breaking users?
//claim:source https://go.dev/blog/module-compatibility
//claim:source https://pkg.go.dev/testing#TB
func TestConsumerInterfaceGrows(t *testing.T) {
	check := func(producer, use string) []string {
		return consumerErrors(consumerSources{"lib": producer, "main": "import \"lib\"\n" + use})
	}
	const implementation = `type mine struct{}
		func (mine) Get() {}
		var _ lib.Getter = mine{}`
	require.Empty(t, check(`type Getter interface{ Get() }`, implementation))
	require.Contains(t, check(`type Getter interface{ Get(); Put() }`, implementation)[0], "missing method Put")
	require.Contains(t, check(`type Getter interface{ Get(...int) }`, implementation)[0], "wrong type for method Get")

	require.Empty(t, check(`type Getter interface{ Get() }
		type PutGetter interface{ Getter; Put() }`, implementation), "an extension interface")
	require.Empty(t, check(`type Store struct{}
		func (Store) Get() {}
		func (Store) Put() {}`, `type getter interface{ Get() }
		var _ getter = lib.Store{}`), "a struct may grow")
	require.Contains(t, check(`type Sealed interface{ Get(); seal() }`, `type mine struct{}
		func (mine) Get() {}
		func (mine) seal() {}
		var _ lib.Sealed = mine{}`)[0], "unexported method seal")
}

// You can add the interface on the day a second implementation or a test needs it, and no
// existing line changes: the type satisfies it already. So an interface with one
// implementation, declared in advance, buys nothing. It costs: its method set repeats that
// of the type, so a changed signature is changed twice, and the compiler may not know the
// callee (see the claim InterfacePollution).
//
//claim:ask Should every service struct have an interface from the start?
//claim:source https://go.dev/wiki/CodeReviewComments#interfaces
func TestConsumerLater(t *testing.T) {
	sources := consumerSources{
		"mail": `type Sender struct{}
			func (*Sender) Send(to, text string) error { return nil }`,
		"main": `import "mail"
			func notify(s *mail.Sender) error { return s.Send("a", "b") }
			func callers() { _ = notify(new(mail.Sender)) }`,
	}
	require.Empty(t, consumerErrors(sources))
	sources["main"] = strings.Replace(sources["main"], "s *mail.Sender", "s sender", 1) +
		"\ntype sender interface{ Send(to, text string) error }"
	require.Empty(t, consumerErrors(sources), "one signature changed, no caller and no line of mail")
	sources["mail"] = strings.Replace(sources["mail"], "to, text string", "to string, text []byte", 1)
	require.NotEmpty(t, consumerErrors(sources), "now a second place to change")
}

// An interface turns one arrow of the cycle around, because the type that satisfies it need
// not be imported. An import cycle does not compile. If orders calls billing and billing
// needs one call back into orders, billing declares an interface with that method and no
// longer imports orders; orders or main passes itself in. The dependency at run time stays,
// only the one of the source is gone. If both need the same types, move those to a third
// package: an interface cannot replace a struct type in signatures.
//
//claim:ask How does an interface break an import cycle?
//claim:source https://go.dev/ref/spec#Import_declarations
func TestConsumerImportCycle(t *testing.T) {
	sources := consumerSources{
		"billing": `type address interface{ Address(order int) string }
			func Invoice(a address, order int) string { return a.Address(order) }`,
		"main": `import "billing"
			type Orders struct{}
			func (o Orders) Address(int) string { return "" }
			func (o Orders) Close(id int) string { return billing.Invoice(o, id) }`,
	}
	require.Empty(t, consumerErrors(sources))
	billing, err := sources.Import("billing")
	require.NoError(t, err)
	require.Empty(t, billing.Imports(), "main uses billing, billing knows nothing of main")

	output, err := proof.Go(t, "build", "./testdata/consumer/cycle")
	require.Error(t, err)
	require.Contains(t, output, "import cycle not allowed")
}

// An interface in a struct field hides the callee from the compiler, even if the program
// has only one implementation. It then cannot inline the call, and must assume that the
// callee keeps what it is given: a buffer that was on the stack moves to the heap, one
// allocation for every call here. With the concrete type in the field there is none. Where
// no argument is a pointer, only the price of the call remains.
//
//claim:ask What does an interface with a single implementation cost at run time?
//claim:expect allocs/op of=concrete == 0
//claim:expect allocs/op of=interface == 100
//claim:expect ns/op of=interface > 2x of=concrete
//claim:source https://go.dev/doc/faq#stack_or_heap
func BenchmarkInterfacePollution(b *testing.B) {
	b.Run("of=concrete", func(b *testing.B) {
		b.ReportAllocs()
		meter, sum := newConsumerMeterDirect(), 0
		for b.Loop() {
			for v := range uint64(100) {
				sum += meter.size(v * v)
			}
		}
		consumerResult = sum
	})
	b.Run("of=interface", func(b *testing.B) {
		b.ReportAllocs()
		meter, sum := newConsumerMeter(), 0
		for b.Loop() {
			for v := range uint64(100) {
				sum += meter.size(v * v)
			}
		}
		consumerResult = sum
	})
}

var consumerResult int

func TestConsumerMetersAgree(t *testing.T) {
	for v := range uint64(1000) {
		require.Equal(t, newConsumerMeterDirect().size(v*v), newConsumerMeter().size(v*v))
	}
}

type consumerInvalid struct{ value int }

func (e *consumerInvalid) Error() string { return fmt.Sprint("invalid ", e.value) }

func consumerValidate(v int) *consumerInvalid {
	if v == 0 {
		return &consumerInvalid{v}
	}
	return nil
}

func consumerValidateFixed(v int) error {
	if v == 0 {
		return &consumerInvalid{v}
	}
	return nil
}
