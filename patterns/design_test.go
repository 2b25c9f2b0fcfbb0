package patterns

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unique"
	"unsafe"
)

// designCompile type-checks the text of a package without imports.
func designCompile(t *testing.T, text string) error {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\n"+text, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = new(types.Config).Check("p", fset, []*ast.File{file}, nil)
	return err
}

// A designStore is the small interface that the patterns of TestDesignPatterns
// share.
type designStore interface{ Get(key string) string }

// designStoreFunc is the adapter: it makes a designStore of a function.
type designStoreFunc func(key string) string

func (f designStoreFunc) Get(key string) string { return f(key) }

// designCounted is the decorator.
type designCounted struct {
	designStore
	calls int
}

func (c *designCounted) Get(key string) string {
	c.calls++
	return c.designStore.Get(key)
}

// The classic patterns that vary behaviour fit, and they need no class
// hierarchy: strategy is a function value or a small interface, factory a
// function that returns an interface, decorator a value that has the same
// interface and holds another one, adapter a type with one method, observer a
// list of callbacks. Implementing an interface needs no declaration, so each
// works for types of other packages as well. Patterns that exist to work around
// missing features, such as iterator and visitor, shrink to range-over-func and
// a type switch.
//
//claim:ask Which classic design patterns fit Go, and how do they look without inheritance?
//claim:source https://go.dev/doc/faq#Is_Go_an_object-oriented_language
func TestDesignPatterns(t *testing.T) {
	factory := func(kind string) designStore {
		if kind == "upper" {
			return designStoreFunc(strings.ToUpper) // a function as adapter
		}
		return designStoreFunc(strings.TrimSpace) // and another strategy
	}
	var observed []string
	observer := func(key string) { observed = append(observed, key) }

	store := &designCounted{designStore: factory("upper")}
	read := func(key string) string { // sees the interface only
		observer(key)
		return designStore(store).Get(key)
	}
	if read("a") != "A" || read("b") != "B" || store.calls != 2 || !slices.Equal(observed, []string{"a", "b"}) {
		t.Errorf("%d calls, observed %v", store.calls, observed)
	}
	if got := factory("trim").Get(" a "); got != "a" {
		t.Errorf("%q", got)
	}
}

// A strategy is a function value, as long as one function is all there is to
// choose: a comparison for slices.SortFunc, a check, a delay. It is a closure,
// so it can carry settings. An interface pays when a strategy has several
// methods, or a name to print or to compare: functions cannot be compared with
// each other. The func type with a method lets the same parameter take both.
//
//claim:ask How does the strategy pattern look in Go: function or interface?
//claim:source https://pkg.go.dev/slices#SortFunc
func TestDesignStrategy(t *testing.T) {
	type item struct {
		name  string
		price int
	}
	items := []item{{"b", 1}, {"a", 2}}
	order := map[string]func(a, b item) int{
		"price": func(a, b item) int { return cmp.Compare(a.price, b.price) },
		"name":  func(a, b item) int { return strings.Compare(a.name, b.name) },
	}
	for by, first := range map[string]string{"price": "b", "name": "a"} {
		slices.SortFunc(items, order[by])
		if items[0].name != first {
			t.Errorf("by %s: first is %s", by, items[0].name)
		}
	}
	if err := designCompile(t, "func f(g, h func()) bool { return g == h }"); err == nil {
		t.Error("two functions can be compared")
	}
}

// A factory is a function that returns the type, or an interface if the type
// depends on the argument. If the choice comes from text, use a map from name
// to constructor: adding a kind is one line, unknown names give an error
// that lists the known ones. A map in a variable of the program is plain to
// read and to test. Registration in init functions is for plug-ins that the
// program imports for that effect.
//
//claim:ask How do you write a factory in Go?
//claim:source https://go.dev/doc/effective_go#composite_literals
func TestDesignFactory(t *testing.T) {
	kinds := map[string]func(w io.Writer) slog.Handler{
		"json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
	}
	newHandler := func(kind string, w io.Writer) (slog.Handler, error) {
		construct, ok := kinds[kind]
		if !ok {
			return nil, fmt.Errorf("unknown kind %q, want one of %v", kind, slices.Sorted(maps.Keys(kinds)))
		}
		return construct(w), nil
	}
	for kind, want := range map[string]string{"json": `"msg":"hello"`, "text": "msg=hello"} {
		var out strings.Builder
		handler, err := newHandler(kind, &out)
		if err != nil {
			t.Fatal(err)
		}
		slog.New(handler).Info("hello")
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: %s", kind, &out)
		}
	}
	if _, err := newHandler("xml", io.Discard); err == nil || err.Error() != `unknown kind "xml", want one of [json text]` {
		t.Errorf("error %v", err)
	}
}

