package interfaces

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A function type with a method makes every function of that signature an implementation,
// by a conversion that costs nothing: a function value is one pointer, which the interface
// holds directly, so there is no allocation. http.HandlerFunc is the known one. A closure
// that captures variables is allocated when it is made, as everywhere. The adapter is as
// comparable as a function is: comparing two such interface values panics. It has the
// methods that its type declares and no others, whatever the function could do, so optional
// methods are lost.
//
//claim:ask How does http.HandlerFunc turn a function into a Handler, and what does it cost?
//claim:source https://pkg.go.dev/net/http#HandlerFunc
//claim:source https://go.dev/ref/spec#Method_declarations
func TestAdapterFunction(t *testing.T) {
	var handler http.Handler = http.HandlerFunc(adapterTeapot)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, nil)
	require.Equal(t, http.StatusTeapot, recorder.Code)

	var w io.Writer = WriterFunc(adapterDrop)
	require.Panics(t, func() { _ = w == adapterWriter })
	_, ok := w.(io.StringWriter)
	require.False(t, ok)
	proof.WantAllocs(t, 0, func() { adapterWriter = WriterFunc(adapterDrop) })
}

var adapterWriter io.Writer = WriterFunc(adapterDrop)

func adapterTeapot(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }

func adapterDrop(p []byte) (int, error) { return len(p), nil }

// No: a method can be declared only in the package of its type, and not for built-in types.
// Three adapters lead there. A defined type, type Mine theirs.T, has the fields but none of
// the methods; good for a slice or an int. A struct that embeds the type keeps its methods
// and adds one. A function type serves when one method is missing. The adapter's interface
// can be yours: it is the foreign type that needs no change.
//
//claim:ask Can I make a type of another package implement my interface?
//claim:source https://go.dev/ref/spec#Method_declarations
func TestAdapterForeignType(t *testing.T) {
	const lib = `type Client struct{ Name string }
		func (*Client) Send() {}`
	check := func(use string) []string {
		return consumerErrors(consumerSources{"lib": lib, "main": "import \"lib\"\n" + use})
	}
	require.Contains(t, check(`func (*lib.Client) Close() {}`)[0], "cannot define new methods on non-local type")
	require.NotEmpty(t, check(`func (int) Close() {}; var _ lib.Client`))
	require.NotEmpty(t, check(`type alias = lib.Client
		func (*alias) Close() {}`), "an alias is the same type")
	require.Empty(t, check(`type both interface{ Send(); Close() }
		type embeds struct{ *lib.Client }
		func (embeds) Close() {}
		var _ both = embeds{}`))
	errs := check(`type both interface{ Send(); Close() }
		type defined lib.Client
		func (*defined) Close() {}
		var name = defined{}.Name
		var _ both = new(defined)`)
	require.Len(t, errs, 1)
	require.Contains(t, errs[0], "missing method Send")
}

// adapterColumns sorts two slices together.
type adapterColumns struct {
	names []string
	ages  []int
}

func (c adapterColumns) Len() int           { return len(c.names) }
func (c adapterColumns) Less(i, j int) bool { return c.ages[i] < c.ages[j] }
func (c adapterColumns) Swap(i, j int) {
	c.names[i], c.names[j] = c.names[j], c.names[i]
	c.ages[i], c.ages[j] = c.ages[j], c.ages[i]
}

// sort.Interface is needed when the data is not one slice. It knows indexes only, so Swap
// can exchange elements in several slices at once, or in a file. slices.SortFunc (Go 1.21)
// moves elements of one slice and needs one comparison function in place of a type with
// three methods; use it for everything else. sort.Reverse shows what an interface can do:
// it embeds sort.Interface and overrides Less alone. The interface of container/heap
// contains sort.Interface too.
//
//claim:ask When do I still need sort.Interface, now that there is slices.SortFunc?
//claim:source https://pkg.go.dev/sort#Interface
//claim:source https://pkg.go.dev/slices#SortFunc
func TestAdapterSort(t *testing.T) {
	people := adapterColumns{[]string{"old", "young", "middle"}, []int{80, 8, 40}}
	sort.Sort(people)
	require.Equal(t, []string{"young", "middle", "old"}, people.names)
	require.Equal(t, []int{8, 40, 80}, people.ages, "moved together")
	sort.Sort(sort.Reverse(people))
	require.Equal(t, []string{"old", "middle", "young"}, people.names)

	words := []string{"ccc", "a", "bb"}
	slices.SortFunc(words, func(a, b string) int { return len(a) - len(b) })
	require.Equal(t, []string{"a", "bb", "ccc"}, words)
}

