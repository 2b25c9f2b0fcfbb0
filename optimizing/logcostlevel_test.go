package optimizing

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// With a slog.LevelVar: the handler reads it for each call, an atomic load, and Set
// changes the level of all loggers that share it, also of those made by With. So debug
// logging can be off in production at almost no cost, and be turned on for a minute by
// an admin request. Set is safe for concurrent use.
//
//claim:ask How do you change the log level of a running program?
//claim:source https://pkg.go.dev/log/slog#LevelVar
func TestLogCostLevel(t *testing.T) {
	var level slog.LevelVar // info
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: &level})).With("part", "db")
	logger.Debug("one")
	level.Set(slog.LevelDebug)
	logger.Debug("two")
	level.Set(slog.LevelError)
	logger.Info("three")
	assert.Equal(t, 1, strings.Count(out.String(), "\n"))
	assert.Contains(t, out.String(), "msg=two part=db")
}