// A designLogger is the interface of some package that is not ours.
type designLogger interface {
	Printf(format string, args ...any)
}

// designLines is an adapter: it has the methods of one interface, and fulfils
// them by another one.
type designLines struct{ log designLogger }

func (l designLines) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		l.log.Printf("%s", strings.TrimSuffix(line, "\n"))
	}
	return len(p), nil
}

type designLogged []string

func (l *designLogged) Printf(format string, args ...any) {
	*l = append(*l, fmt.Sprintf(format, args...))
}

// Declare a type that holds what you have and has the methods that are asked
// for. Here io.Writer is written in terms of a logger with Printf, so that
// anything that writes text can log. If one function is all you have, the type
// is that function with a method, as http.HandlerFunc is: a conversion adapts
// it. If the methods already match, no adapter is needed at all, because
// interfaces are satisfied without a declaration.
//
//claim:ask How do you adapt a type to an interface that it does not implement?
//claim:source https://pkg.go.dev/net/http#HandlerFunc
func TestDesignAdapter(t *testing.T) {
	var logged designLogged
	if n, err := fmt.Fprintf(designLines{&logged}, "a\nb %d\n", 1); n != 6 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if !slices.Equal(logged, designLogged{"a", "b 1"}) {
		t.Errorf("%q", logged)
	}
	var store designStore = designStoreFunc(strings.ToUpper)
	if store.Get("a") != "A" {
		t.Error("a function is no designStore")
	}
	var _ interface{ Len() int } = new(bytes.Buffer) // never heard of this interface
}

// A designSubject calls its observers.
type designSubject struct {
	mu        sync.Mutex
	observers map[*func(int)]struct{}
}

// Subscribe returns the function that ends the subscription.
func (s *designSubject) Subscribe(observer func(int)) (unsubscribe func()) {
	key := &observer // functions cannot be compared, pointers can
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.observers == nil {
		s.observers = make(map[*func(int)]struct{})
	}
	s.observers[key] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.observers, key)
	}
}

func (s *designSubject) Notify(value int) {
	s.mu.Lock()
	observers := slices.Collect(maps.Keys(s.observers))
	s.mu.Unlock()
	for _, observer := range observers {
		(*observer)(value) // may subscribe and unsubscribe
	}
}

// Keep callbacks, and let Subscribe return a function that unsubscribes:
// functions cannot be compared, so there is no way to find one again. Call them
// without holding the lock, on a copy of the list, or an observer that
// unsubscribes itself deadlocks. Each callback must be quick, because the
// subject waits for it; an observer that works on its own time gets a channel.
// An observer that never unsubscribes stays in the list as long as there is one.
//
//claim:ask How do you implement the observer pattern, and how does an observer unsubscribe?
//claim:source https://pkg.go.dev/context#AfterFunc
func TestDesignObserver(t *testing.T) {
	var subject designSubject
	var all, once []int
	defer subject.Subscribe(func(n int) { all = append(all, n) })()
	var stop func()
	stop = subject.Subscribe(func(n int) {
		once = append(once, n)
		if !subject.mu.TryLock() {
			t.Error("called with the lock held")
		} else {
			subject.mu.Unlock()
		}
		stop() // from inside the callback
	})
	subject.Notify(1)
	subject.Notify(2)
	stop()
	if !slices.Equal(all, []int{1, 2}) || !slices.Equal(once, []int{1}) {
		t.Errorf("%v, %v", all, once)
	}
	if len(subject.observers) != 1 {
		t.Errorf("%d observers left", len(subject.observers))
	}
}

