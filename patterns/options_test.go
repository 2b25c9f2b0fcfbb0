package patterns

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// optionsTransport answers requests without a network.
type optionsTransport func(*http.Request) (*http.Response, error)

func (f optionsTransport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// optionsClient answers with the body, and notes the request.
func optionsClient(status int, body string, last **http.Request) *http.Client {
	return &http.Client{Transport: optionsTransport(func(r *http.Request) (*http.Response, error) {
		*last = r
		return &http.Response{Status: http.StatusText(status), StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
	})}
}

// optionsCompile type-checks the text of a package without imports.
func optionsCompile(t *testing.T, text string) error {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\n"+text, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = new(types.Config).Check("p", fset, []*ast.File{file}, nil)
	return err
}

// A functional option is a function that changes one setting of an object under
// construction; the constructor takes any number of them. A call with none gets
// the defaults, a call with one changes that setting and no other, and a
// later release can add options without breaking a call. They are better than a
// struct where the defaults are not zero values, where settings must be checked
// and where most callers change nothing. They are worse where settings are
// loaded, printed or compared as a whole.
//
//claim:ask What are functional options, and when are they better than a config struct or a builder?
//claim:source https://go.dev/ref/spec#Passing_arguments_to_..._parameters
func TestOptionsFunctional(t *testing.T) {
	plain, err := NewFetcher("https://example.com/a")
	if err != nil {
		t.Fatal(err)
	}
	if plain.config.timeout != 30*time.Second || plain.config.limit != 1<<20 || plain.config.client != http.DefaultClient || plain.config.header != nil {
		t.Errorf("defaults: %+v", plain.config)
	}
	special, err := NewFetcher("https://example.com/a", WithFetchTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if special.config.timeout != time.Second || special.config.limit != 1<<20 || special.config.client != http.DefaultClient {
		t.Errorf("with one option: %+v", special.config)
	}
}

// The last option wins, because options are assignments that run in the order of
// the call. This is useful: a function can put its own defaults before the
// options of its caller. Options that add instead, such as one header field
// each, do not replace one another; say in the doc comment which kind it is.
//
//claim:ask Two options set the same thing. Which one wins?
//claim:source https://go.dev/ref/spec#Order_of_evaluation
func TestOptionsLastWins(t *testing.T) {
	f, err := NewFetcher("http://example.com",
		WithFetchTimeout(time.Hour), WithFetchHeader("A", "1"),
		WithFetchTimeout(time.Second), WithFetchHeader("B", "2"), WithFetchHeader("a", "3"))
	if err != nil {
		t.Fatal(err)
	}
	if f.config.timeout != time.Second || f.config.header.Get("A") != "3" || f.config.header.Get("B") != "2" {
		t.Errorf("%+v", f.config)
	}

	withDefault := func(options ...FetcherOption) *Fetcher {
		f, err := NewFetcher("http://example.com", append([]FetcherOption{WithFetchLimit(10)}, options...)...)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if withDefault().config.limit != 10 || withDefault(WithFetchLimit(20)).config.limit != 20 {
		t.Error("the option of the caller does not win")
	}
}

// Let the option return an error, and the constructor pass it on. With
// errors.Join the caller sees all mistakes at once, and gets no object that is
// built by half. An option that panics or silently keeps the default hides the
// mistake. A check that concerns two settings belongs in the constructor, after
// the last option.
//
//claim:ask How does an option report an invalid value?
//claim:source https://pkg.go.dev/errors#Join
func TestOptionsFaultInvalid(t *testing.T) {
	f, err := NewFetcher("example.com", WithFetchTimeout(-time.Second), WithFetchLimit(5), WithFetchOptions(WithFetchLimit(-1), WithFetchHeader("", "x")), WithFetchClient(nil))
	if f != nil || err == nil {
		t.Fatalf("%v, %v", f, err)
	}
	for _, mistake := range []string{"base URL", "timeout -1s", "limit -1", "no key", "client is nil"} {
		if !strings.Contains(err.Error(), mistake) {
			t.Errorf("%q misses %q", err, mistake)
		}
	}
	for _, base := range []string{"", "/relative", "ftp://example.com", "http://", "http://a b", ":"} {
		if f, err := NewFetcher(base); f != nil || err == nil {
			t.Errorf("base %q: %v, %v", base, f, err)
		}
	}
}

// optionsSettings is the struct instead of options.
type optionsSettings struct {
	Timeout time.Duration `json:"timeout"`
	Retries int           `json:"retries"`
}

// withDefaults does what most constructors with such a struct do.
func (s optionsSettings) withDefaults() optionsSettings {
	if s.Timeout == 0 {
		s.Timeout = 30 * time.Second
	}
	if s.Retries == 0 {
		s.Retries = 3
	}
	return s
}

// A field that is left out is zero, and so is a field that is set to zero. If
// zero stands for the default, nobody can ask for zero retries or for no
// timeout. Cures are a pointer field, where nil means the default, a negative
// value for none, or a name under which zero is a good default, such as NoRetry.
// An option has no such problem, because leaving it out differs from calling it
// with 0.
//
//claim:ask How do you tell "not set" from zero in a config struct?
//claim:source https://go.dev/ref/spec#The_zero_value
func TestOptionsZeroValueAmbiguity(t *testing.T) {
	leftOut := optionsSettings{Timeout: time.Second}.withDefaults()
	zero := optionsSettings{Timeout: time.Second, Retries: 0}.withDefaults()
	if leftOut != zero || zero.Retries != 3 {
		t.Errorf("left out %v, zero %v", leftOut, zero)
	}

	type withPointer struct{ Retries *int }
	retries := func(s withPointer) int {
		if s.Retries == nil {
			return 3
		}
		return *s.Retries
	}
	if retries(withPointer{}) != 3 || retries(withPointer{Retries: new(0)}) != 0 {
		t.Error("a pointer does not tell them apart")
	}

	unbounded, err := NewFetcher("http://example.com", WithFetchTimeout(0))
	if err != nil || unbounded.config.timeout != 0 {
		t.Errorf("option with 0: %v, %v", unbounded, err)
	}
}

// A required value stays a parameter, because then a call without it does not
// compile. If it were an option, its absence could be reported at run time only.
// Options are for what has a sensible default.
//
//claim:ask Which settings should be parameters, and which options?
//claim:source https://go.dev/ref/spec#Calls
func TestOptionsRequiredParameter(t *testing.T) {
	const declaration = "type Option func(); func New(base string, options ...Option) int { return 0 }\n"
	if err := optionsCompile(t, declaration+`var _ = New("http://example.com")`); err != nil {
		t.Error(err)
	}
	err := optionsCompile(t, declaration+"var _ = New()")
	if err == nil || !strings.Contains(err.Error(), "not enough arguments") {
		t.Errorf("without the parameter: %v", err)
	}
}

// Adding options is compatible for calls, and not for other uses. Existing
// calls compile as they are, but the type of the function has changed. So it no
// longer fits a variable or parameter of the old function type, and a method no
// longer satisfies an interface. In a published package, add the options from
// the start, or add a second constructor.
//
//claim:ask Is adding variadic options to an existing function backward compatible?
//claim:source https://go.dev/blog/module-compatibility
func TestOptionsAddedLater(t *testing.T) {
	const before = "type Option func(); type T struct{}; func New(base string) *T { return nil }; func (*T) Get(path string) {}\n"
	const after = "type Option func(); type T struct{}; func New(base string, o ...Option) *T { return nil }; func (*T) Get(path string, o ...Option) {}\n"
	for _, use := range []struct {
		text  string
		still bool
	}{
		{`var _ = New("a")`, true},
		{`func init() { New("a").Get("b") }`, true},
		{`var _ func(string) *T = New`, false},
		{`var _ interface{ Get(string) } = (*T)(nil)`, false},
	} {
		if err := optionsCompile(t, before+use.text); err != nil {
			t.Errorf("before: %s: %v", use.text, err)
		}
		if err := optionsCompile(t, after+use.text); (err == nil) != use.still {
			t.Errorf("after: %s: error %v", use.text, err)
		}
	}
}

// A struct is a value: it can be decoded from a file, printed, copied with one
// field changed, and compared with == if its fields can. A function can do none
// of that: it prints as an address, and comparing two of them does not compile.
// So prefer a struct for settings that come from outside the program, and
// for many settings that callers usually set together. Adding a field breaks no
// literal that has field names.
//
//claim:ask When is a config struct better than functional options?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestOptionsStructIsAValue(t *testing.T) {
	var fromFile optionsSettings
	if err := json.Unmarshal([]byte(`{"timeout": 1000000000, "retries": 5}`), &fromFile); err != nil {
		t.Fatal(err)
	}
	changed := fromFile
	changed.Retries = 6
	if fromFile != (optionsSettings{time.Second, 5}) || changed == fromFile || fmt.Sprint(changed) != "{1s 6}" {
		t.Errorf("%v, %v", fromFile, changed)
	}

	const option = "type Option func(); var a, b Option\n"
	if err := optionsCompile(t, option+"var _ = a == nil"); err != nil {
		t.Error(err)
	}
	if err := optionsCompile(t, option+"var _ = a == b"); err == nil {
		t.Error("functions can be compared")
	}
	if text := fmt.Sprint(WithFetchLimit(5)); !strings.HasPrefix(text, "0x") {
		t.Errorf("an option prints as %s", text)
	}

	const old, added = "type S struct{ A int }\n", "type S struct{ A, B int }\n"
	for use, still := range map[string]bool{"var _ = S{A: 1}": true, "var _ = S{1}": false} {
		if err := optionsCompile(t, old+use); err != nil {
			t.Error(err)
		}
		if err := optionsCompile(t, added+use); (err == nil) != still {
			t.Errorf("%s with a field more: %v", use, err)
		}
	}
}

// An optionsQuery is a builder with methods to chain.
type optionsQuery struct {
	where []string
	err   error
}

func (q optionsQuery) Where(condition string) optionsQuery {
	if condition == "" {
		q.err = errors.Join(q.err, errors.New("empty condition"))
	}
	q.where = append(q.where, condition)
	return q
}

func (q optionsQuery) Build() (string, error) {
	if q.err != nil {
		return "", q.err
	}
	return strings.Join(q.where, " and "), nil
}

// A method that is chained returns the builder, so it cannot return an error as
// well: the builder has to keep it until Build. And a builder that is used
// twice shares state. With pointer methods it is one object. With value methods
// it looks safe, but two appends to the same slice write to the same place, so
// here the second query overwrites the first. Clip the slice before each
// append, or use options, which hold no state in between. A builder pays where
// construction is a language of its own, such as a query.
//
//claim:ask What are the traps of a builder with chained methods?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func TestOptionsBuilderTraps(t *testing.T) {
	base := optionsQuery{where: make([]string, 0, 4)}.Where("a")
	x, y := base.Where("x"), base.Where("y")
	if text, _ := x.Build(); text != "a and y" {
		t.Errorf("x is %q, want it overwritten by y", text)
	}
	if text, _ := y.Build(); text != "a and y" {
		t.Errorf("y is %q", text)
	}
	base.where = slices.Clip(base.where)
	x, y = base.Where("x"), base.Where("y")
	if text, _ := x.Build(); text != "a and x" {
		t.Errorf("clipped: x is %q", text)
	}
	if text, _ := y.Build(); text != "a and y" {
		t.Errorf("clipped: y is %q", text)
	}
	if _, err := base.Where("").Where("b").Build(); err == nil {
		t.Error("the error is lost")
	}
}

// An option may be used twice only if it holds nothing that can change. The
// function that makes an option runs once, and the option itself once for each
// object. A map that is made in the outer function is therefore shared by all
// objects, and a later change of one shows in the other. Make it inside the
// option, or clone what the caller has given.
//
//claim:ask Can the same option be used for two objects?
//claim:source https://go.dev/ref/spec#Function_literals
func TestOptionsShared(t *testing.T) {
	sharedHeader := func(key, value string) FetcherOption {
		header := http.Header{key: {value}} // made once
		return func(c *fetcherConfig) error { c.header = header; return nil }
	}
	for _, kind := range []struct {
		option FetcherOption
		want   string
	}{
		{sharedHeader("A", "1"), "2"},
		{WithFetchHeader("A", "1"), "1"},
	} {
		first, err := NewFetcher("http://example.com", kind.option)
		if err != nil {
			t.Fatal(err)
		}
		_, err = NewFetcher("http://example.com", kind.option, WithFetchHeader("A", "2"))
		if err != nil {
			t.Fatal(err)
		}
		if got := first.config.header.Get("A"); got != kind.want {
			t.Errorf("first has %s, want %s", got, kind.want)
		}
	}
}

// An optionsBoth is an option of two constructors.
type optionsBoth int

type optionsA interface{ applyA(*int) }
type optionsB interface{ applyB(*int64) }

func (o optionsBoth) applyA(n *int)   { *n = int(o) }
func (o optionsBoth) applyB(n *int64) { *n = int64(o) }

// A function type is shorter, and enough for most packages. With an interface
// that has one unexported method, options are values of named types instead:
// they can be compared and printed, and one type can be an option of two
// constructors by having the methods of both interfaces.
//
//claim:ask Should an option be a function or an interface?
//claim:source https://go.dev/ref/spec#Interface_types
func TestOptionsInterface(t *testing.T) {
	newA := func(options ...optionsA) (n int) {
		for _, option := range options {
			option.applyA(&n)
		}
		return n
	}
	newB := func(options ...optionsB) (n int64) {
		for _, option := range options {
			option.applyB(&n)
		}
		return n
	}
	limit := optionsBoth(7)
	if newA(limit) != 7 || newB(limit) != 7 {
		t.Error("not an option of both")
	}
	if optionsA(limit) != optionsA(optionsBoth(7)) || fmt.Sprint(limit) != "7" {
		t.Error("cannot be compared or printed")
	}
}

func TestOptionsNilSkipped(t *testing.T) {
	var none FetcherOption
	f, err := NewFetcher("http://example.com", none, WithFetchLimit(3), nil, WithFetchOptions(), WithFetchOptions(nil))
	if err != nil || f.config.limit != 3 {
		t.Errorf("%v, %v", f, err)
	}
}

func TestFetcherGet(t *testing.T) {
	var last *http.Request
	f, err := NewFetcher("http://example.com/docs", WithFetchClient(optionsClient(200, "hello", &last)), WithFetchHeader("Accept", "text/plain"), WithFetchLimit(5))
	if err != nil {
		t.Fatal(err)
	}
	document, err := f.Get(t.Context(), "a b")
	if string(document) != "hello" || err != nil || last.URL.String() != "http://example.com/docs/a%20b" || last.Header.Get("Accept") != "text/plain" {
		t.Errorf("%q, %v, request %v", document, err, last)
	}
	if _, ok := last.Context().Deadline(); !ok {
		t.Error("no deadline")
	}
	last.Header["Accept"][0] = "changed by a transport"
	if f.config.header.Get("Accept") != "text/plain" {
		t.Error("the header of the request is that of the Fetcher")
	}
	if _, err := f.Get(t.Context(), "../up"); err != nil || last.URL.Path != "/up" {
		t.Errorf("%v, %v", err, last.URL)
	}
}

func TestFetcherFaultResponses(t *testing.T) {
	var last *http.Request
	get := func(client *http.Client) error {
		f, err := NewFetcher("http://example.com", WithFetchClient(client), WithFetchLimit(4))
		if err != nil {
			t.Fatal(err)
		}
		document, err := f.Get(t.Context(), "")
		if document != nil {
			t.Errorf("document %q with an error", document)
		}
		return err
	}
	if err := get(optionsClient(500, "oops", &last)); err == nil || !strings.Contains(err.Error(), "Internal Server Error") {
		t.Errorf("status 500: %v", err)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](get(optionsClient(200, "hello", &last))); !ok {
		t.Error("a document above the limit")
	}
	broken := errors.New("broken")
	if err := get(&http.Client{Transport: optionsTransport(func(*http.Request) (*http.Response, error) { return nil, broken })}); !errors.Is(err, broken) {
		t.Errorf("broken transport: %v", err)
	}
}

func TestFetcherFaultSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &http.Client{Transport: optionsTransport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
		for _, own := range []time.Duration{0, time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			f, err := NewFetcher("http://example.com", WithFetchClient(slow), WithFetchTimeout(own))
			if err != nil {
				t.Fatal(err)
			}
			want := time.Minute
			if own > 0 {
				want = own
			}
			start := time.Now()
			if _, err := f.Get(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != want {
				t.Errorf("timeout %v: %v after %v", own, err, time.Since(start))
			}
			cancel()
		}
	})
}

// An option that panics is a bug of the option: the panic passes through.
func TestOptionsFaultPanic(t *testing.T) {
	defer func() {
		if value := recover(); value != "broken" {
			t.Errorf("recovered %v", value)
		}
	}()
	_, _ = NewFetcher("http://example.com", func(*fetcherConfig) error { panic("broken") })
}

func TestOptionsConcurrent(t *testing.T) {
	option := WithFetchOptions(WithFetchHeader("A", "1"), WithFetchLimit(2))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			f, err := NewFetcher("http://example.com", option, WithFetchHeader("B", "2"))
			if err != nil || len(f.config.header) != 2 {
				t.Errorf("%v, %v", f, err)
			}
		})
	}
	wg.Wait()
}

