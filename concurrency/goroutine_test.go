package concurrency

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quickRaceExit is for children that crash on purpose: a program built with
// -race otherwise sleeps for a second before it ends.
const quickRaceExit = "GORACE=atexit_sleep_ms=0"

// Starting a goroutine and waiting for it costs more than 5 times a plain call
// of the same function: the runtime has to queue it, to switch to it and to wake
// the waiter. The go statement itself allocates nothing when it starts a function without
// arguments, because descriptors and stacks of ended goroutines are used again.
// Arguments and captured variables cost one small allocation that holds them.
//
//claim:ask What does starting a goroutine cost, compared with a function call?
//claim:expect ns/op of=goroutine > 5x of=call
//claim:expect ns/op of=argument > 5x of=call
//claim:expect allocs/op of=call == 0
//claim:source https://go.dev/doc/faq#goroutines
//claim:source runtime/proc.go
func BenchmarkGoroutineStart(b *testing.B) {
	wg := &goroutineCostGroup
	for _, c := range []struct {
		name  string
		start func()
	}{
		{"call", doneInGoroutine},
		{"goroutine", func() { go doneInGoroutine() }},
		{"argument", func() { go doneWithArgument(wg) }},
	} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				wg.Add(1)
				c.start()
				wg.Wait()
			}
		})
	}
}

func TestGoroutineStart(t *testing.T) {
	wg := &goroutineCostGroup
	for range 4 { // descriptors to use again
		wg.Add(1)
		go doneInGoroutine()
		wg.Wait()
	}
	proof.WantAllocs(t, 0, func() { wg.Add(1); go doneInGoroutine(); wg.Wait() })
	proof.WantAllocs(t, 1, func() { wg.Add(1); go doneWithArgument(wg); wg.Wait() })
}

// A goroutine per tiny item is slower than a plain loop: here, where the item is
// one addition, more than 100 times. Starting it costs more than the work, and the
// shared sum needs a lock on top. Give each goroutine a part of the data that is
// large enough, about as many parts as there are processors. Goroutines that
// mostly wait, for a network or a disk, are another matter: there the item is
// large anyway.
//
//claim:ask Is it a good idea to start a goroutine for every element of a slice?
//claim:expect ns/op of=element > 100x of=loop
//claim:expect ns/op of=element > 5x of=parts
//claim:source https://go.dev/doc/effective_go#parallel
func BenchmarkGoroutinePerElement(b *testing.B) {
	numbers := make([]int64, 1000)
	for _, c := range []struct {
		name string
		sum  func() int64
	}{
		{"loop", func() int64 { return sumInLoop(numbers) }},
		{"element", func() int64 { return sumPerNumber(numbers) }},
		{"parts", func() int64 { return sumInParts(numbers, 2) }},
	} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			var sum int64
			for b.Loop() {
				sum += c.sum()
			}
			goroutineSum = sum
		})
	}
}

var goroutineSum int64

func TestGoroutinePerElement(t *testing.T) {
	var numbers []int64
	for i := range 101 {
		numbers = append(numbers, int64(i*i))
	}
	require.EqualValues(t, 338350, sumInLoop(numbers))
	require.EqualValues(t, 338350, sumPerNumber(numbers))
	for _, parts := range []int{1, 2, 7, 200} {
		require.EqualValues(t, 338350, sumInParts(numbers, parts))
	}
}

// A few KiB each, so many thousands are normal and only memory sets the limit:
// there is no setting for it. A new goroutine has a small stack, 2 KiB unless the
// runtime has learned that the stacks of this program are larger, and it grows as
// needed. A blocked goroutine uses no processor and no thread. What limits a
// program is rather what each goroutine holds: buffers, connections, rows. So bound
// the work in flight, not the goroutines as such. The stacks of ended goroutines go
// back with the next collection.
//
//claim:ask How much memory does a goroutine need, and how many can there be?
//claim:source runtime/stack.go
//claim:source https://go.dev/doc/faq#goroutines
func TestGoroutineMemory(t *testing.T) {
	stacks := func() int64 {
		runtime.GC() // also takes the stacks of dead goroutines
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.StackInuse)
	}
	const n = 5000
	gate := make(chan struct{})
	var wg sync.WaitGroup
	base := stacks()
	for range n {
		wg.Go(func() { <-gate })
	}
	require.GreaterOrEqual(t, runtime.NumGoroutine(), n)
	require.Less(t, pprof.Lookup("threadcreate").Count(), n/10)
	grown := stacks() - base
	close(gate)
	wg.Wait()
	require.Greater(t, grown/n, int64(1900), "bytes of stack each; some were there already")
	require.Less(t, grown/n, int64(16<<10))
	for deadline := time.Now().Add(10 * time.Second); stacks()-base > grown/2; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline))
	}
}

