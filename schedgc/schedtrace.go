package schedgc

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SchedTrace is one record of what GODEBUG=schedtrace=N prints every N milliseconds:
// how many processors (P) are idle, how many threads (M) there are, and how many
// goroutines (G) are ready and wait for a P. Counts of queues leave out the
// goroutine that each P will run next.
type SchedTrace struct {
	Elapsed         time.Duration // since the first record, in whole milliseconds
	GoMaxProcs      int
	IdleProcs       int   // Ps that run nothing
	Threads         int   // all Ms, also the monitor and the idle ones
	SpinningThreads int   // Ms that look for work
	IdleThreads     int   // parked Ms
	GlobalQueue     int   // ready goroutines in the queue of all Ps
	LocalQueues     []int // ready goroutines in the queue of each P
	// Details are the lines that scheddetail=1 adds, for each P, M and G.
	Details []SchedDetail
}

// SchedDetail is the line of one P, M or G in a record that was printed with
// scheddetail=1.
type SchedDetail struct {
	Kind   byte // 'P', 'M' or 'G'
	ID     int
	Fields map[string]string // such as status=4; the reason of a waiting G is its waitreason
}

// Waiting returns the number of goroutines that are ready and wait for a P.
func (s SchedTrace) Waiting() int {
	sum := s.GlobalQueue
	for _, n := range s.LocalQueues {
		sum += n
	}
	return sum
}

var (
	schedTraceDetail = regexp.MustCompile(`^  ([PMG])(\d+): (.*)$`)
	schedTraceField  = regexp.MustCompile(`([a-z]+)=(\d+\(.*\)|\S*)`)
	schedTraceLocal  = regexp.MustCompile(`\[ ?((?:\d+ ?)+)\]`)
)

// ParseSchedTrace reads the standard error of a program that ran with
// GODEBUG=schedtrace. Lines of other origin are skipped, and so is a last line
// without a newline: the end of the program has cut it off, and may have cut off
// details of the last record. A line that begins like a record and is not one is an
// error, which names it by its number; the records before it are returned as well.
func ParseSchedTrace(r io.Reader) ([]SchedTrace, error) {
	var all []SchedTrace
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		line = strings.TrimRight(line, "\r\n")
		if after, ok := strings.CutPrefix(line, "SCHED "); ok {
			record, err := parseSchedTraceRecord(after)
			if err != nil {
				return all, fmt.Errorf("line %d: %w", n, err)
			}
			all = append(all, record)
		} else if m := schedTraceDetail.FindStringSubmatch(line); m != nil && len(all) > 0 {
			if err := all[len(all)-1].addDetail(m[1][0], m[2], m[3]); err != nil {
				return all, fmt.Errorf("line %d: %w", n, err)
			}
		}
	}
}

// parseSchedTraceRecord reads what follows after the word SCHED.
func parseSchedTraceRecord(text string) (s SchedTrace, err error) {
	elapsed, rest, ok := strings.Cut(text, ": ")
	if !ok {
		return s, fmt.Errorf("record %q has no time", text)
	}
	if s.Elapsed, err = time.ParseDuration(elapsed); err != nil {
		return s, err
	}
	wanted := map[string]*int{
		"gomaxprocs": &s.GoMaxProcs, "idleprocs": &s.IdleProcs, "threads": &s.Threads,
		"spinningthreads": &s.SpinningThreads, "idlethreads": &s.IdleThreads, "runqueue": &s.GlobalQueue,
	}
	for _, field := range schedTraceField.FindAllStringSubmatch(rest, -1) {
		if place := wanted[field[1]]; place != nil {
			if *place, err = strconv.Atoi(field[2]); err != nil {
				return s, err
			}
			delete(wanted, field[1])
		}
	}
	if len(wanted) > 0 {
		return s, fmt.Errorf("record %q has no %s", text, slices.Sorted(maps.Keys(wanted))[0])
	}
	if m := schedTraceLocal.FindStringSubmatch(rest); m != nil {
		for number := range strings.FieldsSeq(m[1]) {
			n, err := strconv.Atoi(number)
			if err != nil {
				return s, err
			}
			s.LocalQueues = append(s.LocalQueues, n)
		}
	}
	return s, nil
}

// addDetail adds the line of a P, M or G.
func (s *SchedTrace) addDetail(kind byte, id, rest string) error {
	d := SchedDetail{Kind: kind, Fields: make(map[string]string)}
	var err error
	if d.ID, err = strconv.Atoi(id); err != nil {
		return err
	}
	for _, field := range schedTraceField.FindAllStringSubmatch(rest, -1) {
		value := field[2]
		if status, reason, ok := strings.Cut(value, "("); ok && kind == 'G' {
			d.Fields["waitreason"] = strings.TrimSuffix(reason, ")")
			value = status
		}
		d.Fields[field[1]] = value
	}
	if kind == 'P' {
		n, err := strconv.Atoi(d.Fields["runqsize"])
		if err != nil {
			return fmt.Errorf("runqsize of P%s: %w", id, err)
		}
		s.LocalQueues = append(s.LocalQueues, n)
	}
	s.Details = append(s.Details, d)
	return nil
}