// optionsCalled is WithFetchLimit behind a call that is not inlined.
//
//go:noinline
func optionsCalled(bytes int64) FetcherOption { return WithFetchLimit(bytes) }

// Functional options usually allocate nothing. You may read that each option
// costs an allocation for its closure. That is so only if the closure outlives
// the function that makes it. If this function is inlined, and the constructor
// calls the options without keeping them, the closures are on the stack of the
// caller: three options allocate no more than none. If the functions are not
// inlined, each option allocates once, here three more.
//
//claim:ask Do functional options allocate?
//claim:expect extra-allocs/op of=inlined == 0
//claim:expect extra-allocs/op of=called == 3
//claim:source https://go.dev/doc/faq#stack_or_heap
func BenchmarkOptions(b *testing.B) {
	none := testing.AllocsPerRun(100, func() { _, _ = NewFetcher("http://example.com") })
	limit := int64(1000)
	for _, kind := range []struct {
		of  string
		run func() (*Fetcher, error)
	}{
		{"none", func() (*Fetcher, error) { return NewFetcher("http://example.com") }},
		{"inlined", func() (*Fetcher, error) {
			return NewFetcher("http://example.com", WithFetchLimit(limit), WithFetchLimit(limit+1), WithFetchLimit(limit+2))
		}},
		{"called", func() (*Fetcher, error) {
			return NewFetcher("http://example.com", optionsCalled(limit), optionsCalled(limit+1), optionsCalled(limit+2))
		}},
	} {
		b.Run("of="+kind.of, func(b *testing.B) {
			extra := testing.AllocsPerRun(100, func() { _, _ = kind.run() }) - none
			b.ReportAllocs()
			for b.Loop() {
				_, _ = kind.run()
			}
			b.ReportMetric(extra, "extra-allocs/op")
		})
	}
}