// When main returns, the program ends. It does not wait for other goroutines,
// wherever they are, and their deferred calls do not run. So a go statement at the
// end of main usually prints nothing. Main has to wait for what it started, with a
// channel or a sync.WaitGroup. time.Sleep is no replacement: it is too short or too
// long.
//
//claim:ask What happens to running goroutines when main returns?
//claim:source https://go.dev/ref/spec#Program_execution
func TestGoroutineMainReturns(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/goroutine/exit", "return")
	require.NoError(t, err, out)
	require.Equal(t, "main returns\n", out)
}

// It ends the whole process at once, from whichever goroutine it is called, and
// no deferred call runs: not in that goroutine, not in main. log.Fatal does the same
// with exit code 1. So a worker reports an error, and only main decides about the
// exit.
//
//claim:ask What does os.Exit or log.Fatal do when a worker goroutine calls it?
//claim:source https://pkg.go.dev/os#Exit
//claim:source https://pkg.go.dev/log#Fatal
func TestGoroutineExit(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/goroutine/exit", "exit")
	require.Error(t, err)
	require.Equal(t, "exit status 3\n", out)

	if proof.InChild(t) {
		defer fmt.Println("deferred")
		go log.Fatal("no configuration")
		<-make(chan bool)
	}
	out, err = proof.Child(t, quickRaceExit)
	require.ErrorContains(t, err, "exit status 1")
	require.Contains(t, out, "no configuration")
	require.NotContains(t, out, "deferred")
}

// Nothing: goroutines have no parent and no children. A goroutine goes on when the
// function or the goroutine that started it has ended, and gets neither its
// cancellation nor its panic. The "created by" line of a traceback says who started
// it, and is only text. If a goroutine shall end with its starter, give it a
// context, and let the starter wait.
//
//claim:ask What happens to a goroutine when the goroutine that started it ends?
//claim:source https://go.dev/ref/spec#Go_statements
func TestGoroutineNoParent(t *testing.T) {
	starterEnded, release, result := make(chan bool), make(chan bool), make(chan string)
	go func() {
		defer close(starterEnded)
		go func() {
			<-release
			var stack [4096]byte
			result <- string(stack[:runtime.Stack(stack[:], false)])
		}()
	}()
	<-starterEnded
	close(release)
	require.Regexp(t, `created by \S+TestGoroutineNoParent\.func1 in goroutine \d+`, <-result)
}

// The function value, the receiver and all arguments are evaluated by the
// goroutine that executes the go statement, before the new one runs. Only the
// call itself happens there. So in go f(g()), g runs first and in the caller, and a
// panic of g is a panic of the caller. A value receiver is copied at that moment. A
// variable that a function literal captures is not an argument: it is read when the
// goroutine gets there.
//
//claim:ask When and where are the arguments of a go statement evaluated?
//claim:source https://go.dev/ref/spec#Go_statements
func TestGoroutineArguments(t *testing.T) {
	here := goroutineNumber()
	var evaluated, called int
	done := make(chan bool)
	argument := func() int {
		evaluated = goroutineNumber()
		return 1
	}
	go func(int) {
		called = goroutineNumber()
		close(done)
	}(argument())
	require.Equal(t, here, evaluated, "already done")
	<-done
	require.NotEqual(t, here, called)

	require.PanicsWithValue(t, "no argument", func() {
		go func(int) {}(func() int { panic("no argument") }())
	})

	gate, names := make(chan bool), make(chan string)
	who := named{"old", gate, names}
	go who.sendByValue()
	who.name = "new"
	close(gate)
	require.Equal(t, "old", <-names)

	gate = make(chan bool)
	who = named{"old", gate, names}
	go who.sendByPointer()
	who.name = "new"
	close(gate)
	require.Equal(t, "new", <-names)
}