// With a callback the subject waits until the observer has handled the event.
// With a channel it waits until the observer has taken it, or until there is
// room in the buffer: here the third event finds a buffer of two full, and is
// dropped by a select with default. So a channel needs an answer to the
// question what happens to a slow observer: wait, drop, or end it. It also needs
// a goroutine that receives, and somebody who closes it.
//
//claim:ask Observer by callback or by channel: what is the difference?
//claim:source https://go.dev/ref/spec#Select_statements
func TestDesignObserverChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func() { time.Sleep(time.Second) }
		start := time.Now()
		var subject designSubject
		subject.Subscribe(func(int) { slow() })
		for n := range 3 {
			subject.Notify(n)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("callback: the subject waited %v", took)
		}

		start = time.Now()
		events := make(chan int, 2)
		dropped := 0
		for n := range 3 {
			select {
			case events <- n:
			default:
				dropped++
			}
		}
		if took := time.Since(start); took != 0 || dropped != 1 {
			t.Errorf("channel: the subject waited %v, dropped %d", took, dropped)
		}
		close(events)
		handled := 0
		for range events {
			slow()
			handled++
		}
		if handled != 2 || time.Since(start) != 2*time.Second {
			t.Errorf("channel: handled %d in %v", handled, time.Since(start))
		}
	})
}

type designTree struct {
	left, right *designTree
	value       int
}

// All returns the values in order.
func (n *designTree) All() iter.Seq[int] {
	return func(yield func(int) bool) { n.push(yield) }
}

func (n *designTree) push(yield func(int) bool) bool {
	return n == nil || n.left.push(yield) && yield(n.value) && n.right.push(yield)
}

// Return an iter.Seq from a method named All: since Go 1.23 range takes it, and
// slices.Collect, maps.Collect and others do as well. The traversal is an
// ordinary recursive function, needs no goroutine, and stops when yield returns
// false, which is how break arrives. It must not call yield after that: the
// program panics. A goroutine that sends the values into a channel instead stays
// blocked when the loop breaks.
//
//claim:ask How does the iterator pattern look in Go?
//claim:source https://pkg.go.dev/iter
func TestDesignIterator(t *testing.T) {
	leaf := func(n int) *designTree { return &designTree{value: n} }
	tree := &designTree{&designTree{leaf(1), leaf(3), 2}, leaf(5), 4}
	if got := slices.Collect(tree.All()); !slices.Equal(got, []int{1, 2, 3, 4, 5}) {
		t.Errorf("%v", got)
	}
	var some []int
	for n := range tree.All() {
		if n == 3 {
			break
		}
		some = append(some, n)
	}
	if !slices.Equal(some, []int{1, 2}) {
		t.Errorf("until 3: %v", some)
	}

	synctest.Test(t, func(t *testing.T) {
		values, ended := make(chan int), false
		go func() {
			defer close(values)
			for n := range 3 {
				values <- n
			}
			ended = true
		}()
		for range values {
			break
		}
		synctest.Wait()
		if ended {
			t.Error("the sender has ended, although the loop broke")
		}
		for range values { // releases it
		}
	})

	ignoresFalse := func(yield func(int) bool) { yield(1); yield(2) }
	defer func() {
		if value := recover(); value == nil || !strings.Contains(fmt.Sprint(value), "continued iteration") {
			t.Errorf("recovered %v", value)
		}
	}()
	for range ignoresFalse {
		break
	}
	t.Error("no panic")
}

// Rarely, because a type switch over the types of an interface replaces it.
// What is lost is that the compiler finds a forgotten case: a switch without
// one compiles, and runs into its default, which therefore should panic or
// return an error. A visitor interface with one method for each type finds it:
// a new method breaks every visitor that lacks it. Use a visitor if there are
// many visitors in other packages, and a type switch otherwise.
//
//claim:ask Does Go need the visitor pattern?
//claim:source https://go.dev/ref/spec#Type_switches
func TestDesignVisitor(t *testing.T) {
	area := func(shape any) (float64, error) {
		switch shape := shape.(type) {
		case designSquare:
			return shape.side * shape.side, nil
		case designRect:
			return shape.a * shape.b, nil
		default:
			return 0, fmt.Errorf("unknown shape %T", shape)
		}
	}
	for _, c := range []struct {
		shape any
		want  float64
	}{{designSquare{2}, 4}, {designRect{2, 3}, 6}} {
		if got, err := area(c.shape); got != c.want || err != nil {
			t.Errorf("%v: %v, %v", c.shape, got, err)
		}
	}
	if _, err := area("circle"); err == nil {
		t.Error("no error for an unknown shape")
	}

	const shapes = `type Shape interface{ shape() }; type A struct{}; type B struct{}; func (A) shape() {}; func (B) shape() {}
	`
	if err := designCompile(t, shapes+"func name(s Shape) string { switch s.(type) { case A: return `a` }; return `?` }"); err != nil {
		t.Errorf("a type switch without B: %v", err)
	}
	const visitor = "type V interface{ A(); B() }; type mine struct{}; func (mine) A() {}; "
	if err := designCompile(t, visitor+"var _ V = mine{}"); err == nil || !strings.Contains(err.Error(), "missing method B") {
		t.Errorf("a visitor without B: %v", err)
	}
}

