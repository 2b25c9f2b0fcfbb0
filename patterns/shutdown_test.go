package patterns

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A serviceLog notes what happens in which order.
type serviceLog struct {
	mu    sync.Mutex
	lines []string
}

func (l *serviceLog) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

// service runs until its context is done, and takes some time to end.
func (l *serviceLog) service(name string, ending time.Duration) Service {
	return Service{Name: name, Run: func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(ending)
		l.add(name)
		return ctx.Err()
	}}
}

// Stop in the reverse order of the start: first what takes requests in, then
// what works on them, last what both need. If all parts are cancelled at once,
// as a shared context does, a request in work finds the database closed.
//
//claim:ask In which order do you shut down the parts of a server?
//claim:source https://pkg.go.dev/net/http#Server.Shutdown
func TestServicesOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log serviceLog
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		start := time.Now()
		err := RunServices(ctx, 10*time.Second,
			log.service("database", time.Second), log.service("worker", time.Second), log.service("server", time.Second))
		if err != nil || !slices.Equal(log.lines, []string{"server", "worker", "database"}) {
			t.Errorf("error %v, order %v", err, log.lines)
		}
		if took := time.Since(start); took != time.Minute+3*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// Wait for all parts together, and only so long as the environment waits for
// you: Kubernetes, for example, kills a container 30 seconds after SIGTERM
// unless told otherwise. Here the second part needs an hour. After the grace
// period the function returns, names it, and the program can exit.
//
//claim:ask How long should a graceful shutdown wait?
//claim:source https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
func TestServicesFaultSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log serviceLog
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		start := time.Now()
		err := RunServices(ctx, 10*time.Second,
			log.service("database", 0), log.service("worker", time.Hour), log.service("server", time.Second))
		if !errors.Is(err, ErrShutdownTimeout) || !strings.Contains(err.Error(), "worker") || time.Since(start) != 10*time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		// The database has been cancelled too.
		synctest.Wait()
		if !slices.Equal(log.lines, []string{"server", "database"}) {
			t.Errorf("ended: %v", log.lines)
		}
		time.Sleep(2 * time.Hour) // the bubble must not end before the worker
	})
}

// One part that fails ends the program in an orderly way: the others are
// stopped, and the result carries the name and the error.
func TestServicesFaultError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("connection lost")
		var log serviceLog
		err := RunServices(t.Context(), 10*time.Second,
			Service{Name: "database", Run: func(context.Context) error { time.Sleep(time.Second); return broken }},
			log.service("server", time.Second))
		if !errors.Is(err, broken) || err.Error() != "database: connection lost" || !slices.Equal(log.lines, []string{"server"}) {
			t.Errorf("error %v, ended %v", err, log.lines)
		}

		err = RunServices(t.Context(), 10*time.Second,
			Service{Name: "queue", Run: func(context.Context) error { return nil }}, log.service("server", 0))
		if !errors.Is(err, ErrServiceEnded) || !strings.Contains(err.Error(), "queue") {
			t.Errorf("error %v", err)
		}
		if err := RunServices(t.Context(), 0); err != nil {
			t.Errorf("no services: %v", err)
		}
	})
}

func TestServicesFaultStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		// Stop makes Run return, as the Shutdown of a server does.
		quit := make(chan struct{})
		err := RunServices(ctx, time.Second, Service{
			Name: "server",
			Run:  func(context.Context) error { <-quit; return nil },
			Stop: func(context.Context) error { close(quit); return nil },
		})
		if err != nil {
			t.Errorf("error %v", err)
		}
		// A Stop that fails is reported, and the context then ends Run.
		broken := errors.New("broken")
		var log serviceLog
		failing := log.service("server", 0)
		failing.Stop = func(context.Context) error { return broken }
		if err := RunServices(ctx, time.Second, failing); !errors.Is(err, broken) || len(log.lines) != 1 {
			t.Errorf("error %v, ended %v", err, log.lines)
		}
		// A Stop that takes too long is late, although Run has ended.
		quit = make(chan struct{})
		err = RunServices(ctx, time.Second, Service{
			Name: "server",
			Run:  func(context.Context) error { <-quit; return nil },
			Stop: func(ctx context.Context) error { close(quit); <-ctx.Done(); return ctx.Err() },
		})
		if !errors.Is(err, ErrShutdownTimeout) {
			t.Errorf("error %v", err)
		}
	})
}

func TestServicesFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		var log serviceLog
		defer func() {
			err, ok := recover().(error)
			if !ok || !errors.Is(err, broken) || !strings.Contains(err.Error(), "servicePanics") || len(log.lines) != 1 {
				t.Errorf("recovered %v, ended %v", err, log.lines)
			}
		}()
		_ = RunServices(t.Context(), time.Second, log.service("database", 0),
			Service{Name: "server", Run: func(context.Context) error { servicePanics(broken); return nil }})
	})
}

func servicePanics(value any) { panic(value) }

func TestServicesFaultGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exit := func(context.Context) error { runtime.Goexit(); return nil }
		if err := RunServices(t.Context(), time.Second, Service{Name: "a", Run: exit}); err == nil || !strings.Contains(err.Error(), "Goexit") {
			t.Errorf("Run: error %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var log serviceLog
		service := log.service("b", 0)
		service.Stop = exit
		if err := RunServices(ctx, time.Second, service); err == nil || !strings.Contains(err.Error(), "Goexit") {
			t.Errorf("Stop: error %v", err)
		}
	})
}

// servicesMain is the main function of a server: one request takes a while.
func servicesMain() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	inWork := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(inWork)
		<-ctx.Done() // the signal comes while this request is in work
		fmt.Fprint(w, "complete")
	})}
	go func() {
		<-inWork
		fmt.Println("in work")
	}()
	fmt.Println(listener.Addr())
	return RunServices(ctx, 10*time.Second, Service{
		Name: "server",
		Run: func(context.Context) error {
			if err := server.Serve(listener); err != http.ErrServerClosed {
				return err
			}
			return nil
		},
		Stop: server.Shutdown,
	})
}

// signal.NotifyContext turns SIGTERM into a context that ends, and
// Server.Shutdown closes the listener and waits for requests in work. Here a
// process gets the signal during a request. The request is answered, new
// connections are refused, and the process exits with 0.
//
//claim:ask How does a Go server shut down gracefully on SIGTERM?
//claim:source https://pkg.go.dev/os/signal#NotifyContext
func TestServicesSignal(t *testing.T) {
	if os.Getenv("SERVICES_CHILD") != "" {
		if err := servicesMain(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if runtime.GOOS == "windows" {
		t.Skip("windows has no SIGTERM")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestServicesSignal$")
	cmd.Env = append(os.Environ(), "SERVICES_CHILD=1", "GORACE=atexit_sleep_ms=0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	address := lines.Text()

	answer := make(chan string, 1)
	go func() {
		response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + address)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		answer <- fmt.Sprint(string(body), err)
	}()
	lines.Scan() // the request is in work
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := <-answer; got != "complete<nil>" {
		t.Errorf("the request in work got %q", got)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the process: %v", err)
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		conn.Close()
		t.Error("a new connection was accepted")
	}
}

// Starting and stopping services costs at most 20 allocations each, once in
// the life of a process.
//
//claim:ask What does an orderly shutdown cost?
//claim:expect allocs/op <= 60
//claim:source https://pkg.go.dev/context#WithCancel
func BenchmarkServices(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	wait := func(ctx context.Context) error { <-ctx.Done(); return nil }
	services := []Service{{Name: "a", Run: wait}, {Name: "b", Run: wait}, {Name: "c", Run: wait}}
	b.ReportAllocs()
	for b.Loop() {
		if err := RunServices(ctx, time.Minute, services...); err != nil {
			b.Fatal(err)
		}
	}
}