type named struct {
	name  string
	gate  chan bool
	names chan string
}

func (n named) sendByValue() {
	<-n.gate
	n.names <- n.name
}

func (n *named) sendByPointer() {
	<-n.gate
	n.names <- n.name
}

// It ends the program with "fatal error: go of nil func value" and exit code 2,
// and recover cannot stop it. The go statement sees the nil, before there is a
// goroutine. In contrast, a plain or a deferred call of a nil function is an
// ordinary panic.
//
//claim:ask What does go f() do if f is nil?
//claim:source runtime/proc.go
func TestGoroutineNilFunc(t *testing.T) {
	var f func()
	if proof.InChild(t) {
		defer func() { println("recovered:", recover() != nil) }()
		go f()
	}
	require.Panics(t, func() { f() })
	require.Panics(t, func() { defer f() })
	out, err := proof.Child(t, quickRaceExit)
	require.ErrorContains(t, err, "exit status 2")
	require.Contains(t, out, "fatal error: go of nil func value")
	require.Contains(t, out, "TestGoroutineNilFunc(", "the stack is that of the go statement")
	require.NotContains(t, out, "recovered")
}

// A go statement takes a call, and nothing comes back: x := go f() does not
// compile. Results of the function are dropped, errors too, and the compiler
// does not complain. What stands behind go must be a function or method call without
// parentheses around it, and no conversion. Of the built-in functions only those are
// allowed that may stand alone as a statement, such as close, delete and println.
//
//claim:ask Can a go statement return a value, and which calls are allowed in it?
//claim:source https://go.dev/ref/spec#Go_statements
//claim:source https://go.dev/ref/spec#Expression_statements
func TestGoroutineStatement(t *testing.T) {
	for statement, message := range map[string]string{
		"x := go f(); _ = x":                    "expected operand, found 'go'",
		"go f":                                  "must be function call",
		"go (f())":                              "must not be parenthesized",
		"go int64(1)":                           "requires function call, not conversion",
		"go append([]int{}, 1)":                 "discards result of append",
		"go len(\"text\")":                      "discards result of len",
		"go f()":                                "",
		"go func() (int, error) { panic(1) }()": "",
		"go println(f())":                       "",
		"go close(make(chan int))":              "",
	} {
		err := checkStatement(statement)
		if message == "" {
			assert.NoError(t, err, statement)
		} else {
			assert.ErrorContains(t, err, message, statement)
		}
	}
}

// checkStatement returns the first error of the compiler's front end about the
// statement in a function body.
func checkStatement(statement string) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "x.go", "package x\nfunc f() int { return 1 }\nfunc g() {\n"+statement+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	_, err = (&types.Config{Importer: importer.Default()}).Check("x", files, []*ast.File{file}, nil)
	return err
}

// By a channel with room for one outcome: value, error, and also a panic, turned
// into an error by a recover inside the goroutine. Take the stack there, with
// debug.Stack, since a panic that is raised again in the caller shows the caller's
// stack. The room lets the goroutine end if nobody receives. A goroutine can
// also end by runtime.Goexit, without result and without panic: a wrapper that
// forgets this leaves its caller waiting.
//
//claim:ask How do I get the result, the error or the panic of a goroutine back?
//claim:source https://pkg.go.dev/runtime/debug#Stack
//claim:source https://go.dev/ref/spec#Handling_panics
func TestGoroutineOutcome(t *testing.T) {
	out := <-startTask(func() (int, error) { return 42, nil })
	require.Equal(t, taskOutcome[int]{value: 42}, out)

	out = <-startTask(func() (int, error) { return 7, io.ErrUnexpectedEOF })
	require.Equal(t, taskOutcome[int]{7, io.ErrUnexpectedEOF}, out)

	out = <-startTask(indexOutOfRange)
	var p *taskPanic
	require.ErrorAs(t, out.err, &p)
	require.EqualError(t, out.err, "task panicked: runtime error: index out of range [3] with length 0")
	require.Contains(t, string(p.stack), "indexOutOfRange")

	out = <-startTask(func() (int, error) { runtime.Goexit(); return 1, nil })
	require.Equal(t, taskOutcome[int]{err: errTaskGoexit}, out)

	synctest.Test(t, func(*testing.T) { // which panics if a goroutine stays
		startTask(func() (int, error) { return 42, nil })
	})
}

