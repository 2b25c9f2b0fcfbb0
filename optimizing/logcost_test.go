package optimizing

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// logcostValue counts how often it is formatted.
type logcostValue struct{ formatted *int }

func (v logcostValue) String() string { *v.formatted++; return "value" }

// logcostLazy counts how often it is asked for its value.
type logcostLazy struct{ resolved *int }

func (v logcostLazy) LogValue() slog.Value { *v.resolved++; return slog.StringValue("value") }

// Nothing is formatted and nothing written, but the arguments are computed before the
// call: fmt.Sprintf in an argument does all its work for a line that never appears.
// slog itself asks the handler first, and a value with the method LogValue or String
// is not asked when the level is off. So pass the value and not its text, give costly
// values a LogValue method, and put work that is more than that behind
// logger.Enabled.
//
//claim:ask What does a debug line cost while the debug level is off?
//claim:source https://pkg.go.dev/log/slog#hdr-Performance_considerations
func TestLogCostDisabled(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, nil))
	var formatted, resolved int
	logger.Debug("x", "value", logcostValue{&formatted}, "lazy", logcostLazy{&resolved})
	assert.Equal(t, [2]int{0, 0}, [2]int{formatted, resolved})
	logger.Debug("x", "value", fmt.Sprintf("%v", logcostValue{&formatted}))
	assert.Equal(t, 1, formatted, "for nothing")
	if logger.Enabled(context.Background(), slog.LevelDebug) {
		logger.Debug("x", "value", logcostValue{&formatted}.String())
	}
	assert.Equal(t, 1, formatted)
	assert.Empty(t, out.String())
	logger.Info("x", "value", logcostValue{&formatted}, "lazy", logcostLazy{&resolved})
	assert.Equal(t, [2]int{2, 1}, [2]int{formatted, resolved})
}

//go:noinline
func logcostPairs(logger *slog.Logger, id int, name string) {
	logger.Debug("order", "id", id, "name", name)
}

//go:noinline
func logcostAttrs(logger *slog.Logger, id int, name string) {
	logger.LogAttrs(context.Background(), slog.LevelDebug, "order", slog.Int("id", id), slog.String("name", name))
}

// Debug with keys and values puts each value into an interface, which allocates
// for strings and larger numbers before the level is looked at. LogAttrs takes
// typed attributes, which hold numbers and strings without boxing, and
// allocates nothing for a disabled level. Both write the same line if the level
// is on. So use LogAttrs in hot paths, and the short form elsewhere.
//
//claim:ask Why does a disabled slog.Debug allocate, and how do you avoid it?
//claim:source https://pkg.go.dev/log/slog#Logger.LogAttrs
func TestLogCostAttrs(t *testing.T) {
	var pairs, attrs bytes.Buffer
	options := &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	logcostPairs(slog.New(slog.NewTextHandler(&pairs, options)), 7, "x")
	logcostAttrs(slog.New(slog.NewTextHandler(&attrs, options)), 7, "x")
	assert.Equal(t, "level=DEBUG msg=order id=7 name=x\n", pairs.String())
	assert.Equal(t, pairs.String(), attrs.String())
	disabled, id, name := slog.New(slog.NewTextHandler(io.Discard, nil)), 12345, strings.Repeat("n", 10)
	proof.WantAllocs(t, 0, func() { logcostAttrs(disabled, id, name) })
	assert.Positive(t, testing.AllocsPerRun(100, func() { logcostPairs(disabled, id, name) }))
}

//go:noinline
func logcostInfo(logger *slog.Logger, id int) {
	logger.LogAttrs(context.Background(), slog.LevelInfo, "order", slog.Int("id", id))
}

// It formats each record and then throws it away: a TextHandler on io.Discard does not
// know where its bytes go, and is more than 5 times as slow as slog.DiscardHandler
// (since Go 1.24), which reports every level as disabled. Package log is different:
// a log.Logger looks whether its output is io.Discard, and does not format in that
// case. So a benchmark with logs to io.Discard measures the formatting with slog and
// nothing with log.
//
//claim:ask What is wrong with slog.NewTextHandler(io.Discard, nil) to turn logs off?
//claim:expect ns/op of=text > 5x of=discard
//claim:source https://pkg.go.dev/log/slog#DiscardHandler
func BenchmarkLogCostDiscard(b *testing.B) {
	text, discard := slog.New(slog.NewTextHandler(io.Discard, nil)), slog.New(slog.DiscardHandler)
	id := 0
	layoutRun(b, "of=text", func() { id++; logcostInfo(text, id) })
	layoutRun(b, "of=discard", func() { id++; logcostInfo(discard, id) })
}