type designSquare struct{ side float64 }
type designRect struct{ a, b float64 }

// A designState is a state: a function that does its work and returns the next
// state, or nil at the end.
type designState func(*designLexer) designState

// A designLexer splits text into words and numbers.
type designLexer struct {
	rest   string
	tokens []string
}

func (l *designLexer) run(state designState) []string {
	for state != nil {
		state = state(l)
	}
	return l.tokens
}

func designStart(l *designLexer) designState {
	l.rest = strings.TrimLeft(l.rest, " ")
	switch {
	case l.rest == "":
		return nil
	case l.rest[0] >= '0' && l.rest[0] <= '9':
		return designTake("number", "0123456789")
	default:
		return designTake("word", "abcdefghijklmnopqrstuvwxyz")
	}
}

// designTake returns a state, so that a state can have parameters.
func designTake(kind, letters string) designState {
	return func(l *designLexer) designState {
		n := len(l.rest) - len(strings.TrimLeft(l.rest, letters))
		if n == 0 {
			l.tokens = append(l.tokens, "error at "+l.rest[:1])
			return nil
		}
		l.tokens = append(l.tokens, kind+" "+l.rest[:n])
		l.rest = l.rest[n:]
		return designStart
	}
}

// A state is a function that does the work of that state and returns the next
// one: type state func(*machine) state. The machine is a loop of three lines
// that ends at nil. There is no table and no switch over state numbers, and a
// state with parameters is a closure. If the states must be stored, printed or
// checked for allowed transitions, use constants and a map instead: functions
// cannot be compared with one another.
//
//claim:ask How do you write a state machine in Go without a big switch?
//claim:source https://go.dev/talks/2011/lex.slide
func TestDesignStateMachine(t *testing.T) {
	for text, want := range map[string][]string{
		"":          nil,
		"go 1":      {"word go", "number 1"},
		" 12ab  3 ": {"number 12", "word ab", "number 3"},
		"a ! b":     {"word a", "error at !"},
	} {
		if got := (&designLexer{rest: text}).run(designStart); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}

	type phase int
	const idle, running, done phase = 0, 1, 2
	allowed := map[phase][]phase{idle: {running}, running: {idle, done}}
	if !slices.Contains(allowed[running], done) || slices.Contains(allowed[done], running) {
		t.Error("the table allows the wrong transitions")
	}
}

