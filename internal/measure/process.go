package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Failure says why a process gave no samples, with its own last words.
type Failure struct {
	What string // "does not build", "hangs: …"
	Tail string // the process's last lines

	status int // exit status
}

func (f *Failure) Error() string {
	if f.Tail == "" {
		return f.What
	}
	return f.What + ":\n" + f.Tail
}

// runProcess runs a program until it ends or the timeout expires, together
// with the processes it started. On a timeout it is asked for its goroutine
// stacks first.
func runProcess(ctx context.Context, timeout time.Duration, dir string, env []string, out *bytes.Buffer, name string, args ...string) error {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, name, args...)
	cmd.Dir, cmd.Env = dir, env
	cmd.Stdout, cmd.Stderr = out, out // one pipe keeps the order of lines
	ownGroup(cmd)
	cmd.Cancel = func() error {
		if ctx.Err() == nil && askForStacks(cmd) == nil {
			return nil
		}
		killGroup(cmd)
		return cmd.Process.Kill()
	}
	cmd.WaitDelay = 2 * time.Second // then it is killed
	err := cmd.Run()
	if cmd.Process != nil {
		killGroup(cmd)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return &Failure{What: fmt.Sprintf("hangs: no end after %v", timeout), Tail: tail(out.String())}
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return nil
	}
	return &Failure{"ends with " + err.Error(), tail(out.String()), cmd.ProcessState.ExitCode()}
}

// tailLines is how many lines of a failed process are shown at most.
const tailLines = 12

// boilerplate matches lines of the testing package that say nothing of a failure.
var boilerplate = regexp.MustCompile(`^(=== RUN .*|goos: .*|goarch: .*|pkg: .*|cpu: .*|PASS|FAIL|)$`)

// tail returns the lines that say why a process failed: those that follow a
// panic, those that lead to a failed test, or the last ones.
func tail(out string) string {
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(out), "\n"), boilerplate.MatchString)
	for i, line := range lines {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "panic: "), strings.HasPrefix(line, "fatal error: "), strings.HasPrefix(line, "SIGQUIT"):
			return strings.Join(lines[i:min(i+tailLines, len(lines))], "\n")
		case strings.HasPrefix(line, "--- FAIL: "):
			// With -test.v the messages of a test come before its result.
			return strings.Join(lines[max(0, i+1-tailLines):min(i+tailLines/2, len(lines))], "\n")
		}
	}
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
