package interfaces

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeGateway is the dependency of fakePay, the code under test.
type fakeGateway interface {
	Balance(user string) (int, error)
	Charge(user string, amount int) error
}

var errFakePoor = errors.New("balance too low")

func fakePay(g fakeGateway, user string, amount int) error {
	balance, err := g.Balance(user)
	if err != nil {
		return err
	}
	if balance < amount {
		return errFakePoor
	}
	return g.Charge(user, amount)
}

// A stub has fixed answers. A spy notes the calls and answers little.
type (
	fakeStub struct{ balance int }
	fakeSpy  struct {
		fakeStub
		charged []string
	}
)

func (s fakeStub) Balance(string) (int, error) { return s.balance, nil }
func (s fakeStub) Charge(string, int) error    { return nil }

func (s *fakeSpy) Charge(user string, amount int) error {
	s.charged = append(s.charged, fmt.Sprint(user, " ", amount))
	return nil
}

// fakeBank is a fake: it works, with state, in memory.
type fakeBank map[string]int

func (b fakeBank) Balance(user string) (int, error) { return b[user], nil }
func (b fakeBank) Charge(user string, amount int) error {
	b[user] -= amount
	return nil
}

// fakeMock expects exact calls in an exact order.
type fakeMock struct {
	want     []string
	mismatch string
}

func (m *fakeMock) call(got string) {
	if len(m.want) == 0 || m.want[0] != got {
		m.mismatch = fmt.Sprintf("got %q, want %q", got, m.want)
		return
	}
	m.want = m.want[1:]
}

func (m *fakeMock) Balance(user string) (int, error) {
	m.call("Balance " + user)
	return 100, nil
}

func (m *fakeMock) Charge(user string, amount int) error {
	m.call(fmt.Sprint("Charge ", user, " ", amount))
	return nil
}

// A stub gives fixed answers, to lead the code into a branch. A spy also notes the calls,
// for the test to look at afterwards. A fake is a working implementation that is too simple
// for production, such as a map for a database. A mock knows beforehand which calls are to
// come, and is itself the assertion. In Go all four are small types that satisfy the
// interface of the consumer; none needs a generator or a library.
//
//claim:ask What is the difference between a stub, a spy, a fake and a mock?
//claim:source https://go.dev/ref/spec#Implementing_an_interface
func TestFakeKinds(t *testing.T) {
	require.ErrorIs(t, fakePay(fakeStub{5}, "ada", 7), errFakePoor)

	spy := &fakeSpy{fakeStub: fakeStub{10}}
	require.NoError(t, fakePay(spy, "ada", 7))
	require.Equal(t, []string{"ada 7"}, spy.charged)

	bank := fakeBank{"ada": 10}
	require.NoError(t, fakePay(bank, "ada", 7))
	require.ErrorIs(t, fakePay(bank, "ada", 7), errFakePoor, "it has state: 3 are left")

	mock := &fakeMock{want: []string{"Balance ada", "Charge ada 7"}}
	require.NoError(t, fakePay(mock, "ada", 7))
	require.Empty(t, mock.mismatch)
	require.Empty(t, mock.want)
}

// fakePayTwice does the same as fakePay and asks for the balance once more.
func fakePayTwice(g fakeGateway, user string, amount int) error {
	if _, err := g.Balance(user); err != nil {
		return err
	}
	return fakePay(g, user, amount)
}

// A test with a mock asserts how the code works, so a change that keeps the result breaks
// it: one more read, another order of independent calls. A test with a fake looks at the
// result, and stays. Assert calls when the call is the result, such as a mail that is sent;
// otherwise assert state.
//
//claim:ask Why do tests with mocks break when I refactor?
//claim:source https://go.dev/wiki/TestComments
func TestFakeOrMock(t *testing.T) {
	for name, pay := range map[string]func(fakeGateway, string, int) error{"before": fakePay, "after": fakePayTwice} {
		bank := fakeBank{"ada": 10}
		require.NoError(t, pay(bank, "ada", 7))
		require.Equal(t, 3, bank["ada"], name)

		mock := &fakeMock{want: []string{"Balance ada", "Charge ada 7"}}
		require.NoError(t, pay(mock, "ada", 7))
		require.Equal(t, name == "after", mock.mismatch != "", name)
	}
}

// fakeFuncs has a field for each method, which each test fills as it likes.
type fakeFuncs struct {
	balance func(user string) (int, error)
	charge  func(user string, amount int) error
}