// A null object is a value that fulfils the interface and does nothing, so that
// callers need no check for nil: io.Discard, and since Go 1.24
// slog.DiscardHandler. Use it as the default of an optional dependency. A nil
// interface panics when a method is called. A nil pointer to a type whose
// methods check for it works as well: then the zero value of the field is the
// null object.
//
//claim:ask What is the null object pattern in Go?
//claim:source https://pkg.go.dev/log/slog#DiscardHandler
func TestDesignNullObject(t *testing.T) {
	if n, err := io.WriteString(io.Discard, "text"); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	slog.New(slog.DiscardHandler).Error("nobody sees this")

	var counter *designCounter
	counter.Add(3)
	if counter.Total() != 0 {
		t.Error("a nil counter counts")
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	var store designStore
	store.Get("a")
}

// A designCounter counts, unless it is nil.
type designCounter struct{ total int }

func (c *designCounter) Add(n int) {
	if c != nil {
		c.total += n
	}
}

func (c *designCounter) Total() int {
	if c == nil {
		return 0
	}
	return c.total
}

// A designHistory is a stack of functions that undo what was done.
type designHistory struct{ undo []func() }

// Do runs a command, which returns the function that undoes it.
func (h *designHistory) Do(command func() (undo func())) { h.undo = append(h.undo, command()) }

// Undo undoes the last command, and reports whether there was one.
func (h *designHistory) Undo() bool {
	if len(h.undo) == 0 {
		return false
	}
	last := len(h.undo) - 1
	undo := h.undo[last]
	h.undo[last] = nil // the closure holds what it needs to undo
	h.undo = h.undo[:last]
	undo()
	return true
}

// A command is a closure, and a queue of commands a slice or channel of
// functions. For undo, a command returns the function that reverts it, which
// has captured the old value; the history is a stack of them. Clear a slot when
// its command is undone, or the captured value stays in memory. Commands that
// are stored or sent elsewhere must be data, a struct with a kind, since a
// function cannot be encoded.
//
//claim:ask How do you implement the command pattern with undo?
//claim:source https://go.dev/ref/spec#Function_literals
func TestDesignCommand(t *testing.T) {
	values := map[string]int{}
	set := func(key string, value int) func() func() {
		return func() func() {
			old, had := values[key]
			values[key] = value
			return func() {
				if values[key] = old; !had {
					delete(values, key)
				}
			}
		}
	}
	if _, err := json.Marshal([]any{set("a", 1)}); err == nil {
		t.Error("a function was encoded")
	}
	var history designHistory
	history.Do(set("a", 1))
	history.Do(set("a", 2))
	history.Do(set("b", 3))
	for _, want := range []map[string]int{{"a": 2}, {"a": 1}, {}} {
		if !history.Undo() || !maps.Equal(values, want) {
			t.Errorf("%v, want %v", values, want)
		}
	}
	if history.Undo() {
		t.Error("undid more than was done")
	}
	if slices.ContainsFunc(history.undo[:3], func(f func()) bool { return f != nil }) {
		t.Error("undone commands are still held")
	}
}

type designNode interface{ Size() int }
type designFile int
type designFolder []designNode

func (f designFile) Size() int { return int(f) }
func (f designFolder) Size() (sum int) {
	for _, node := range f {
		sum += node.Size()
	}
	return sum
}

// A slice of an interface type can implement this interface itself: type folder
// []node with a method that loops. Then one and many are treated alike,
// to any depth, and a nil folder is an empty one. io.MultiWriter is the same
// idea: a writer that is made of writers, and may hold another MultiWriter.
//
//claim:ask How does the composite pattern look in Go?
//claim:source https://pkg.go.dev/io#MultiWriter
func TestDesignComposite(t *testing.T) {
	root := designFolder{designFile(1), designFolder{designFile(2), designFile(3)}, designFolder(nil)}
	if root.Size() != 6 {
		t.Errorf("size %d", root.Size())
	}
	var a, b, c strings.Builder
	_, err := io.WriteString(io.MultiWriter(&a, io.MultiWriter(&b, &c)), "x")
	if err != nil || a.String()+b.String()+c.String() != "xxx" {
		t.Errorf("%v %s %s %s", err, &a, &b, &c)
	}
}

// Put the handlers in a slice and ask them in order until one can answer. Each
// returns a result and whether it was responsible, or an error that errors.Is
// finds. The loop is in one place, so a handler need not know its successor. In
// contrast to middleware, exactly one of them handles the request, and nothing
// runs on the way back.
//
//claim:ask How do you write a chain of responsibility in Go, and how does it differ from middleware?
//claim:source https://go.dev/ref/spec#For_range
func TestDesignResponsibility(t *testing.T) {
	var asked []string
	lookup := func(name string, values map[string]string) func(string) (string, bool) {
		return func(key string) (string, bool) {
			asked = append(asked, name)
			value, ok := values[key]
			return value, ok
		}
	}
	sources := []func(string) (string, bool){
		lookup("flags", map[string]string{"port": "80"}),
		lookup("environment", map[string]string{"port": "90", "host": "h"}),
		lookup("defaults", map[string]string{"port": "1", "host": "localhost", "user": "u"}),
	}
	find := func(key string) (string, bool) {
		for _, source := range sources {
			if value, ok := source(key); ok {
				return value, true
			}
		}
		return "", false
	}
	for _, c := range []struct {
		key, want string
		ok        bool
		asked     int
	}{{"port", "80", true, 1}, {"host", "h", true, 2}, {"user", "u", true, 3}, {"none", "", false, 3}} {
		asked = nil
		if got, ok := find(c.key); got != c.want || ok != c.ok || len(asked) != c.asked {
			t.Errorf("%s: %q, %t, asked %v", c.key, got, ok, asked)
		}
	}
}

type designConfig struct {
	name string
	tags []string
	env  map[string]string
}

// Clone returns a copy that shares nothing.
func (c designConfig) Clone() designConfig {
	c.tags = slices.Clone(c.tags)
	c.env = maps.Clone(c.env)
	return c
}

// Assignment copies a struct, but not what its slices, maps and pointers refer
// to: a change of an element shows in both. Write a Clone method that clones
// those fields, with slices.Clone and maps.Clone. These copy one level, so
// elements that are pointers need a loop.
//
//claim:ask How do you copy a prototype object: is assignment enough?
//claim:source https://pkg.go.dev/maps#Clone
func TestDesignPrototype(t *testing.T) {
	prototype := designConfig{"p", []string{"a"}, map[string]string{"k": "v"}}
	shallow, deep := prototype, prototype.Clone()
	shallow.name, deep.name = "shallow", "deep"
	for _, copied := range []designConfig{shallow, deep} {
		copied.tags[0] = copied.name
		copied.env["k"] = copied.name
	}
	if prototype.name != "p" || prototype.tags[0] != "shallow" || prototype.env["k"] != "shallow" {
		t.Errorf("%+v, want the change of the shallow copy and not that of the deep one", prototype)
	}

	inner := 1
	pointers := []*int{&inner}
	*slices.Clone(pointers)[0] = 2
	if inner != 2 {
		t.Error("slices.Clone copied what its elements point to")
	}
}

// A designReport is made with its dependencies, which it declares as what it
// needs of them.
type designReport struct {
	store designStore
	now   func() time.Time
}

func newDesignReport(store designStore, now func() time.Time) *designReport {
	return &designReport{store, now}
}

func (r *designReport) Line(key string) string {
	return r.now().Format(time.DateOnly) + " " + r.store.Get(key)
}

// Pass the dependencies of a type to its constructor. The consumer declares a
// small interface with the methods it calls, and main creates the values and
// plugs them together. A test passes a fake: here a function as store and a
// fixed clock. So no framework is needed, a missing dependency is a compile
// error, and a cycle of two values that need each other does not compile
// either.
//
//claim:ask How do you do dependency injection in Go without a framework?
//claim:source https://go.dev/wiki/CodeReviewComments#interfaces
func TestDesignDependencyInjection(t *testing.T) {
	fixed := func() time.Time { return time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC) }
	report := newDesignReport(designStoreFunc(strings.ToUpper), fixed)
	if got := report.Line("sales"); got != "2026-02-03 SALES" {
		t.Errorf("%q", got)
	}
	if err := designCompile(t, "type Store interface{ Get() }; type R struct{}; func New(s Store, n int) *R { return nil }; var _ = New(nil)"); err == nil {
		t.Error("compiles without a dependency")
	}
	const cycle = "type A struct{}; type B struct{}; func NewA(*B) *A { return nil }; func NewB(*A) *B { return nil }; var a, b = NewA(b), NewB(a)"
	if err := designCompile(t, cycle); err == nil || !strings.Contains(err.Error(), "cycle") {
		t.Errorf("a cycle: %v", err)
	}
}

