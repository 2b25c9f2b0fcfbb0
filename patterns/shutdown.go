package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// ErrServiceEnded is the reason for a shutdown that no one has asked for: a
// service has returned nil although its context was not done.
var ErrServiceEnded = errors.New("service ended by itself")

// ErrShutdownTimeout is returned by [RunServices] if services were still
// running when the grace period was over.
var ErrShutdownTimeout = errors.New("services did not end within the grace period")

// A Service is a part of a program that runs until it is told to stop.
type Service struct {
	// Name stands in errors.
	Name string
	// Run does the work. It returns when ctx is done, or when Stop makes it.
	Run func(ctx context.Context) error
	// Stop, if it is not nil, is called to end Run, before the context of Run
	// is cancelled. It gets the time that is left of the grace period. This is
	// the place for the Shutdown method of an http.Server.
	Stop func(ctx context.Context) error
}

// RunServices runs services until ctx is done or one of them ends, and then
// stops all of them in reverse order, one after the other: first what takes
// requests in, last what the others need. It is what a main function consists
// of:
//
//	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//	defer stop()
//	err := RunServices(ctx, 20*time.Second, database, worker, server)
//
// # Guarantees
//
//   - A service is stopped only after all services behind it in the list have
//     ended, so it can rely on those before it until its own end.
//   - The grace period counts for all of them together. When it is over, the
//     contexts of all services that still run are cancelled, and RunServices
//     returns an error that matches [ErrShutdownTimeout] and names them. Only then
//     goroutines can be left, and the program should end.
//   - The result joins the errors of all services, each with its name. A service
//     that returns nil or the cause of its own cancellation has no error. If ctx
//     ended and all services ended well, the result is nil. A service that ends
//     by itself without an error gives [ErrServiceEnded].
//   - A panic in Run or Stop is a shutdown reason like an error. Once the others
//     have been stopped, RunServices panics with an error that prints panic and
//     stack.
//
// # Cost
//
// A goroutine for each service, and one more while its Stop runs.
//
// # When not to use it
//
// For tasks that end, use a [Pool] or errgroup.Group: there all goroutines are
// told to stop at once. To restart services that fail, use a supervisor such as
// the init system or an orchestrator outside the process.
func RunServices(ctx context.Context, grace time.Duration, services ...Service) error {
	if len(services) == 0 {
		return nil
	}
	running := make([]*runningService, len(services))
	ended := make(chan *runningService, len(services))
	for i, service := range services {
		// Not derived from ctx: the services must not all stop at once.
		run := &runningService{Service: service, ended: make(chan struct{})}
		run.ctx, run.cancel = context.WithCancel(context.WithoutCancel(ctx))
		defer run.cancel()
		running[i] = run
		go func() {
			run.err = errors.New("service called runtime.Goexit")
			defer func() {
				close(run.ended)
				ended <- run
			}()
			run.err = serviceCall(func() error { return run.Run(run.ctx) })
		}()
	}

	var errs []error
	select {
	case <-ctx.Done():
	case first := <-ended:
		if first.err == nil {
			errs = append(errs, fmt.Errorf("%s: %w", first.Name, ErrServiceEnded))
		}
	}

	left, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	var late []string
	for _, run := range slices.Backward(running) {
		if !run.shutDown(left) {
			late = append(late, run.Name)
		}
	}
	for _, run := range running {
		errs = append(errs, run.errors()...)
	}
	if late != nil {
		errs = append(errs, fmt.Errorf("%w: %s", ErrShutdownTimeout, strings.Join(late, ", ")))
	}
	err := errors.Join(errs...)
	if panicked, ok := errors.AsType[*servicePanic](err); ok {
		panic(panicked)
	}
	return err
}

// A runningService is a service with the goroutine that runs it.
type runningService struct {
	Service
	ctx     context.Context
	cancel  context.CancelFunc
	ended   chan struct{} // closed when Run has returned
	err     error         // of Run, valid once ended is closed
	stopErr error         // of Stop
}

// shutDown makes the service end, and waits for that until left is done.
func (run *runningService) shutDown(left context.Context) (inTime bool) {
	if run.Stop != nil && !run.hasEnded() && left.Err() == nil {
		stopped := make(chan error, 1)
		go func() {
			err := errors.New("Stop called runtime.Goexit")
			defer func() { stopped <- err }()
			err = serviceCall(func() error { return run.Stop(left) })
		}()
		select {
		case run.stopErr = <-stopped:
		case <-left.Done(): // perhaps Stop does not look at its context
			return false
		}
	}
	run.cancel()
	select {
	case <-run.ended:
	case <-left.Done():
	}
	return run.hasEnded() && (run.stopErr == nil || left.Err() == nil)
}

func (run *runningService) hasEnded() bool {
	select {
	case <-run.ended:
		return true
	default:
		return false
	}
}

// errors returns what went wrong in the service, without what its own
// cancellation made it return.
func (run *runningService) errors() (errs []error) {
	if run.hasEnded() && run.err != nil && !(run.ctx.Err() != nil && errors.Is(run.err, context.Canceled)) {
		errs = append(errs, fmt.Errorf("%s: %w", run.Name, run.err))
	}
	if run.stopErr != nil {
		errs = append(errs, fmt.Errorf("%s: stop: %w", run.Name, run.stopErr))
	}
	return errs
}

// serviceCall turns a panic of f into an error.
func serviceCall(f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &servicePanic{value, debug.Stack()}
		}
	}()
	return f()
}

// A servicePanic carries the panic of a service to the caller of RunServices.
type servicePanic struct {
	value any
	stack []byte
}

func (p *servicePanic) Error() string {
	return fmt.Sprintf("service panicked: %v\n\n%s", p.value, p.stack)
}

func (p *servicePanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