// adapterDriver is the smallest database driver: it only fails.
type adapterDriver struct{}

var errAdapterDriver = errors.New("no database here")

func (adapterDriver) Open(string) (driver.Conn, error) { return nil, errAdapterDriver }

// A package with a small interface keeps a map from name to implementation; a plugin calls
// Register in its init function, and the program imports it only for that, with a blank
// import. database/sql and image work so. A forgotten import is an error at run time:
// unknown driver. A second registration of a name panics, because it is a mistake of the
// program. The registry is global: tests and libraries share it. Pass an implementation as
// an argument, as sql.OpenDB does, when the choice is made in code.
//
//claim:ask How does a plugin registry such as that of database/sql work?
//claim:source https://pkg.go.dev/database/sql#Register
//claim:source https://go.dev/ref/spec#Import_declarations
func TestAdapterRegistry(t *testing.T) {
	const name = "interfaces-adapter-driver"
	if !slices.Contains(sql.Drivers(), name) { // the registry outlives -count=2
		_, err := sql.Open(name, "")
		require.ErrorContains(t, err, "forgotten import?")
		sql.Register(name, adapterDriver{})
	}
	db, err := sql.Open(name, "")
	require.NoError(t, err)
	defer db.Close()
	require.ErrorIs(t, db.Ping(), errAdapterDriver, "the call reaches the driver")
	require.Panics(t, func() { sql.Register(name, adapterDriver{}) })
	require.Panics(t, func() { sql.Register("interfaces-adapter-nil", nil) })
}

// adapterLegacy is an API with codes; adapterModern is what the program wants.
type adapterLegacy struct{ rows map[string]string }

func (l adapterLegacy) Fetch(key string) (value string, code int) {
	value, ok := l.rows[key]
	if !ok {
		return "", 404
	}
	return value, 0
}

type adapterModern interface {
	Lookup(key string) (string, error)
}

var errAdapterMissing = errors.New("missing")

type adapterLookup struct{ legacy adapterLegacy }

func (a adapterLookup) Lookup(key string) (string, error) {
	value, code := a.legacy.Fetch(key)
	switch code {
	case 0:
		return value, nil
	case 404:
		return "", errAdapterMissing
	}
	return "", errors.New("fetch: unknown code")
}

// An adapter changes the interface and keeps what happens: other names, codes turned into
// errors, another order of arguments. A decorator keeps the interface and changes what
// happens: counting, caching, retrying. A facade is one simple entrance to several objects.
// Adapters do not stack, decorators do, because what they return can be wrapped again by
// the next.
//
//claim:ask What is the difference between an adapter and a decorator?
//claim:source https://go.dev/ref/spec#Implementing_an_interface
func TestAdapterOrDecorator(t *testing.T) {
	var modern adapterModern = adapterLookup{adapterLegacy{map[string]string{"k": "v"}}}
	value, err := modern.Lookup("k")
	require.NoError(t, err)
	require.Equal(t, "v", value)
	_, err = modern.Lookup("x")
	require.ErrorIs(t, err, errAdapterMissing)
	_, ok := any(adapterLegacy{}).(adapterModern)
	require.False(t, ok, "the adapted type has another interface")

	var decorated adapterModern = adapterUpper{adapterUpper{modern}}
	value, err = decorated.Lookup("k")
	require.NoError(t, err)
	require.Equal(t, "V", value)
}

type adapterUpper struct{ adapterModern }

func (u adapterUpper) Lookup(key string) (string, error) {
	value, err := u.adapterModern.Lookup(key)
	return strings.ToUpper(value), err
}