type designBase struct{}

func (designBase) Name() string    { return "base" }
func (b designBase) Hello() string { return "hello from " + b.Name() }

type designDerived struct{ designBase }

func (designDerived) Name() string { return "derived" }

// No, a method of the outer type never replaces one that the embedded type
// calls. The methods of an embedded type are promoted, and still belong to it:
// their receiver is the inner value, which knows nothing of the outer one. So
// the template method of class languages fails: Hello of the base calls Name of
// the base, although the outer type has its own. Pass what varies as a function
// or interface instead. The outer type also is no subtype: it cannot be
// assigned to a variable of the embedded type.
//
//claim:ask Is embedding inheritance: does an outer method override the embedded one?
//claim:source https://go.dev/doc/effective_go#embedding
func TestDesignEmbedding(t *testing.T) {
	var derived designDerived
	if derived.Name() != "derived" || derived.Hello() != "hello from base" {
		t.Errorf("%s, %s", derived.Name(), derived.Hello())
	}

	hello := func(n interface{ Name() string }) string { return "hello from " + n.Name() }
	if got := hello(derived); got != "hello from derived" {
		t.Errorf("%s", got)
	}
	const declared = "type Base struct{}; type Derived struct{ Base }; "
	if err := designCompile(t, declared+"var _ Base = Derived{}"); err == nil {
		t.Error("the outer type can be assigned to the embedded one")
	}
	if err := designCompile(t, declared+"var _ Base = Derived{}.Base"); err != nil {
		t.Error(err)
	}
}