//go:noinline
func indexOutOfRange() (int, error) {
	var empty []int
	return empty[len(goroutineThree)], nil
}

var goroutineThree = "abc"

// A panic that no deferred function of its own goroutine recovers ends the whole
// program, with exit code 2, whichever goroutine it is. A recover in the function
// that started it, or in main, does not help: recover sees only panics of the
// goroutine it runs in. The deferred calls of the panicking goroutine run, those
// of all others do not. So each goroutine that runs foreign code needs its own
// deferred recover.
//
//claim:ask A goroutine panics. Who can recover it, and what happens to the other goroutines?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestGoroutinePanic(t *testing.T) {
	if proof.InChild(t) {
		defer func() { fmt.Println("deferred in the starter:", recover()) }()
		started := make(chan bool)
		go func() {
			defer fmt.Println("deferred in a bystander")
			close(started)
			<-make(chan bool)
		}()
		<-started
		go func() {
			defer fmt.Println("deferred in the goroutine")
			panic("lost")
		}()
		<-make(chan bool)
	}
	out, err := proof.Child(t, quickRaceExit)
	require.ErrorContains(t, err, "exit status 2")
	require.Contains(t, out, "panic: lost")
	require.Contains(t, out, "deferred in the goroutine")
	require.NotContains(t, out, "deferred in the starter")
	require.NotContains(t, out, "deferred in a bystander")
}

// No. The server recovers a panic of the handler, because it happens in the
// goroutine that the server started for the connection: the client gets no reply,
// and the server goes on. A goroutine that the handler starts is on its own: its
// panic ends the process, with all other requests. The same is true of frameworks
// and their recovery middleware.
//
//claim:ask net/http recovers panics of handlers. Does that cover goroutines started by a handler?
//claim:source https://pkg.go.dev/net/http#Handler
func TestGoroutineInHandler(t *testing.T) {
	serve := func(handler http.HandlerFunc) (*httptest.Server, *bytes.Buffer) {
		var logged bytes.Buffer
		server := httptest.NewUnstartedServer(handler)
		server.Config.ErrorLog = log.New(&logged, "", 0)
		server.Start()
		t.Cleanup(server.Close)
		return server, &logged
	}
	if proof.InChild(t) {
		server, _ := serve(func(http.ResponseWriter, *http.Request) {
			go panic("in a goroutine of the handler")
			<-make(chan bool)
		})
		_, err := http.Get(server.URL)
		fmt.Println("still alive", err)
	}
	out, err := proof.Child(t, quickRaceExit)
	require.ErrorContains(t, err, "exit status 2")
	require.Contains(t, out, "panic: in a goroutine of the handler")
	require.NotContains(t, out, "still alive")

	server, logged := serve(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("in the handler")
		}
		fmt.Fprint(w, "served")
	})
	_, err = server.Client().Get(server.URL + "/panic")
	require.ErrorIs(t, err, io.EOF)
	reply, err := server.Client().Get(server.URL)
	require.NoError(t, err)
	body, err := io.ReadAll(reply.Body)
	require.NoError(t, err)
	require.NoError(t, reply.Body.Close())
	require.Equal(t, "served", string(body))
	server.Close() // waits for the connections
	require.Contains(t, logged.String(), "panic serving")
}

