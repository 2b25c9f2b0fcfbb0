package errors

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// apiStore is a package of its own in real life, and may be implemented by a
// table, a file or a service.
type apiStore interface {
	// Get returns the value of key, or an error that matches errAPINotFound.
	Get(key string) (string, error)
}

var errAPINotFound = errors.New("store: not found")

// apiLeaky hands out what its driver returns.
type apiLeaky struct{ cause error }

func (s apiLeaky) Get(key string) (string, error) { return "", fmt.Errorf("get %q: %w", key, s.cause) }

// apiTight translates what it knows and hides the rest.
type apiTight struct{ cause error }

func (s apiTight) Get(key string) (string, error) {
	if errors.Is(s.cause, sql.ErrNoRows) || errors.Is(s.cause, fs.ErrNotExist) {
		return "", fmt.Errorf("get %q: %w", key, errAPINotFound)
	}
	return "", fmt.Errorf("get %q: %v", key, s.cause)
}

// With %w the callers of your store can write errors.Is(err, sql.ErrNoRows),
// and they break when the database changes. From then on the driver is part of
// your API, and with another database their code takes the wrong branch without
// a compile error. So the package at the boundary translates what it knows to
// its own sentinel, and cuts the rest with %v: the text is kept for the log.
// Inside of the package wrap as you like. An adapter whose purpose is one
// driver, and that says so, may pass its errors on.
//
//claim:ask My store wraps sql.ErrNoRows with %w. What breaks when I change the database?
//claim:source https://go.dev/blog/go1.13-errors
func TestApiDriver(t *testing.T) {
	caller := func(s apiStore, missing error) string {
		_, err := s.Get("a")
		if errors.Is(err, missing) {
			return "create"
		}
		return "give up"
	}
	assert.Equal(t, "create", caller(apiLeaky{sql.ErrNoRows}, sql.ErrNoRows))
	assert.Equal(t, "give up", caller(apiLeaky{fs.ErrNotExist}, sql.ErrNoRows), "the new database")
	assert.Equal(t, "create", caller(apiTight{sql.ErrNoRows}, errAPINotFound))
	assert.Equal(t, "create", caller(apiTight{fs.ErrNotExist}, errAPINotFound))
	_, err := apiTight{io.ErrUnexpectedEOF}.Get("a")
	assert.EqualError(t, err, `get "a": unexpected EOF`)
	assert.NotErrorIs(t, err, io.ErrUnexpectedEOF, "the text only")
}

// The errors of an interface belong in its comment and in a contract test: one
// test function that takes any implementation, runs it into each documented
// failure and asks errors.Is. Each implementation calls it, as readers call
// iotest.TestReader and file systems fstest.TestFS. Without that the second
// implementation returns an error of its own, callers compile, and fail at run
// time. An error that the interface does not name is no promise, even if all
// implementations return it today.
//
//claim:ask How do you make sure that all implementations of an interface return the same errors?
//claim:source https://pkg.go.dev/testing/fstest#TestFS
func TestApiContract(t *testing.T) {
	contract := func(t assert.TestingT, s apiStore) {
		_, err := s.Get("missing")
		assert.ErrorIs(t, err, errAPINotFound)
	}
	contract(t, apiTight{fs.ErrNotExist})
	contract(t, apiTight{sql.ErrNoRows})
	assert.True(t, testerrFails(func(t assert.TestingT) { contract(t, apiLeaky{sql.ErrNoRows}) }))
	assert.NoError(t, fstest.TestFS(fstest.MapFS{"a": {}}, "a"))
}

// apiUser is what the getters below look for.
type apiUser struct{ name string }

