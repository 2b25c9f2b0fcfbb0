package optimizing

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Each step repeats the loop of the one before, so that a diff of two of them shows
// what a round has changed and nothing else.
//
// Step 0, plain: two regular expressions, one time.Parse and one slice entry for
// each line. Nothing in it is wrong.

var (
	studyLine = regexp.MustCompile(`^\S+ - - \[(\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] ` +
		`"([A-Z]+) (\S+) HTTP/[0-9.]+" ([1-5]\d\d) (\d{1,12}) (\d{1,6}\.\d{3})$`)
	studyID = regexp.MustCompile(`/\d+`)
)

// studyRoute is what steps 0 to 3 know of a route. A percentile needs all
// durations.
type studyRoute struct {
	requests, errors int
	bytes            int64
	durations        []float64 // seconds
}

func (r *studyRoute) add(failed bool, size int64, seconds float64) {
	r.requests++
	if failed {
		r.errors++
	}
	r.bytes += size
	r.durations = append(r.durations, seconds)
}

func studyPlain(w io.Writer, r io.Reader) error {
	routes := make(map[string]*studyRoute)
	minutes := make(map[int64]int) // requests by Unix time in minutes
	skipped := 0
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		fields := studyLine.FindStringSubmatch(scanner.Text())
		if fields == nil {
			skipped++
			continue
		}
		at, err := time.Parse(studyTimeLayout, fields[1])
		if err != nil {
			skipped++
			continue
		}
		minutes[floorMinute(at)]++
		name := fields[2] + " " + studyID.ReplaceAllString(fields[3], "/{id}")
		route := routes[name]
		if route == nil {
			route = &studyRoute{}
			routes[name] = route
		}
		size, _ := strconv.ParseInt(fields[5], 10, 64) // the expression has checked the digits
		seconds, _ := strconv.ParseFloat(fields[6], 64)
		route.add(fields[4][0] == '5', size, seconds)
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	return writeStudyRoutes(w, routes, minutes, skipped)
}

// floorMinute returns the minutes since 1970, also for years before it.
func floorMinute(t time.Time) int64 {
	return int64(math.Floor(float64(t.Unix()) / 60))
}

// writeStudyRoutes sorts the durations of each route to find its percentiles.
func writeStudyRoutes(w io.Writer, routes map[string]*studyRoute, minutes map[int64]int, skipped int) error {
	rows := make([]studyRow, 0, len(routes))
	for name, route := range routes {
		slices.Sort(route.durations)
		at := func(percent int) int {
			return int(math.Round(1000 * route.durations[studyRank(len(route.durations), percent)]))
		}
		rows = append(rows, studyRow{name, route.requests, route.errors, route.bytes, at(50), at(99)})
	}
	return writeStudyReport(w, rows, minutes, skipped)
}

// studyRank returns the index of a percentile in n sorted values: the smallest
// value that is not below the given percentage of them.
func studyRank(n, percent int) int {
	return (n*percent+99)/100 - 1
}

// Step 1, fields: the format has fixed delimiters, so strings.Cut finds what
// the regular expression searched for.

func studyFields(w io.Writer, r io.Reader) error {
	routes := make(map[string]*studyRoute)
	minutes := make(map[int64]int)
	skipped := 0
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		line, ok := cutStudyLine(scanner.Bytes())
		if !ok {
			skipped++
			continue
		}
		at, err := time.Parse(studyTimeLayout, string(line.time))
		if err != nil {
			skipped++
			continue
		}
		minutes[floorMinute(at)]++
		name := string(line.method) + " " + studyPath(string(line.path))
		route := routes[name]
		if route == nil {
			route = &studyRoute{}
			routes[name] = route
		}
		size, _ := strconv.ParseInt(string(line.size), 10, 64)
		seconds, _ := strconv.ParseFloat(string(line.seconds), 64)
		route.add(line.status[0] == '5', size, seconds)
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	return writeStudyRoutes(w, routes, minutes, skipped)
}

// studyFieldsOf are the parts of a line that the report needs.
type studyFieldsOf struct {
	time, method, path, status, size, seconds []byte
}

var (
	studySpace     = []byte(" ")
	studyAfterHost = []byte(" - - [")
	studyAfterTime = []byte(`] "`)
	studyVersion   = []byte(" HTTP/")
	studyQuote     = []byte(`" `)
	studyPoint     = []byte(".")
)