// It ends the goroutine that calls it, from any depth, after running all its
// deferred calls. It is no panic: recover returns nil in them and cannot stop it.
// Other goroutines do not notice. t.FailNow, t.Fatal and t.Skip are built on it,
// which is why they must be called by the goroutine of the test: from another one, the
// test fails and goes on.
//
//claim:ask What does runtime.Goexit do, and can recover stop it?
//claim:source https://pkg.go.dev/runtime#Goexit
//claim:source https://pkg.go.dev/testing#T.FailNow
func TestGoroutineGoexit(t *testing.T) {
	var trace []string
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() { trace = append(trace, "outer") }()
		func() {
			defer func() { trace = append(trace, fmt.Sprint("inner, recovered ", recover())) }()
			runtime.Goexit()
		}()
		trace = append(trace, "not reached")
	})
	wg.Wait()
	require.Equal(t, []string{"inner, recovered <nil>", "outer"}, trace)

	if proof.InChild(t) {
		ended := make(chan bool)
		failNow := t.FailNow
		go func() {
			defer close(ended)
			failNow()
		}()
		<-ended
		fmt.Println("the test goes on")
		return
	}
	out, err := proof.Child(t, quickRaceExit)
	require.Error(t, err)
	require.Contains(t, out, "the test goes on")
	require.Contains(t, out, "--- FAIL")
}

// The main goroutine ends, and the program does not: the other goroutines run on.
// When the last of them has ended, the program crashes with "no goroutines (main
// called runtime.Goexit) - deadlock!" and exit code 2, since nobody is left to
// return from main. One of them has to call os.Exit.
//
//claim:ask What happens if the main goroutine calls runtime.Goexit?
//claim:source https://pkg.go.dev/runtime#Goexit
func TestGoroutineGoexitMain(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/goroutine/exit", "goexit")
	require.Error(t, err)
	require.Contains(t, out, "deferred in main")
	require.Contains(t, out, "goroutine works on\n")
	require.Contains(t, out, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!")
	require.Contains(t, out, "exit status 2")
}

// Since Go 1.22 each closure sees the value of its own iteration: 0 1 2 in some
// order, with range and with the three-clause form. Before, all iterations shared
// one variable, and the usual output was 3 3 3 or three times the last element. The
// language version of the file decides, from go.mod or a build constraint, not the
// toolchain. A variable declared outside of the loop is still shared. The copies
// that you may read about (i := i, or an argument) are no longer needed.
//
//claim:ask A loop starts goroutines that print the loop variable. What do they print?
//claim:source https://go.dev/doc/go1.22#language
//claim:source https://go.dev/blog/loopvar-preview
func TestGoroutineLoopVariable(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/goroutine/loopvar")
	require.NoError(t, err, out)
	require.Equal(t, "3 3 3 c c c ", out, "with the language of Go 1.21")

	values := func(start func(send func(int))) (got []int) {
		c := make(chan int)
		start(func(i int) { c <- i })
		for range 3 {
			got = append(got, <-c)
		}
		slices.Sort(got)
		return got
	}
	require.Equal(t, []int{0, 1, 2}, values(func(send func(int)) {
		for i := 0; i < 3; i++ {
			go func() { send(i) }()
		}
	}))
	require.Equal(t, []int{0, 1, 2}, values(func(send func(int)) {
		for i := range 3 {
			go func() { send(i) }()
		}
	}))
	require.Equal(t, []int{3, 3, 3}, values(func(send func(int)) {
		var i int
		gate := make(chan bool)
		for i = 0; i < 3; i++ {
			go func() { <-gate; send(i) }()
		}
		close(gate)
	}))
}

// It prints 1 2 3. Each iteration has a copy of its own, made from the last one
// before the post statement i++ runs. The closures count up their copies
// after the loop has ended, so they start from 0, 1 and 2. An i that is changed in
// the body while the iteration runs does go into the next one. If goroutines do
// this during the loop, the copy and the increment are a data race.
//
//claim:ask for i := 0; i < 3; i++ stores func() { i++; print(i) } and calls them later. What do they print?
//claim:source https://go.dev/ref/spec#For_statements
func TestGoroutineLoopCopies(t *testing.T) {
	var counts []func() int
	for i := 0; i < 3; i++ {
		counts = append(counts, func() int { i++; return i })
	}
	var got []int
	for _, count := range counts {
		got = append(got, count())
	}
	require.Equal(t, []int{1, 2, 3}, got)
	require.Equal(t, 2, counts[0](), "each has its own")

	var seen []int
	for i := 0; i < 6; i++ {
		seen = append(seen, i)
		func() { i++ }() // during the iteration
	}
	require.Equal(t, []int{0, 2, 4}, seen)
}

// The order is not promised. With one P you will often see the goroutine that was
// started last run first and the others in order, since the scheduler keeps
// one slot for the newest. Another P, a preemption or the race detector, which
// shuffles on purpose, change that. If the order matters, say it with channels, or
// let each goroutine write to its own index and print after waiting.
//
//claim:ask Goroutines 0, 1 and 2 are started in a loop. In which order do they run?
//claim:source https://go.dev/ref/mem#go
//claim:source runtime/proc.go
func TestGoroutineOrder(t *testing.T) {
	procs := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
	run := func() (order []int) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
			})
		}
		wg.Wait()
		return order
	}
	lastFirst, other := false, !proof.RaceEnabled
	for try := 0; try < 1000 && !(lastFirst && other); try++ {
		if slices.Equal([]int{2, 0, 1}, run()) {
			lastFirst = true
		} else {
			other = true
		}
	}
	require.True(t, lastFirst, "not in the order of the go statements")
	require.True(t, other, "the race detector shuffles")
}

