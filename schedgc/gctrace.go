package schedgc

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// GCTrace is a line that the runtime prints to the standard error for each
// collection if the program was started with GODEBUG=gctrace=1. The fields stand
// in the order of the line.
type GCTrace struct {
	Cycle      int           // number of the collection, from 1
	At         time.Duration // start of the collection, since the start of the program
	CPUPercent int           // share of the collector in the CPU time available since the start of the program
	LeakCheck  bool          // the cycle also looked for leaked goroutines (Go 1.26)

	// What a clock on the wall shows for the three phases. The world is stopped
	// in the first and the last.
	SweepTermination, Mark, MarkTermination time.Duration

	// CPU time of the same phases. That of marking is split into what allocating
	// goroutines had to do, the workers of the collector, and workers on Ps that
	// had nothing else to do.
	SweepTerminationCPU, AssistCPU, WorkerCPU, IdleCPU, MarkTerminationCPU time.Duration

	// Bytes, which the runtime rounds down to MiB: heap at the start of the
	// collection, at the end of marking, the part of it that was marked, the goal
	// that this cycle was to meet, and the roots.
	HeapStart, HeapEnd, HeapLive, Goal, Stacks, Globals int64

	Procs  int  // GOMAXPROCS
	Forced bool // by a call of runtime.GC
}

// Pause returns how long the world was stopped in the cycle.
func (g GCTrace) Pause() time.Duration { return g.SweepTermination + g.MarkTermination }

const (
	gcTraceMS = `(\d+(?:\.\d+)?)`
	gcTraceMB = `(\d+)`
)

var gcTraceLine = regexp.MustCompile(`^gc (\d+) @(\d+(?:\.\d+)?)s (\d+)%( \(checking for goroutine leaks\))?: ` +
	gcTraceMS + `\+` + gcTraceMS + `\+` + gcTraceMS + ` ms clock, ` +
	gcTraceMS + `\+` + gcTraceMS + `/` + gcTraceMS + `/` + gcTraceMS + `\+` + gcTraceMS + ` ms cpu, ` +
	gcTraceMB + `->` + gcTraceMB + `->` + gcTraceMB + ` MB, ` + gcTraceMB + ` MB goal, ` +
	gcTraceMB + ` MB stacks, ` + gcTraceMB + ` MB globals, ` + gcTraceMB + ` P( \(forced\))?$`)

// ParseGCTrace parses a line of gctrace, without a line feed, as Go 1.19 and
// later print it. The format is not covered by the promise of compatibility,
// so that a line of an unknown form is an error. It is safe for concurrent use.
func ParseGCTrace(line string) (GCTrace, error) {
	match := gcTraceLine.FindStringSubmatch(line)
	if match == nil {
		return GCTrace{}, fmt.Errorf("gctrace: %q is not of the form %q", line,
			"gc # @#s #%: #+#+# ms clock, #+#/#/#+# ms cpu, #->#-># MB, # MB goal, # MB stacks, # MB globals, # P")
	}
	var err error
	number := func(i int) int {
		n, e := strconv.Atoi(match[i])
		if e != nil {
			err = e
		}
		return n
	}
	duration := func(i int, unit string) time.Duration {
		d, e := time.ParseDuration(match[i] + unit)
		if e != nil {
			err = e
		}
		return d
	}
	size := func(i int) int64 {
		n, e := strconv.ParseInt(match[i], 10, 44) // the product fits
		if e != nil {
			err = e
		}
		return n << 20
	}
	g := GCTrace{
		Cycle:               number(1),
		At:                  duration(2, "s"),
		CPUPercent:          number(3),
		LeakCheck:           match[4] != "",
		SweepTermination:    duration(5, "ms"),
		Mark:                duration(6, "ms"),
		MarkTermination:     duration(7, "ms"),
		SweepTerminationCPU: duration(8, "ms"),
		AssistCPU:           duration(9, "ms"),
		WorkerCPU:           duration(10, "ms"),
		IdleCPU:             duration(11, "ms"),
		MarkTerminationCPU:  duration(12, "ms"),
		HeapStart:           size(13),
		HeapEnd:             size(14),
		HeapLive:            size(15),
		Goal:                size(16),
		Stacks:              size(17),
		Globals:             size(18),
		Procs:               number(19),
		Forced:              match[20] != "",
	}
	if err != nil {
		return GCTrace{}, fmt.Errorf("gctrace: %q: %w", line, err)
	}
	return g, nil
}

// ReadGCTraces returns the collections in what a program printed to its standard
// error. Other lines are skipped; a line that starts like one of gctrace and
// cannot be parsed is an error, with the number of the line. So is one longer
// than 64 KiB. The collections before the error are returned with it.
func ReadGCTraces(r io.Reader) ([]GCTrace, error) {
	var all []GCTrace
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if rest, found := strings.CutPrefix(lines.Text(), "gc "); !found || !gcTraceStart.MatchString(rest) {
			continue
		}
		g, err := ParseGCTrace(lines.Text())
		if err != nil {
			return all, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, g)
	}
	return all, lines.Err()
}

var gcTraceStart = regexp.MustCompile(`^\d+ @`)
