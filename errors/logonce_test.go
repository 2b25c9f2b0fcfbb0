package errors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logonceHandler keeps the records as lines of level and message.
type logonceHandler struct {
	mu    sync.Mutex
	lines []string
}

func (h *logonceHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h *logonceHandler) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h *logonceHandler) WithGroup(string) slog.Handler            { return h }
func (h *logonceHandler) Handle(_ context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	h.lines = append(h.lines, line)
	return nil
}

// logonceText returns a logger without time and the text that it writes.
func logonceText() (*slog.Logger, *strings.Builder) {
	var text strings.Builder
	return slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})), &text
}

// If each layer logs an error and returns it, one failure makes a record in
// each layer, and none of them is complete: the inner ones do not know the
// request, and between them stand the records of other requests. Counters and
// alarms count it three times. Either handle an error, and logging is one way
// to do that, or return it with what you know. The one that returns it to
// nobody logs it: the handler, the loop of a worker, main.
//
//claim:ask Why not log an error and return it as well?
//claim:source https://go.dev/wiki/CodeReviewComments#handle-errors
func TestLogOnce(t *testing.T) {
	run := func(everywhere bool) []string {
		var h logonceHandler
		log := slog.New(&h)
		report := func(err error) error {
			if everywhere {
				log.Error("failed", "err", err)
			}
			return err
		}
		store := func() error { return report(io.ErrUnexpectedEOF) }
		service := func() error { return report(fmt.Errorf("load user 7: %w", store())) }
		if err := service(); err != nil {
			log.Error("failed", "err", fmt.Errorf("GET /users/7: %w", err))
		}
		return h.lines
	}
	assert.Equal(t, []string{
		"ERROR failed err=unexpected EOF",
		"ERROR failed err=load user 7: unexpected EOF",
		"ERROR failed err=GET /users/7: load user 7: unexpected EOF",
	}, run(true))
	assert.Equal(t, []string{"ERROR failed err=GET /users/7: load user 7: unexpected EOF"}, run(false))
}

// A goroutine that nobody waits for must log its error itself, at its outermost
// function: there is no caller, and the go statement throws results away.
// Better is an owner that gets the error back, through an errgroup, a channel
// or a [Collector], since it can also stop the others or report the service as
// broken. A loop that runs for ever should log and go on after the error of one
// turn, and return the error that makes all further turns useless.
//
//claim:ask Who logs the error of a background goroutine?
//claim:source https://go.dev/ref/spec#Go_statements
func TestLogOnceGoroutine(t *testing.T) {
	var h logonceHandler
	log := slog.New(&h)
	jobs := func(yield func(error) bool) {
		_ = yield(nil) && yield(&Failure{Op: "job 2", Code: InvalidArgument}) && yield(nil) && yield(&Failure{Op: "job 4", Code: Internal}) && yield(nil)
	}
	done := make(chan error, 1)
	turns := 0
	go func() {
		for err := range jobs {
			turns++
			if CodeOf(err) == Internal {
				done <- err // for the owner
				return
			}
			if err != nil {
				log.Warn("job dropped", "err", err)
			}
		}
		done <- nil
	}()
	assert.EqualError(t, <-done, "job 4: internal error")
	assert.Equal(t, 4, turns)
	assert.Equal(t, []string{"WARN job dropped err=job 2: invalid argument"}, h.lines)
}

// logonceLevel returns how loud an error is.
func logonceLevel(err error) slog.Level {
	switch CodeOf(err) {
	case OK, Canceled:
		return slog.LevelDebug
	case InvalidArgument, NotFound, AlreadyExists, PermissionDenied, Unauthenticated, FailedPrecondition, OutOfRange, Aborted:
		return slog.LevelInfo
	case Unavailable, ResourceExhausted, DeadlineExceeded:
		return slog.LevelWarn
	default:
		return slog.LevelError
	}
}

// The level says who has to do something. Error means that somebody of the operators must
// look: a bug, lost data, an error that nobody classified. Warn is a failure that may pass,
// and matters if there are many. A mistake of the client is Info or nothing, it is part of
// normal operation, and a client that went away is no failure at all. If every 404 is an
// Error, nobody reads errors any more. Decide at the one place that logs, from the class of
// the error.
//
//claim:ask At which level do you log an error?
//claim:source https://pkg.go.dev/log/slog#Level
func TestLogOnceLevel(t *testing.T) {
	for want, errs := range map[slog.Level][]error{
		slog.LevelDebug: {nil, fmt.Errorf("query: %w", context.Canceled)},
		slog.LevelInfo:  {&Failure{Op: "user 7", Code: NotFound}, os.ErrPermission},
		slog.LevelWarn:  {context.DeadlineExceeded, &Failure{Code: Unavailable, Err: io.EOF}},
		slog.LevelError: {io.ErrUnexpectedEOF, Internal, DataLoss, Code(99)},
	} {
		for _, err := range errs {
			assert.Equal(t, want, logonceLevel(err), "%v", err)
		}
	}
}

