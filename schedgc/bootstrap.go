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

// InitTrace tells what the initialisation of one package cost when the program
// started: one line of GODEBUG=inittrace=1.
type InitTrace struct {
	Package string        // its import path
	At      time.Duration // since the runtime was ready
	Clock   time.Duration // for all variables and init functions of the package
	Bytes   uint64        // allocated on the heap meanwhile
	Allocs  uint64        // and in how many objects
}

var initTraceLine = regexp.MustCompile(`^init (\S+) @(\S+ ms), (\S+ ms) clock, (\d+) bytes, (\d+) allocs$`)

// ParseInitTrace reads the standard error of a program that ran with
// GODEBUG=inittrace=1. The packages come in the order of their initialisation; those
// that have nothing to do at the start are not listed. Lines of other origin are
// skipped. A number out of range is an error, which names its line.
func ParseInitTrace(r io.Reader) ([]InitTrace, error) {
	var all []InitTrace
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		m := initTraceLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		t := InitTrace{Package: m[1]}
		var errs [4]error
		t.At, errs[0] = time.ParseDuration(strings.ReplaceAll(m[2], " ", ""))
		t.Clock, errs[1] = time.ParseDuration(strings.ReplaceAll(m[3], " ", ""))
		t.Bytes, errs[2] = strconv.ParseUint(m[4], 10, 64)
		t.Allocs, errs[3] = strconv.ParseUint(m[5], 10, 64)
		for _, err := range errs {
			if err != nil {
				return all, fmt.Errorf("line %d: %w", n, err)
			}
		}
		all = append(all, t)
	}
	return all, lines.Err()
}