// designOverride overrides one method of an interface value.
type designOverride struct{ designFS }

type designFS interface {
	Open() string
	Remove() error
}

var errDesignReadOnly = errors.New("read only")

func (designOverride) Remove() error { return errDesignReadOnly }

type designDisk struct{}

func (designDisk) Open() string  { return "data" }
func (designDisk) Remove() error { return nil }

// Embed the interface in a struct and write that method. The others are
// promoted from the value inside, and so are methods that the interface gets
// later. In a test this makes a fake with one method. If no value is inside,
// the type still fulfils the interface, and calling a method that was not
// written is a nil dereference: the program panics.
//
//claim:ask How do you change one method of an interface value and keep the others?
//claim:source https://go.dev/ref/spec#Struct_types
func TestDesignOverrideOneMethod(t *testing.T) {
	var fs designFS = designOverride{designDisk{}}
	if fs.Open() != "data" || fs.Remove() != errDesignReadOnly {
		t.Errorf("%s, %v", fs.Open(), fs.Remove())
	}
	const later = "type FS interface{ Open(); Stat() }; type O struct{ FS }; func (O) Open() {}; var _ FS = O{}"
	if err := designCompile(t, later); err != nil {
		t.Errorf("a method more: %v", err)
	}
	fs = designOverride{}
	if fs.Remove() != errDesignReadOnly {
		t.Error("the written method does not work without a value inside")
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	fs.Open()
}

// Make one handle for each distinct value with package unique, since Go 1.23.
// Handles of equal values are equal, and comparing them compares a pointer, not
// the text. Many objects with the same long text then hold one copy of it.
//
//claim:ask How do you share equal values between many objects (flyweight)?
//claim:source https://pkg.go.dev/unique
func TestDesignFlyweight(t *testing.T) {
	text := strings.Repeat("gopher", 100)
	a, b := unique.Make(strings.Clone(text)), unique.Make(strings.Clone(text))
	if a != b || a.Value() != text || a == unique.Make("other") {
		t.Error("handles of equal values differ, or those of other values do not")
	}
	if unsafe.StringData(a.Value()) != unsafe.StringData(b.Value()) {
		t.Error("two copies of the text")
	}
}

// designPackages is an importer that knows only what was checked before.
type designPackages map[string]*types.Package

func (p designPackages) Import(path string) (*types.Package, error) {
	if found := p[path]; found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("no package %s", path)
}

// A facade is an ordinary package: a few exported names in front of unexported
// parts. Nothing outside can call those, because a use of an unexported name of
// another package does not compile. So it needs no type and no interface; a
// function that calls the parts in order is enough. It should take a context
// and return the errors of the parts, or callers will go around it.
//
//claim:ask What is a facade in Go?
//claim:source https://go.dev/ref/spec#Exported_identifiers
func TestDesignFacade(t *testing.T) {
	packages := designPackages{}
	check := func(name, text string) error {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name+".go", "package "+name+"\n"+text, 0)
		if err != nil {
			t.Fatal(err)
		}
		packages[name], err = (&types.Config{Importer: packages}).Check(name, fset, []*ast.File{file}, nil)
		return err
	}
	if err := check("shop", "func Order() int { return reserve() + pay() }; func reserve() int { return 1 }; func pay() int { return 2 }"); err != nil {
		t.Fatal(err)
	}
	if err := check("user", `import "shop"; var _ = shop.Order()`); err != nil {
		t.Error(err)
	}
	if err := check("user", `import "shop"; var _ = shop.pay()`); err == nil || !strings.Contains(err.Error(), "not exported") {
		t.Errorf("call of a part: %v", err)
	}
}