// Give slog the error and not its text: slog.Any("err", err). The handlers call
// Error themselves, only if the record is wanted, and a nil error prints <nil>,
// where err.Error() panics. An error type with a method LogValue becomes a
// group. The JSON handler prints the text too, although encoding/json alone
// makes {} of most errors. This holds for the value of an attribute only: an
// error in a struct or a slice is {} in JSON. The text handler uses %+v, so an
// error with a method Format may print more than its text.
//
//claim:ask slog: "err", err or "err", err.Error()?
//claim:source https://pkg.go.dev/log/slog#JSONHandler.Handle
//claim:source log/slog/text_handler.go
func TestLogOnceValue(t *testing.T) {
	log, text := logonceText()
	var none error
	log.Info("m", "err", io.EOF, "none", none)
	assert.Equal(t, "level=INFO msg=m err=EOF none=<nil>\n", text.String())
	assert.Panics(t, func() { log.Info("m", "err", none.Error()) })

	text.Reset()
	log.Info("m", "err", Trace(io.EOF))
	assert.Contains(t, text.String(), "err.message=EOF err.stack=")

	var asJSON strings.Builder
	slog.New(slog.NewJSONHandler(&asJSON, nil)).Info("m", "err", io.EOF, "list", []error{io.EOF})
	assert.Contains(t, asJSON.String(), `"err":"EOF","list":[{}]`)

	calls := 0
	counting := logonceCounting{&calls}
	log.Debug("not wanted", "err", counting)
	assert.Zero(t, calls, "the text was not made")
	log.Info("wanted", "err", counting)
	assert.Equal(t, 1, calls)

	text.Reset()
	log.Info("m", "err", logonceVerbose{})
	assert.Equal(t, "level=INFO msg=m err=\"text and details\"\n", text.String())
}

type logonceCounting struct{ calls *int }

func (e logonceCounting) Error() string { *e.calls++; return "counted" }

type logonceVerbose struct{}

func (logonceVerbose) Error() string { return "text" }
func (logonceVerbose) Format(s fmt.State, verb rune) {
	io.WriteString(s, "text")
	if s.Flag('+') {
		io.WriteString(s, " and details")
	}
}

// An error counter is labelled with the class of the error, never with its
// text. Each different label makes a new time series in a metrics system, and
// error texts contain keys, addresses and numbers: a thousand requests make a
// thousand series, until the system runs out of memory. A code is one of 17.
// The type as a label, by %T, is bounded but useless, since a wrapped error is
// a *fmt.wrapError whatever is inside. The text belongs in the log, which the
// counter leads to.
//
//claim:ask Which label do you give an error counter?
//claim:source https://prometheus.io/docs/practices/naming/#labels
func TestLogOnceLabels(t *testing.T) {
	byText, byType, byCode := map[string]int{}, map[string]int{}, map[string]int{}
	for i := range 1000 {
		var err error = &Failure{Op: "load user " + strconv.Itoa(i), Code: NotFound}
		if i%10 == 0 {
			err = &net.OpError{Op: "dial", Err: fmt.Errorf("port %d: %w", i, os.ErrDeadlineExceeded)}
		}
		err = fmt.Errorf("request: %w", err)
		byText[err.Error()]++
		byType[fmt.Sprintf("%T", err)]++
		byCode[CodeOf(err).Error()]++
	}
	assert.Len(t, byText, 1000)
	assert.Equal(t, map[string]int{"*fmt.wrapError": 1000}, byType)
	assert.Equal(t, map[string]int{"not found": 900, "deadline exceeded": 100}, byCode)
}

// logonceFlood lets one error of each class through per interval, and counts the others.
type logonceFlood struct {
	log      *slog.Logger
	interval time.Duration
	next     map[Code]time.Time
	dropped  map[Code]int
}

func (f *logonceFlood) report(err error) {
	code := CodeOf(err)
	if now := time.Now(); now.Before(f.next[code]) {
		f.dropped[code]++
	} else {
		f.log.Error("failed", "err", err, "dropped", f.dropped[code])
		f.next[code] = now.Add(f.interval)
		f.dropped[code] = 0
	}
}