// With return nil, nil every caller must know that nil means not found, and
// check twice. Those who check err only, as for any other function, use a nil
// pointer. Return an error for not found, or a bool: value, ok, err is clumsy,
// but it cannot be overlooked. A nil slice or map is another matter: no results
// is a normal answer, and callers can range over nil.
//
//claim:ask What is wrong with return nil, nil for "not found"?
//claim:source https://go.dev/wiki/CodeReviewComments#in-band-errors
func TestApiNilNil(t *testing.T) {
	users := map[int]*apiUser{7: {"ada"}}
	find := func(id int) (*apiUser, error) { return users[id], nil }
	greet := func(id int) (string, error) {
		u, err := find(id)
		if err != nil {
			return "", err
		}
		return "hello " + u.name, nil
	}
	text, err := greet(7)
	assert.NoError(t, err)
	assert.Equal(t, "hello ada", text)
	assert.Panics(t, func() { _, _ = greet(8) })

	honest := func(id int) (*apiUser, error) {
		if u, ok := users[id]; ok {
			return u, nil
		}
		return nil, fmt.Errorf("user %d: %w", id, NotFound)
	}
	_, err = honest(8)
	assert.ErrorIs(t, err, NotFound)
	list := func(prefix string) (found []*apiUser, err error) { return nil, nil }
	found, err := list("x")
	assert.NoError(t, err)
	for range found {
		t.Error("nothing to see")
	}
}

// The other results may be used beside an error only if the documentation says so. By
// convention the other results are zero or meaningless beside an error, and returning zero
// values makes misuse visible. Known exceptions: Read and Write return how many bytes were
// done, io.ReadAll what was read before, strconv the nearest value for ErrRange. If your
// function is such an exception, say it in its first sentences.
//
//claim:ask A function returned an error. May I use its other results?
//claim:source https://pkg.go.dev/io#ReadAll
//claim:source https://pkg.go.dev/io#Reader
func TestApiValueAndError(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("half"), iotestErrReader{io.ErrUnexpectedEOF})
	data, err := io.ReadAll(broken)
	assert.Equal(t, "half", string(data))
	assert.Equal(t, io.ErrUnexpectedEOF, err)

	n, err := io.ReadFull(strings.NewReader("abc"), make([]byte, 8))
	assert.Equal(t, 3, n)
	assert.Equal(t, io.ErrUnexpectedEOF, err)
	big, err := strconv.ParseInt("999", 10, 8)
	assert.EqualValues(t, 127, big)
	assert.ErrorIs(t, err, strconv.ErrRange)

	file, err := os.Open("/missing/a.txt")
	assert.Nil(t, file, "the usual case")
	assert.Error(t, err)
	assert.ErrorIs(t, file.Close(), os.ErrInvalid, "methods of a nil file return an error")
}

// apiShort writes at most three bytes and, with honest true, says so.
type apiShort struct {
	strings.Builder
	honest bool
}

func (w *apiShort) Write(p []byte) (int, error) {
	n, _ := w.Builder.Write(p[:min(3, len(p))])
	if w.honest && n < len(p) {
		return n, errCleanupDisk
	}
	return n, nil
}

// A writer that returns n < len(p) without an error breaks its contract: Write
// must return an error if it wrote less than it was given. io.Copy and
// bufio.Writer look for that and return io.ErrShortWrite; fmt.Fprint and
// io.WriteString pass n and nil on, so the loss is silent. Beside an error n
// counts too: the first n bytes are out, and a retry must begin behind them, or
// it writes them twice.
//
//claim:ask Write returned n < len(p) and a nil error. Who notices?
//claim:source https://pkg.go.dev/io#Writer
//claim:source https://pkg.go.dev/io#pkg-variables
func TestApiShortWrite(t *testing.T) {
	var w apiShort
	n, err := fmt.Fprint(&w, "abcdef")
	assert.Equal(t, 3, n)
	assert.NoError(t, err, "nobody noticed")
	_, err = io.Copy(&w, apiOnlyReader{strings.NewReader("abcdef")})
	assert.Equal(t, io.ErrShortWrite, err)
	buffered := bufio.NewWriter(&w)
	_, err = buffered.WriteString("abcdef")
	require.NoError(t, err)
	assert.Equal(t, io.ErrShortWrite, buffered.Flush())

	resume, text := apiShort{honest: true}, "abcdef"
	for len(text) > 0 {
		n, err := resume.Write([]byte(text))
		assert.Equal(t, len(text) > 3, err != nil)
		text = text[n:]
	}
	assert.Equal(t, "abcdef", resume.String())
}

// apiOnlyReader hides the method WriteTo.
type apiOnlyReader struct{ io.Reader }