func (f fakeFuncs) Balance(user string) (int, error) {
	if f.balance == nil {
		panic("fakeFuncs: unexpected Balance(" + user + ")")
	}
	return f.balance(user)
}

func (f fakeFuncs) Charge(user string, amount int) error {
	if f.charge == nil {
		panic(fmt.Sprintf("fakeFuncs: unexpected Charge(%s, %d)", user, amount))
	}
	return f.charge(user, amount)
}

// Write a struct with a function field for each method, and methods that call the fields.
// Each test sets what it needs as a closure over its own variables, in the test itself,
// where it can be read. A field that is not set should panic with the name of the method
// and its arguments: a plain call of a nil function says only that an address is invalid.
// Calls from several goroutines need a mutex in the closure.
//
//claim:ask How do I write a mock by hand, without a generator?
//claim:source https://go.dev/ref/spec#Function_literals
func TestFakeFuncFields(t *testing.T) {
	offline := errors.New("offline")
	require.ErrorIs(t, fakePay(fakeFuncs{balance: func(string) (int, error) { return 0, offline }}, "ada", 7), offline)

	var mu sync.Mutex
	charged := 0
	gateway := fakeFuncs{
		balance: func(string) (int, error) { return 100, nil },
		charge: func(_ string, amount int) error {
			mu.Lock()
			defer mu.Unlock()
			charged += amount
			return nil
		},
	}
	var payers sync.WaitGroup
	for range 4 {
		payers.Go(func() { _ = fakePay(gateway, "ada", 7) })
	}
	payers.Wait()
	require.Equal(t, 28, charged)

	require.PanicsWithValue(t, "fakeFuncs: unexpected Balance(ada)", func() { _ = fakePay(fakeFuncs{}, "ada", 7) })
	message := func() (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		var unset func()
		unset()
		return ""
	}()
	require.Contains(t, message, "nil pointer dereference")
}

// fakePartial implements one method of two; the interface inside is nil.
type fakePartial struct {
	fakeGateway
	balance int
}

func (p fakePartial) Balance(string) (int, error) { return p.balance, nil }

// Embed the interface in the fake and write the methods that the test reaches. The struct
// has all methods, promoted from an embedded interface that is nil, so it compiles, and a
// method you did not write panics with a nil pointer dereference. That is useful against a
// large interface that you cannot change. It also keeps compiling when the interface grows:
// nobody is told that a new method is not faked. With a real value inside, the same struct
// overrides single methods.
//
//claim:ask How do I fake one method of an interface that has twenty?
//claim:source https://go.dev/ref/spec#Struct_types
func TestFakePartial(t *testing.T) {
	require.ErrorIs(t, fakePay(fakePartial{balance: 5}, "ada", 7), errFakePoor)
	require.Panics(t, func() { _ = fakePay(fakePartial{balance: 10}, "ada", 7) }, "Charge is not written")

	bank := fakeBank{"ada": 1}
	require.NoError(t, fakePay(fakePartial{bank, 10}, "ada", 7), "a real one inside, with another balance")
	require.Equal(t, -6, bank["ada"])

	check := func(methods string) []string {
		return consumerErrors(consumerSources{"main": `type big interface{ ` + methods + ` }
			type partial struct{ big }
			func (partial) A() {}
			type full struct{}
			func (full) A() {}
			func (full) B() {}
			var _ big = partial{}
			var _ big = full{}`})
	}
	require.Empty(t, check("A(); B()"))
	errs := check("A(); B(); C()")
	require.Len(t, errs, 1)
	require.Contains(t, errs[0], "full does not implement big")
}

// fakeStoreContract returns the rules of injectStore that an implementation breaks.
func fakeStoreContract(newStore func() injectStore) (broken []string) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rule := func(text string, holds func(s injectStore) bool) {
		if !holds(newStore()) {
			broken = append(broken, text)
		}
	}
	rule("an unknown id is not found", func(s injectStore) bool {
		_, ok := s.Load("a")
		return !ok
	})
	rule("what is saved is found", func(s injectStore) bool {
		err := s.Save("a", at)
		until, ok := s.Load("a")
		return err == nil && ok && until.Equal(at)
	})
	rule("the last save wins", func(s injectStore) bool {
		_ = s.Save("a", at)
		_ = s.Save("a", at.Add(1))
		until, _ := s.Load("a")
		return until.Equal(at.Add(1))
	})
	return broken
}