// Let them wait for one channel and close it: every receive from a closed channel
// returns at once, so all become runnable at the same moment. How many really
// run at once is up to the number of processors. Use it in tests that look
// for races. A send per goroutine would start them one after the other.
//
//claim:ask How do I make many goroutines start at the same moment?
//claim:source https://go.dev/ref/spec#Close
func TestGoroutineStartTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var started, working int
		var mu sync.Mutex
		for range 20 {
			go func() {
				mu.Lock()
				started++
				mu.Unlock()
				<-gate
				mu.Lock()
				working++
				mu.Unlock()
			}()
		}
		synctest.Wait()
		require.Equal(t, []int{20, 0}, []int{started, working})
		close(gate)
		synctest.Wait()
		require.Equal(t, []int{20, 20}, []int{started, working})
	})
}

// No. A goroutine has no public id, and there is no storage that belongs to it.
// Pass what belongs to a request as an argument, usually in a context. The
// number in a traceback can be parsed from runtime.Stack, and is good for
// debugging only; it is not used again for a later goroutine. Labels of
// runtime/pprof are the exception: a new goroutine inherits them, and profiles
// show them.
//
//claim:ask Is there a goroutine id or a thread-local storage in Go?
//claim:source https://go.dev/doc/faq#no_goroutine_id
//claim:source https://pkg.go.dev/runtime/pprof#Do
func TestGoroutineNoID(t *testing.T) {
	seen := map[int]bool{goroutineNumber(): true}
	for range 50 {
		number := make(chan int)
		go func() { number <- goroutineNumber() }()
		n := <-number
		require.False(t, seen[n], "used again")
		seen[n] = true
	}

	labels := pprof.Labels("request", "no-id-42")
	release, ready := make(chan bool), make(chan bool)
	pprof.Do(t.Context(), labels, func(context.Context) {
		go func() { close(ready); <-release }()
	})
	<-ready
	var profile strings.Builder
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&profile, 1))
	close(release)
	require.Contains(t, profile.String(), `"request":"no-id-42"`, "of a goroutine that was started inside")
}

// goroutineNumber returns the number of the calling goroutine in tracebacks.
func goroutineNumber() int {
	var buf [64]byte
	text := string(buf[:runtime.Stack(buf[:], false)])
	n, err := strconv.Atoi(strings.Fields(text)[1]) // goroutine 18 [running]:
	if err != nil {
		panic(err)
	}
	return n
}

// You cannot: nothing ends a goroutine from outside. It has to look for a signal,
// a closed channel or a context, at every place where it waits or works for long,
// and return. Then wait until it has returned, since the signal alone only asks.
// Code that does not look, such as an endless loop or a library call without a
// context, runs until the process ends. If that must be killed, run it in a process
// of its own.
//
//claim:ask How do I kill a goroutine from outside?
//claim:source https://go.dev/blog/pipelines
func TestGoroutineStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop, stopped := make(chan struct{}), make(chan struct{})
		rounds := 0
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Second):
				}
				rounds++
				time.Sleep(10 * time.Second) // work that does not look at stop
			}
		}()
		time.Sleep(2 * time.Second)
		asked := time.Now()
		close(stop)
		<-stopped
		require.Equal(t, 9*time.Second, time.Since(asked), "it came to the select only then")
		require.Equal(t, 1, rounds)
	})
}