// A function returns a bool if there is exactly one reason, and the caller
// expects it: an entry is there or not. Maps, channels and type assertions do
// it, os.LookupEnv, sync.Map.Load, strings.Cut. An error if there are several
// reasons, or if the reason must travel up through layers: a bool says nothing
// after two returns. Something that starts with a bool and then goes over a
// network has to change its signature, so an interface that may get a remote
// implementation should return an error from the beginning.
//
//claim:ask When does a function return ok bool instead of an error?
//claim:source https://go.dev/wiki/CodeReviewComments#in-band-errors
func TestApiOk(t *testing.T) {
	t.Setenv("GODEEP_EMPTY", "")
	value, ok := os.LookupEnv("GODEEP_EMPTY")
	assert.True(t, ok)
	assert.Empty(t, value, "os.Getenv alone could not tell")
	before, after, ok := strings.Cut("key", "=")
	assert.Equal(t, [2]string{"key", ""}, [2]string{before, after})
	assert.False(t, ok)

	// Through layers: the bool has to become an error, and then it names the reason.
	config := map[string]string{"port": "x"}
	port := func(key string) (int, error) {
		text, ok := config[key]
		if !ok {
			return 0, fmt.Errorf("%s: %w", key, NotFound)
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", key, err)
		}
		return n, nil
	}
	_, err := port("host")
	assert.ErrorIs(t, err, NotFound)
	_, err = port("port")
	assert.ErrorIs(t, err, strconv.ErrSyntax)
}

// apiResult is the type that people bring from other languages.
type apiResult[T any] struct {
	Value T
	Err   error
}

// A Result[T] type can be written in a few lines, but the compiler helps less
// with it than with two results. Two results must be received, and a variable
// err that nobody reads does not compile; a field that nobody reads does. All
// libraries return two values as well. A struct of value and error is right
// where one value is needed: an element of a channel or of a slice. It takes
// the space of both.
//
//claim:ask Why does nobody use a generic Result[T] type in Go?
//claim:source https://go.dev/ref/spec#Struct_types
//claim:source https://go.dev/doc/faq#exceptions
func TestApiResult(t *testing.T) {
	assert.Equal(t, []string{"declared and not used: err"}, shadowTypeErrors(t, `package p
		func f() (int, error)
		func g() int { v, err := f(); return v }`))
	assert.Len(t, shadowTypeErrors(t, `package p
		func f() (int, error)
		func g() int { v := f(); return v }`), 1, "one variable for two results")
	assert.Empty(t, shadowTypeErrors(t, `package p
		type result[T any] struct { Value T; Err error }
		func f() result[int]
		func g() int { return f().Value }`), "the error is not read, and it compiles")

	results := make(chan apiResult[int], 2)
	for _, text := range []string{"1", "x"} {
		n, err := strconv.Atoi(text)
		results <- apiResult[int]{n, err}
	}
	assert.NoError(t, (<-results).Err)
	assert.ErrorIs(t, (<-results).Err, strconv.ErrSyntax)
	assert.Equal(t, unsafe.Sizeof(int64(0))+unsafe.Sizeof(error(nil)), unsafe.Sizeof(apiResult[int64]{}))
}

// errAPIUserNotFound is the special case of errAPINotFound.
var errAPIUserNotFound = fmt.Errorf("user: %w", errAPINotFound)

// A special sentinel is made by wrapping the general one, once, at package level: var
// ErrUserNotFound = fmt.Errorf("user: %w", ErrNotFound). errors.Is finds both, old callers
// keep working, and new ones can ask more precisely. It is also how several special errors
// share one class. The reverse does not hold: the general error is not the special one. Two
// sentinels that are made by the same line are different errors all the same.
//
//claim:ask How do I make a more specific sentinel error that old callers still recognise?
//claim:source https://pkg.go.dev/errors#Is
func TestApiHierarchy(t *testing.T) {
	err := fmt.Errorf("load 7: %w", errAPIUserNotFound)
	assert.ErrorIs(t, err, errAPIUserNotFound)
	assert.ErrorIs(t, err, errAPINotFound)
	assert.NotErrorIs(t, fmt.Errorf("load 7: %w", errAPINotFound), errAPIUserNotFound)
	other := fmt.Errorf("user: %w", errAPINotFound)
	assert.Equal(t, other.Error(), errAPIUserNotFound.Error())
	assert.NotErrorIs(t, err, other)
}