// fakeFirstWins is a fake with a mistake.
type fakeFirstWins struct{ injectMemory }

func (f fakeFirstWins) Save(id string, until time.Time) error {
	if _, ok := f.injectMemory[id]; ok {
		return nil
	}
	return f.injectMemory.Save(id, until)
}

// Write the rules of the interface once, as a test that gets a constructor, and run it
// against the real implementation and the fake. A fake that differs is found there, and not
// after months of tests that were green for the wrong reason. The compiler checks the
// signatures only; what the methods mean is in the contract. The standard library has such
// tests: testing/fstest.TestFS, testing/iotest.TestReader, testing/slogtest.
//
//claim:ask How do I know that my fake behaves like the real thing?
//claim:source https://pkg.go.dev/testing/fstest#TestFS
//claim:source https://pkg.go.dev/testing/iotest#TestReader
func TestFakeContract(t *testing.T) {
	require.Empty(t, fakeStoreContract(func() injectStore { return injectMemory{} }))
	require.Equal(t, []string{"the last save wins"},
		fakeStoreContract(func() injectStore { return fakeFirstWins{injectMemory{}} }))

	require.NoError(t, iotest.TestReader(strings.NewReader("text"), []byte("text")))
	forgetful := ReaderFunc(func(p []byte) (int, error) { return copy(p, "text"), io.EOF })
	require.Error(t, iotest.TestReader(forgetful, []byte("text")), "text again after the end")
}

// fakeConfig reads a file from any file system.
func fakeConfig(files fs.FS) (string, error) {
	text, err := fs.ReadFile(files, "app/config.txt")
	return strings.TrimSpace(string(text)), err
}

// Take an fs.FS, not a path: production passes os.DirFS or an embed.FS, a test an
// fstest.MapFS, which is a map literal. The errors are the same fs.ErrNotExist, so that
// branch is tested without a disk as well. fs.FS only reads; for writing declare the
// interface you need. A faulty disk is one more type with Open.
//
//claim:ask How do I test code that reads files without files?
//claim:source https://pkg.go.dev/testing/fstest#MapFS
func TestFakeFiles(t *testing.T) {
	text, err := fakeConfig(fstest.MapFS{"app/config.txt": {Data: []byte("debug\n")}})
	require.NoError(t, err)
	require.Equal(t, "debug", text)
	_, err = fakeConfig(fstest.MapFS{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = fakeConfig(fakeFaultyDisk{})
	require.ErrorIs(t, err, errFakeDisk)
}

var errFakeDisk = errors.New("input/output error")

type fakeFaultyDisk struct{}

func (fakeFaultyDisk) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errFakeDisk}
}

// fakeTransport is a function in the place of the network.
type fakeTransport func(*http.Request) (*http.Response, error)

func (f fakeTransport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func fakeStatus(client *http.Client, url string) (int, error) {
	response, err := client.Get(url)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return response.StatusCode, nil
}

// Replace the Transport of the http.Client: http.RoundTripper has one method, so a function
// type is a fake of the network, with any answer and any error, and the client code around
// it is the real one, redirects included. Code that calls http.Get cannot be faked this
// way, except by changing http.DefaultClient for the whole process, so take a *http.Client
// as a parameter. httptest.NewServer is the other way, with real connections. An interface
// around http.Client itself is rarely needed.
//
//claim:ask How do I test code that calls an HTTP API without a server?
//claim:source https://pkg.go.dev/net/http#RoundTripper
func TestFakeTransport(t *testing.T) {
	var asked []string
	client := &http.Client{Transport: fakeTransport(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.Path)
		recorder := httptest.NewRecorder()
		if r.URL.Path == "/old" {
			http.Redirect(recorder, r, "/new", http.StatusFound)
		} else {
			recorder.WriteHeader(http.StatusTeapot)
		}
		return recorder.Result(), nil
	})}
	status, err := fakeStatus(client, "http://example.com/old")
	require.NoError(t, err)
	require.Equal(t, http.StatusTeapot, status)
	require.Equal(t, []string{"/old", "/new"}, asked, "the client follows the redirect")

	client.Transport = fakeTransport(func(*http.Request) (*http.Response, error) { return nil, errFakeDisk })
	_, err = fakeStatus(client, "http://example.com/")
	require.ErrorIs(t, err, errFakeDisk)
}