// cutStudyLine accepts exactly the lines that studyLine matches.
func cutStudyLine(s []byte) (line studyFieldsOf, ok bool) {
	host, s, ok := bytes.Cut(s, studyAfterHost)
	if !ok || !isStudyWord(host) {
		return line, false
	}
	if line.time, s, ok = bytes.Cut(s, studyAfterTime); !ok || !isStudyTime(line.time) {
		return line, false
	}
	if line.method, s, ok = bytes.Cut(s, studySpace); !ok || !consistsOf(line.method, 'A', 'Z', 1, math.MaxInt) {
		return line, false
	}
	if line.path, s, ok = bytes.Cut(s, studyVersion); !ok || !isStudyWord(line.path) {
		return line, false
	}
	version, s, ok := bytes.Cut(s, studyQuote)
	if !ok || !isStudyVersion(version) {
		return line, false
	}
	if line.status, s, ok = bytes.Cut(s, studySpace); !ok || !consistsOf(line.status, '0', '9', 3, 3) ||
		line.status[0] < '1' || line.status[0] > '5' {
		return line, false
	}
	if line.size, line.seconds, ok = bytes.Cut(s, studySpace); !ok || !consistsOf(line.size, '0', '9', 1, 12) {
		return line, false
	}
	whole, part, ok := bytes.Cut(line.seconds, studyPoint)
	return line, ok && consistsOf(whole, '0', '9', 1, 6) && consistsOf(part, '0', '9', 3, 3)
}

// isStudyWord reports whether s has no white space, as \S+ has none.
func isStudyWord(s []byte) bool {
	for _, c := range s {
		if c == ' ' || '\t' <= c && c <= '\r' && c != '\v' {
			return false
		}
	}
	return len(s) > 0
}

func isStudyVersion(s []byte) bool {
	for _, c := range s {
		if c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return len(s) > 0
}

// isStudyTime reports whether s has the form 01/Mar/2026:12:34:56 +0000.
// Whether there is such a day is for time.Parse to say.
func isStudyTime(s []byte) bool {
	const form = "00/Aaa/0000:00:00:00 +0000"
	if len(s) != len(form) {
		return false
	}
	for i := range len(form) {
		c := s[i]
		switch form[i] {
		case '0':
			if c < '0' || c > '9' {
				return false
			}
		case 'A':
			if c < 'A' || c > 'Z' {
				return false
			}
		case 'a':
			if c < 'a' || c > 'z' {
				return false
			}
		case '+':
			if c != '+' && c != '-' {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}

// consistsOf reports whether s has from least to most bytes, all from low to high.
func consistsOf(s []byte, low, high byte, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for _, c := range s {
		if c < low || c > high {
			return false
		}
	}
	return true
}

// studyPath replaces each number after a slash by {id}, so that all orders are
// one route.
func studyPath(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		b.WriteByte(path[i])
		if path[i] != '/' {
			continue
		}
		digits := i + 1
		for digits < len(path) && '0' <= path[digits] && path[digits] <= '9' {
			digits++
		}
		if digits > i+1 {
			b.WriteString("{id}")
			i = digits - 1
		}
	}
	return b.String()
}

// Step 2, minutes: fifty lines a second differ in their seconds at most. The
// text of the last minute and its value are kept.

func studyMinutes(w io.Writer, r io.Reader) error {
	routes := make(map[string]*studyRoute)
	minutes := make(map[int64]int)
	var clock studyClock
	skipped := 0
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		line, ok := cutStudyLine(scanner.Bytes())
		if !ok {
			skipped++
			continue
		}
		minute, ok := clock.minute(line.time)
		if !ok {
			skipped++
			continue
		}
		minutes[minute]++
		name := string(line.method) + " " + studyPath(string(line.path))
		route := routes[name]
		if route == nil {
			route = &studyRoute{}
			routes[name] = route
		}
		size, _ := strconv.ParseInt(string(line.size), 10, 64)
		seconds, _ := strconv.ParseFloat(string(line.seconds), 64)
		route.add(line.status[0] == '5', size, seconds)
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	return writeStudyRoutes(w, routes, minutes, skipped)
}

// A studyClock parses times that mostly lie in the minute of the one before.
type studyClock struct {
	text  string // of the last time that was parsed
	value int64
}

// minute returns the Unix time of s in minutes. It reports false if there is no
// such time. The form of s has been checked.
func (c *studyClock) minute(s []byte) (minute int64, ok bool) {
	const to, from = len("01/Mar/2026:12:34:"), len("01/Mar/2026:12:34:56")
	if c.text != "" && s[to] <= '5' && string(s[:to]) == c.text[:to] && string(s[from:]) == c.text[from:] {
		return c.value, true
	}
	at, err := time.Parse(studyTimeLayout, string(s))
	if err != nil {
		return 0, false
	}
	c.text, c.value = string(s), floorMinute(at)
	return c.value, true
}