// In a flood, log the first error of a class, then at most one per interval
// with the number of those left out. The rest stays in a counter. The class
// must be part of the decision, or a flood of one kind hides the first error of
// another. Do it where errors are logged and not where they are made, so that
// each caller still gets its error.
//
//claim:ask The database is down and every request logs the same error. How do you keep the log readable?
//claim:source https://pkg.go.dev/log/slog#Handler
func TestLogOnceFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h logonceHandler
		flood := logonceFlood{slog.New(&h), 10 * time.Second, map[Code]time.Time{}, map[Code]int{}}
		for i := range 2500 {
			flood.report(Unavailable)
			if i == 1200 {
				flood.report(DataLoss)
			}
			time.Sleep(10 * time.Millisecond)
		}
		assert.Equal(t, []string{
			"ERROR failed err=unavailable dropped=0",
			"ERROR failed err=unavailable dropped=999",
			"ERROR failed err=data loss dropped=0",
			"ERROR failed err=unavailable dropped=999",
		}, h.lines)
		assert.Equal(t, map[Code]int{DataLoss: 0, Unavailable: 499}, maps.Clone(flood.dropped))
	})
}

// An error that a fallback has handled should be logged once, at Warn or below,
// with what was done instead. The caller gets a result and no error, so nobody
// else will ever know that the cache was down and each request took the slow
// way. For a retry log the success after failures, with the number of attempts,
// and not each attempt. What was expected, such as a miss, is not logged at
// all: it is no error.
//
//claim:ask The error is handled by a fallback. Should it still be logged?
//claim:source https://pkg.go.dev/log/slog#Level
func TestLogOnceHandled(t *testing.T) {
	var h logonceHandler
	log := slog.New(&h)
	get := func(cached func() (string, error)) string {
		value, err := cached()
		switch {
		case err == nil:
			return value
		case !errors.Is(err, NotFound):
			log.Warn("cache failed, asking the store", "err", err)
		}
		return "from the store"
	}
	assert.Equal(t, "cached", get(func() (string, error) { return "cached", nil }))
	assert.Equal(t, "from the store", get(func() (string, error) { return "", NotFound }))
	assert.Empty(t, h.lines)
	assert.Equal(t, "from the store", get(func() (string, error) { return "", Unavailable }))
	assert.Equal(t, []string{"WARN cache failed, asking the store err=unavailable"}, h.lines)
}

// If writing the log fails, you see nothing of it. Handle of a slog.Handler
// returns an error, and the methods of slog.Logger throw it away; log.Print
// ignores the error of its writer too. It is on purpose: a program should not
// stop because its log cannot be written, and there is no place to report it.
// If records must not be lost, as in an audit log, do not use a logger: write
// them as data and check the error. A handler that wraps another can count its
// failures.
//
//claim:ask What happens if writing the log fails?
//claim:source log/slog/logger.go
//claim:source log/log.go
func TestLogOnceFails(t *testing.T) {
	full := &logonceFull{}
	assert.NotPanics(t, func() { slog.New(slog.NewTextHandler(full, nil)).Error("lost") })
	assert.Equal(t, 1, full.writes)
	old := log.New(full, "", 0)
	old.Print("lost")
	assert.Equal(t, 2, full.writes)
	assert.Equal(t, errCleanupDisk, old.Output(1, "lost"), "the one function that tells")
	handler := slog.NewTextHandler(full, nil)
	err := handler.Handle(t.Context(), slog.NewRecord(time.Time{}, slog.LevelError, "audit", 0))
	assert.Equal(t, errCleanupDisk, err, "the handler tells")
	counting := &logonceCountFailures{Handler: handler}
	slog.New(counting).Error("lost")
	assert.Equal(t, 1, counting.failures)
}

type logonceFull struct{ writes int }

func (w *logonceFull) Write([]byte) (int, error) { w.writes++; return 0, errCleanupDisk }

type logonceCountFailures struct {
	slog.Handler
	failures int
}

func (h *logonceCountFailures) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if err != nil {
		h.failures++
	}
	return err
}

// logonceRequest adds the request of the context to each record.
type logonceRequest struct{ slog.Handler }

type logonceKey struct{}

func (h logonceRequest) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(logonceKey{}).(string); ok {
		r = r.Clone()
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

// The request identifier belongs in the context, and a handler adds it to each
// record that is logged with that context: use ErrorContext, because the
// methods without a context pass none. What belongs to the whole request, such
// as its identifier, the user or the trace, is needed in all records, not only
// in those with an error. The error carries what is special to the failure.
// With both in every error text, the texts are all different and long.
//
//claim:ask Does the request identifier belong in the error or in the logger?
//claim:source https://pkg.go.dev/log/slog#hdr-Contexts
func TestLogOnceRequest(t *testing.T) {
	plain, text := logonceText()
	log := slog.New(logonceRequest{plain.Handler()})
	ctx := context.WithValue(t.Context(), logonceKey{}, "r7")
	log.InfoContext(ctx, "start")
	log.ErrorContext(ctx, "failed", "err", NotFound)
	log.Error("failed", "err", NotFound)
	require.Equal(t, "level=INFO msg=start request=r7\n"+
		"level=ERROR msg=failed err=\"not found\" request=r7\n"+
		"level=ERROR msg=failed err=\"not found\"\n", text.String())
}
