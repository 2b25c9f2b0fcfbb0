package optimizing

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// A StudyStep is one version of the program that the case study makes faster.
// All versions write the same report.
type StudyStep struct {
	Name string // what the step changes, in one word
	Idea string // what the profile of the step before it said

	// Run reads an access log and writes a report: for each route the number of
	// requests and of server errors, the bytes sent, the median and the 99th
	// percentile of the duration, and at the end the busiest minute. Lines
	// that are no requests are counted and left out. It returns the first error
	// of r or of w. A StudyStep has no state, so calls may run concurrently.
	Run func(w io.Writer, r io.Reader) error
}

// StudySteps returns the versions in the order in which the profiles lead from one to
// the next. Step 0 is the program as one writes it first.
func StudySteps() []StudyStep {
	return []StudyStep{
		{"plain", "the program as one writes it first", studyPlain},
		{"fields", "most of the time is in regexp: cut the line at its delimiters", studyFields},
		{"minutes", "time.Parse is called for each line: parse only what differs from the line before", studyMinutes},
		{"bytes", "most of the garbage is strings: work on the bytes of the reader", studyBytes},
		{"counts", "memory is durations that are kept to be sorted: count them instead", studyCounts},
		{"parallel", "one core is busy, the others are not: give each a part of the log", studyParallel},
	}
}

// WriteStudyLog writes an access log of the given number of lines in the
// format of web servers, with the duration in seconds at the end:
//
//	203.0.113.7 - - [01/Mar/2026:12:34:56 +0000] "GET /orders/4711 HTTP/1.1" 200 1532 0.012
//
// The same number of lines gives the same log. It returns the first error of w.
func WriteStudyLog(w io.Writer, lines int) error {
	random := rand.New(rand.NewPCG(1, 2))
	routes := []string{ // # stands for a number
		"GET /", "GET /login", "POST /login", "GET /orders", "GET /orders/#", "POST /orders", "GET /orders/#/items/#",
		"GET /products/#", "GET /products/#/reviews", "PUT /users/#", "GET /users/#/avatar", "GET /static/app.js",
	}
	out := bufio.NewWriter(w)
	start := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	var line []byte
	for i := range lines {
		// About fifty lines a second.
		line = fmt.Appendf(line[:0], "203.0.113.%d - - [", random.IntN(256))
		line = start.Add(time.Duration(i)*20*time.Millisecond).AppendFormat(line, studyTimeLayout)
		line = append(line, `] "`...)
		for _, c := range []byte(routes[random.IntN(len(routes))]) {
			if c == '#' {
				line = strconv.AppendInt(line, 1+random.Int64N(1_000_000), 10)
			} else {
				line = append(line, c)
			}
		}
		status := 200
		if random.IntN(50) == 0 {
			status = 503
		}
		// Most answers are quick and a few are slow.
		milliseconds := 1 + int(random.ExpFloat64()*40)
		line = fmt.Appendf(line, " HTTP/1.1\" %d %d %d.%03d\n",
			status, 200+random.IntN(20_000), milliseconds/1000, milliseconds%1000)
		out.Write(line)
	}
	return out.Flush()
}

const studyTimeLayout = "02/Jan/2006:15:04:05 -0700"

// studyRow is a line of the report.
type studyRow struct {
	route            string
	requests, errors int
	bytes            int64
	median, p99      int // milliseconds
}

// writeStudyReport is the same for all steps: no profile ever named it.
func writeStudyReport(w io.Writer, rows []studyRow, minutes map[int64]int, skipped int) error {
	slices.SortFunc(rows, func(a, b studyRow) int {
		return cmp.Or(cmp.Compare(b.requests, a.requests), cmp.Compare(a.route, b.route))
	})
	var busiest int64
	for minute, n := range minutes {
		if n > minutes[busiest] || n == minutes[busiest] && minute < busiest {
			busiest = minute
		}
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%-28s %9s %7s %12s %7s %7s\n", "route", "requests", "errors", "bytes", "median", "p99")
	for _, row := range rows {
		fmt.Fprintf(out, "%-28s %9d %7d %12d %5dms %5dms\n",
			row.route, row.requests, row.errors, row.bytes, row.median, row.p99)
	}
	if len(rows) > 0 {
		fmt.Fprintf(out, "busiest minute: %s with %d requests\n",
			time.Unix(60*busiest, 0).UTC().Format("2006-01-02 15:04"), minutes[busiest])
	}
	if skipped > 0 {
		fmt.Fprintf(out, "%d lines left out\n", skipped)
	}
	return out.Flush()
}