// What happens before the go statement is visible in the new goroutine: no lock is
// needed to hand over data that way. The end of a goroutine, in contrast, promises
// nothing. To have seen that it has ended, for example by runtime.NumGoroutine or
// after a time.Sleep, is no synchronization, and reading its result then is a data
// race. A channel operation or WaitGroup.Wait makes it one.
//
//claim:ask Does the end of a goroutine make its writes visible to others? And the start?
//claim:source https://go.dev/ref/mem#go
//claim:source https://go.dev/ref/mem#goexit
func TestGoroutineVisibility(t *testing.T) {
	out, err := chanRace(t, "./testdata/goroutine/exitrace")
	require.Error(t, err)
	require.Contains(t, out, "WARNING: DATA RACE")

	handedOver, sum := []int{1, 2, 3}, 0 // the race detector is silent about this one
	done := make(chan bool)
	go func() {
		for _, n := range handedOver {
			sum += n
		}
		close(done)
	}()
	<-done
	require.Equal(t, 6, sum)
}

// Concurrency is how a program is built: several tasks are under way and take
// turns. Parallelism is how it runs: several processors work in the same instant.
// Goroutines give the first everywhere, also with GOMAXPROCS=1, and there waiting
// still overlaps: ten requests of a second take a second. Computing does not: with
// one processor, a sum by eight goroutines is not twice as fast as by one.
//
//claim:ask What is the difference between concurrency and parallelism?
//claim:source https://go.dev/blog/waza-talk
func TestGoroutineConcurrency(t *testing.T) {
	procs := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
	ping, pong := make(chan int), make(chan int)
	go func() {
		for n := range ping {
			pong <- n + 1
		}
		close(pong)
	}()
	n := 0
	for range 10 {
		ping <- n
		n = <-pong
	}
	close(ping)
	<-pong
	require.Equal(t, 10, n, "two tasks under way, one processor")

	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { time.Sleep(time.Second) })
		}
		wg.Wait()
		require.Equal(t, time.Second, time.Since(start))
	})
}

// The same sum on one processor.
//
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=one < 2x of=eight
func BenchmarkGoroutineConcurrency(b *testing.B) {
	numbers := make([]int64, 200_000)
	for name, parts := range map[string]int{"one": 1, "eight": 8} {
		b.Run("of="+name, func(b *testing.B) {
			var sum int64
			for b.Loop() {
				sum += sumInParts(numbers, parts)
			}
			goroutineSum = sum
		})
	}
}

// Yes. Goroutines that are started in an init function, or by the initializer of a
// package variable, run at once, while initialization goes on. So init may wait
// for one. It should not start any that run for ever: importing the package would
// start them, and nobody could stop them.
//
//claim:ask Can a goroutine run before main has started?
//claim:source https://go.dev/ref/spec#Package_initialization
func TestGoroutineInInit(t *testing.T) {
	require.Equal(t, "ran before main", fromInitializer)
}

var fromInitializer = func() string {
	c := make(chan string)
	go func() { c <- "ran before main" }()
	return <-c
}()

// Two goroutines can read and write one variable that both see, and Go neither
// copies nor locks it. A closure shares what it captures with its surroundings; an
// argument is a copy, though a pointer, slice, map or channel in it still leads to
// shared data. Share by synchronization, or give each goroutine its own variable.
//
//claim:ask Does a goroutine get copies of the variables it uses?
//claim:source https://go.dev/ref/spec#Function_literals
func TestGoroutineSharesVariables(t *testing.T) {
	captured, argument, elements := 1, 1, []int{1}
	done := make(chan bool)
	go func(argument int, elements []int) {
		captured++
		argument++
		elements[0] = argument
		elements = append(elements, 3)
		_ = elements
		close(done)
	}(argument, elements)
	<-done
	require.Equal(t, 2, captured)
	require.Equal(t, 1, argument)
	require.Equal(t, []int{2}, elements)
}