func TestLogCostDiscard(t *testing.T) {
	var formatted int
	value := logcostValue{&formatted}
	slog.New(slog.DiscardHandler).Info("x", "value", value)
	log.New(io.Discard, "", 0).Print(value)
	assert.Zero(t, formatted)
	log.New(struct{ io.Writer }{io.Discard}, "", 0).Print(value)
	assert.Equal(t, 1, formatted, "a wrapped io.Discard is not recognised")
	slog.New(slog.NewTextHandler(io.Discard, nil)).Info("x", "value", value)
	assert.Equal(t, 2, formatted)
}

// Attributes that are the same in many lines are given once with Logger.With: the
// handlers of the standard library format them at that moment and copy the finished
// text into each line. A value with LogValue is asked once for all lines, and not once
// for each, so With is wrong for what changes, such as a counter or a state. And With
// works at once also if no line follows, so call it per request or connection, not in
// front of each line.
//
//claim:ask How do you log the request ID in each line without paying for it each time?
//claim:source https://pkg.go.dev/log/slog#Logger.With
func TestLogCostWith(t *testing.T) {
	var resolved int
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	for range 10 {
		logger.Info("x", "lazy", logcostLazy{&resolved})
	}
	assert.Equal(t, 10, resolved)
	resolved = 0
	request := logger.With("lazy", logcostLazy{&resolved})
	assert.Equal(t, 1, resolved, "before the first line")
	for range 10 {
		request.Info("x")
	}
	assert.Equal(t, 1, resolved)
	assert.Equal(t, 20, strings.Count(out.String(), `"lazy":"value"`))
}

// One for each line, under a lock: neither log nor slog has a buffer, so that lines of
// several goroutines do not mix and nothing is lost if the process dies. With 1000
// lines a second that is 1000 system calls, which does not matter; in a hot loop it
// does. First log less: one line for a request, every n-th of equal lines, a counter
// instead of a line. A bufio.Writer below the logger makes the calls rare, but the last
// lines before a crash, which matter most, are then missing, and Flush must not run at
// the same time as a line is written.
//
//claim:ask How many system calls does logging make, and should its output be buffered?
//claim:source log/slog/handler.go
func TestLogCostWrites(t *testing.T) {
	counter := &CallCounter{W: io.Discard}
	text, plain := slog.New(slog.NewTextHandler(counter, nil)), log.New(counter, "", log.LstdFlags)
	for i := range 500 {
		text.Info("line", "i", i, "name", "x")
		plain.Print("line ", i)
	}
	assert.Equal(t, 1000, counter.Writes)
}

// Package log looks for them only if the flag Lshortfile or Llongfile is set, by walking
// the stack while the line is written. slog notes the program counter in each record of
// an enabled level, and looks up the names in the tables of the program only if somebody
// asks, which the handlers do with AddSource. For a disabled level it does nothing of
// this. A wrapper of your own around slog moves the place: all lines then come from the
// wrapper, unless it makes the Record itself.
//
//claim:ask Does logging look up file and line for each record?
//claim:source log/slog/logger.go
func TestLogCostSource(t *testing.T) {
	var out bytes.Buffer
	log.New(&out, "", log.Lshortfile).Print("a line")
	log.New(&out, "", 0).Print("a line")
	assert.Regexp(t, `^logcost_test\.go:\d+: a line\na line\n$`, out.String())

	var records []slog.Record
	logger := slog.New(logcostHandler{slog.DiscardHandler, &records})
	logger.Debug("disabled")
	logger.Info("direct")
	logcostWrapped(logger)
	require.Len(t, records, 2)
	assert.NotZero(t, records[0].PC)
	assert.Contains(t, records[0].Source().Function, "TestLogCostSource")
	assert.Contains(t, records[1].Source().Function, "logcostWrapped")
}

func logcostWrapped(logger *slog.Logger) { logger.Info("wrapped") }

// logcostHandler keeps the records from level Info on.
type logcostHandler struct {
	slog.Handler
	records *[]slog.Record
}

func (logcostHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo
}

func (h logcostHandler) Handle(_ context.Context, record slog.Record) error {
	*h.records = append(*h.records, record)
	return nil
}