// apiFS answers each Open with one error.
type apiFS struct{ err error }

func (f apiFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: f.err}
}

// In an fs.FS a missing file must match fs.ErrNotExist, a forbidden one
// fs.ErrPermission, a name that is not valid fs.ErrInvalid or again
// fs.ErrNotExist, each in an *fs.PathError. Those who use a file system decide
// by that: http.FileServerFS answers 404 or 403 for them and 500 for every
// other error. If your store has a sentinel of its own, wrap both, or give it a
// method Is that matches fs.ErrNotExist.
//
//claim:ask I implement fs.FS over a database. Which errors must Open return?
//claim:source https://pkg.go.dev/io/fs#FS
//claim:source net/http/fs.go
func TestApiFS(t *testing.T) {
	status := func(err error) int {
		w := httptest.NewRecorder()
		http.FileServerFS(apiFS{err}).ServeHTTP(w, httptest.NewRequest("GET", "/a.txt", nil))
		return w.Code
	}
	assert.Equal(t, 404, status(fs.ErrNotExist))
	assert.Equal(t, 403, status(fs.ErrPermission))
	assert.Equal(t, 500, status(errors.New("no such row")))
	assert.Equal(t, 500, status(errAPINotFound), "a sentinel that nobody else knows")
	assert.Equal(t, 404, status(fmt.Errorf("%w: %w", errAPINotFound, fs.ErrNotExist)))
	_, err := os.DirFS(t.TempDir()).Open("../a")
	assert.ErrorIs(t, err, fs.ErrInvalid)
	_, err = fstest.MapFS{}.Open("../a")
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// apiAccount is a remote service: it does what it is asked, and its answers may get lost.
type apiAccount struct {
	balance int
	seen    map[string]bool
	lose    bool
}

func (a *apiAccount) deposit(key string, amount int) error {
	if key == "" || !a.seen[key] {
		a.balance += amount
		a.seen[key] = true
	}
	if a.lose {
		a.lose = false
		return DeadlineExceeded // the answer did not come
	}
	return nil
}

// Whether a failed remote call took effect is often unknown. A refusal, such as
// InvalidArgument, says that nothing was done. A timeout, a broken connection
// or a canceled context only says that no answer came: the request may never
// have arrived, or the work is done and the answer is lost. To try again is
// safe if the request carries a key by which the server recognises it, or if
// doing it twice is the same as once. An error for the user should say that
// too: not "failed", but "not known whether".
//
//claim:ask A remote call returned an error. Did it take effect?
//claim:source https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
func TestApiUnknownOutcome(t *testing.T) {
	transfer := func(key string) int {
		account := apiAccount{seen: map[string]bool{}, lose: true}
		for account.deposit(key, 100) != nil {
		}
		return account.balance
	}
	assert.Equal(t, 200, transfer(""), "done twice, and one error")
	assert.Equal(t, 100, transfer("request 7"))
}

// A constant that is inserted in the middle gives all later codes another
// number, and clients that are running keep the old ones. With iota nothing
// tells you: both sides compile, and the server means another class than the
// client. Add new ones at the end, never reuse a number, and write the values
// out or pin them by a test, as here for [Code]. For a text code, such as
// "not_found", the same holds for its spelling.
//
//claim:ask My error codes are iota constants. What breaks if I insert one in the middle?
//claim:source https://go.dev/ref/spec#Iota
func TestApiStableCodes(t *testing.T) {
	const (
		oldOK = iota
		oldNotFound
		oldConflict
	)
	const (
		newOK = iota
		newNotFound
		newGone // inserted
		newConflict
	)
	assert.Equal(t, [2]int{oldOK, oldNotFound}, [2]int{newOK, newNotFound})
	assert.Equal(t, oldConflict, newGone, "what an old client takes for a conflict")
	assert.NotEqual(t, oldConflict, newConflict)

	for code, number := range map[Code]int{OK: 0, InvalidArgument: 3, NotFound: 5, Aborted: 10, Unavailable: 14, Unauthenticated: 16} {
		assert.Equal(t, number, int(code), "clients have stored this")
	}
}

// Error messages are translated at the edge, by the code and the data of the
// error, and never by its text. The error carries what the sentence needs, such
// as the limit and the number asked for, and one table per language has the
// sentences. The text of Error stays in one language, that of the developers,
// so that logs can be searched. A language without an entry falls back to the
// default, and a code without one to a general sentence.
//
//claim:ask How do you show error messages in the language of the user?
//claim:source https://go.dev/wiki/CodeReviewComments#error-strings
func TestApiLanguages(t *testing.T) {
	sentences := map[string]map[Code]string{
		"en": {OutOfRange: "At most %d bytes are allowed, not %d.", Unknown: "Something went wrong."},
		"de": {OutOfRange: "Erlaubt sind %d Bytes, nicht %d."},
	}
	translate := func(language string, err error) string {
		for _, l := range []string{language, "en"} {
			if quota, ok := errors.AsType[*sentinelQuotaError](err); ok && sentences[l] != nil {
				return fmt.Sprintf(sentences[l][OutOfRange], quota.limit, quota.asked)
			}
			if sentence, ok := sentences[l][CodeOf(err)]; ok {
				return sentence
			}
		}
		return sentences["en"][Unknown]
	}
	err := fmt.Errorf("upload: %w", &sentinelQuotaError{limit: 10, asked: 25})
	assert.Equal(t, "Erlaubt sind 10 Bytes, nicht 25.", translate("de", err))
	assert.Equal(t, "At most 10 bytes are allowed, not 25.", translate("fr", err))
	assert.Equal(t, "Something went wrong.", translate("de", Internal))
	assert.EqualError(t, err, "upload: store: 25 bytes asked, limit is 10", "one language in the log")
}

// An initialisation that can fail by data from outside belongs in a constructor
// that returns an error, called by main. A package variable and func init
// cannot return one: they panic, or store it where somebody has to ask for it,
// in every program and every test that imports the package, before main can set
// up logging or read a flag. If the work shall start at the first use,
// sync.OnceValues runs it once and returns the same value and the same error to
// all callers, also later, when the cause is gone.
//
//claim:ask An initialisation can fail. Package variable, init, constructor or sync.OnceValues?
//claim:source https://go.dev/ref/spec#Package_initialization
//claim:source https://pkg.go.dev/sync#OnceValues
func TestApiInit(t *testing.T) {
	calls := 0
	limit := sync.OnceValues(func() (int, error) {
		calls++
		if calls == 1 {
			return 0, Unavailable
		}
		return 7, nil
	})
	for range 3 {
		n, err := limit()
		assert.Zero(t, n)
		assert.ErrorIs(t, err, Unavailable, "kept")
	}
	assert.Equal(t, 1, calls)
	assert.Equal(t, []string{"func init must have no arguments and no return values"}, shadowTypeErrors(t, `package p
		func init() error { return nil }`))
	assert.Len(t, shadowTypeErrors(t, `package p
		func load() (int, error)
		var limit = load()`), 1)
	assert.Empty(t, shadowTypeErrors(t, `package p
		func load() (int, error)
		var limit, errLimit = load()`), "allowed, and then every user has to ask errLimit")
}

// Beside an error a constructor should return nil. A constructor that returns a half-built
// object beside the error invites its use: the object works until somebody touches the part
// that is missing. With nil the mistake shows at the first access to a field. The object
// should be complete after the constructor, so that its methods need not check it again. A
// zero value that is documented to be usable needs no constructor at all.
//
//claim:ask What should a constructor return beside an error?
//claim:source https://go.dev/doc/effective_go#composite_literals
func TestApiConstructor(t *testing.T) {
	type client struct {
		name string
		dial func() error
	}
	half := func(dial func() error) (*client, error) {
		c := &client{name: "c"}
		if dial == nil {
			return c, InvalidArgument
		}
		c.dial = dial
		return c, nil
	}
	whole := func(dial func() error) (*client, error) {
		if dial == nil {
			return nil, InvalidArgument
		}
		return &client{"c", dial}, nil
	}
	careless, _ := half(nil)
	assert.Equal(t, "c", careless.name, "works so far")
	assert.Panics(t, func() { _ = careless.dial() }, "much later")
	none, err := whole(nil)
	assert.Error(t, err)
	assert.Panics(t, func() { _ = none.name }, "at the first use")
	c, err := whole(func() error { return nil })
	assert.NoError(t, err)
	assert.NoError(t, c.dial())
}
