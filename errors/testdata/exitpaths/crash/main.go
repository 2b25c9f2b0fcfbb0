// Crash ends in the way that its argument names. Each way has a deferred call,
// whose line on the standard output shows whether it has run.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"time"
)

// initial panics before main if CRASH_INIT is not a number.
var initial = must(strconv.Atoi(cmp.Or(os.Getenv("CRASH_INIT"), "0")))

//go:noinline
func must(n int, err error) int {
	if err != nil {
		panic(err)
	}
	return n
}

type structure struct {
	A int
	B string
}

type number int

type text string

type stringer string

func (s stringer) String() string { return "String of " + string(s) }

type failure struct{}

func (failure) Error() string  { return "Error of failure" }
func (failure) String() string { return "String of failure" }

type badFailure struct{}

func (badFailure) Error() string { panic("Error panics") }

func deferred(name string) { fmt.Println("deferred:", name) }

//go:noinline
func deep(n int) {
	if n == 0 {
		panic("deep")
	}
	deep(n - 1)
	runtime.KeepAlive(n)
}

//go:noinline
func origin() { panic("origin") }

//go:noinline
func repanic() {
	defer func() {
		r := recover()
		panic(r)
	}()
	origin()
}

//go:noinline
func repanicLate() {
	var r any
	func() {
		defer func() { r = recover() }()
		origin()
	}()
	panic(r)
}

//go:noinline
func endless(n int) int { return endless(n+1) + 1 }

func run() int {
	defer deferred("run")
	return 3
}

// bystander starts a goroutine that waits and has a deferred call.
func bystander() {
	started := make(chan bool)
	go waits(started)
	<-started
}

func waits(started chan bool) {
	defer deferred("bystander")
	close(started)
	<-make(chan bool)
}

func worker() {
	defer deferred("worker")
	panic("in worker")
}

func main() {
	defer deferred("main")
	way := os.Args[1]
	log.SetFlags(0)
	switch way {
	// How a value is printed.
	case "struct":
		panic(structure{1, "x"})
	case "pointer":
		panic(&structure{1, "x"})
	case "slice":
		panic([]int{1})
	case "number":
		panic(number(3))
	case "text":
		panic(text("x"))
	case "float":
		panic(1.5)
	case "rune":
		panic('x')
	case "string":
		panic("plain")
	case "stringer":
		panic(stringer("x"))
	case "error":
		panic(failure{})
	case "lines":
		panic(errors.Join(errors.New("first"), errors.New("second")))
	case "badError":
		panic(badFailure{})

	// Several panics.
	case "same":
		defer func() { r := recover(); panic(r) }()
		panic("A")
	case "wrapped":
		defer func() { panic(fmt.Errorf("while saving: %w", recover().(error))) }()
		panic(errors.New("A"))
	case "replaced":
		defer func() { panic("C") }()
		defer func() { panic("B") }()
		panic("A")
	case "repanic":
		repanic()
	case "repanicLate":
		repanicLate()

	// Ways out.
	case "return":
		fmt.Print(strings.Repeat("x", initial))
	case "exit":
		os.Exit(3)
	case "run":
		os.Exit(run())
	case "logFatal":
		log.Fatal("fatal log")
	case "logPanic":
		log.Panic("panic log")
	case "flag":
		flags := flag.NewFlagSet("crash", flag.ExitOnError)
		_ = flags.Parse([]string{"-unknown"})
	case "goexit":
		runtime.Goexit()
	case "goexitServe":
		done := make(chan bool)
		go func() {
			<-done
			fmt.Println("served")
			os.Exit(0)
		}()
		defer close(done)
		runtime.Goexit()
	case "kill":
		p, err := os.FindProcess(os.Getpid())
		if err != nil {
			panic(err)
		}
		_ = p.Kill()
		select {}
	case "interrupt":
		p, err := os.FindProcess(os.Getpid())
		if err != nil {
			panic(err)
		}
		_ = p.Signal(os.Interrupt)
		time.Sleep(time.Hour)
	case "notify":
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		p, err := os.FindProcess(os.Getpid())
		if err != nil {
			panic(err)
		}
		_ = p.Signal(os.Interrupt)
		<-ctx.Done()
		fmt.Println("interrupt")
	case "mainReturns":
		bystander()

	// Fatal errors.
	case "unlock":
		defer func() { fmt.Println("recovered:", recover()) }()
		new(sync.Mutex).Unlock()
	case "overflow":
		defer func() { fmt.Println("recovered:", recover()) }()
		debug.SetMaxStack(1 << 16)
		endless(0)
	case "deadlock":
		defer func() { fmt.Println("recovered:", recover()) }()
		<-make(chan bool)

	case "fault":
		fault()

	// Goroutines.
	case "goroutine":
		defer func() { fmt.Println("recovered in main:", recover()) }()
		bystander()
		go worker()
		select {}
	case "goroutineCured":
		done := make(chan bool)
		go func() {
			defer close(done)
			defer func() { fmt.Println("recovered:", recover()) }()
			worker()
		}()
		<-done
		fmt.Println("main goes on")
	case "waitGroup":
		defer func() { fmt.Println("recovered in main:", recover()) }()
		var wg sync.WaitGroup
		wg.Go(worker)
		wg.Wait()
		fmt.Println("after Wait")
		select {}
	case "afterFunc":
		defer func() { fmt.Println("recovered in main:", recover()) }()
		time.AfterFunc(0, worker)
		select {}
	case "contextAfterFunc":
		defer func() { fmt.Println("recovered in main:", recover()) }()
		ctx, cancel := context.WithCancel(context.Background())
		context.AfterFunc(ctx, worker)
		cancel()
		select {}

	// Traces.
	case "deep":
		deep(200)
	case "all":
		bystander()
		debug.SetTraceback("all")
		panic("all")
	case "plain":
		bystander()
		panic("plain")
	case "labels":
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("job", "42")))
		panic("labelled")
	case "labelsDo":
		pprof.Do(context.Background(), pprof.Labels("job", "42"), func(context.Context) { panic("labelled") })
	case "crashOutput":
		f, err := os.Create(os.Getenv("CRASH_OUTPUT"))
		if err != nil {
			panic(err)
		}
		if err := debug.SetCrashOutput(f, debug.CrashOptions{}); err != nil {
			panic(err)
		}
		_ = f.Close()
		panic("to the file")
	default:
		panic("unknown way " + strings.ToUpper(way))
	}
}
