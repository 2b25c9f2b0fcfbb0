package optimizing

import (
	"bufio"
	"bytes"
	"io"
	"runtime"
	"slices"
	"strconv"
	"sync"
)

// Step 3, bytes: the name of the route is put together in a buffer that is used
// again, and looking it up with routes[string(name)] makes no string. Only a
// route that is new allocates.

func studyBytes(w io.Writer, r io.Reader) error {
	routes := make(map[string]*studyRoute)
	minutes := make(map[int64]int)
	var clock studyClock
	var name []byte
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
		name = appendStudyRoute(name[:0], line.method, line.path)
		route := routes[string(name)]
		if route == nil {
			route = &studyRoute{}
			routes[string(name)] = route
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

// appendStudyRoute appends the name of a route to b: the method, and the path
// with {id} for each number after a slash.
func appendStudyRoute(b, method, path []byte) []byte {
	b = append(b, method...)
	b = append(b, ' ')
	for {
		slash := bytes.IndexByte(path, '/')
		if slash < 0 {
			return append(b, path...)
		}
		b = append(b, path[:slash+1]...)
		path = path[slash+1:]
		digits := 0
		for digits < len(path) && '0' <= path[digits] && path[digits] <= '9' {
			digits++
		}
		if digits > 0 {
			b = append(b, "{id}"...)
			path = path[digits:]
		}
	}
}

// Step 4, counts: the log knows durations to a millisecond. How often each
// occurs is enough for exact percentiles, needs no sorting, and the memory no
// longer grows with the log.

func studyCounts(w io.Writer, r io.Reader) error {
	s := newStudySummary()
	if err := s.read(r); err != nil {
		return err
	}
	return s.write(w)
}

type studySummary struct {
	routes  map[string]*studyHistogram
	minutes map[int64]int
	skipped int
	clock   studyClock
	name    []byte // of the route of this line
}

type studyHistogram struct {
	requests, errors int
	bytes            int64
	counts           []int // requests by milliseconds
	slow             []int // the milliseconds of those too slow to be counted
}

// studyCounted is the limit of the counts of a route: a single line that claims
// to have taken a day must not make them large.
const studyCounted = 8192

func newStudySummary() *studySummary {
	return &studySummary{routes: make(map[string]*studyHistogram), minutes: make(map[int64]int)}
}

func (s *studySummary) read(r io.Reader) error {
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		line, ok := cutStudyLine(scanner.Bytes())
		if !ok {
			s.skipped++
			continue
		}
		minute, ok := s.clock.minute(line.time)
		if !ok {
			s.skipped++
			continue
		}
		s.minutes[minute]++
		s.name = appendStudyRoute(s.name[:0], line.method, line.path)
		route := s.routes[string(s.name)]
		if route == nil {
			route = &studyHistogram{}
			s.routes[string(s.name)] = route
		}
		route.requests++
		if line.status[0] == '5' {
			route.errors++
		}
		route.bytes += studyNumber(line.size)
		route.count(studyMilliseconds(line.seconds))
	}
	return scanner.Err()
}

// studyNumber returns the value of decimal digits, at most twelve.
func studyNumber(digits []byte) int64 {
	var n int64
	for _, c := range digits {
		n = 10*n + int64(c-'0')
	}
	return n
}

// studyMilliseconds returns the value of seconds with three decimals.
func studyMilliseconds(seconds []byte) int {
	point := len(seconds) - 4
	return int(1000*studyNumber(seconds[:point]) + studyNumber(seconds[point+1:]))
}

func (h *studyHistogram) count(milliseconds int) {
	if milliseconds >= studyCounted {
		h.slow = append(h.slow, milliseconds)
		return
	}
	if milliseconds >= len(h.counts) {
		h.counts = append(h.counts, make([]int, milliseconds+1-len(h.counts))...)
	}
	h.counts[milliseconds]++
}

// percentile returns the same as sorting all durations would. h.slow is sorted.
func (h *studyHistogram) percentile(percent int) int {
	rank := studyRank(h.requests, percent)
	for milliseconds, n := range h.counts {
		if rank < n {
			return milliseconds
		}
		rank -= n
	}
	return h.slow[rank]
}

func (s *studySummary) write(w io.Writer) error {
	rows := make([]studyRow, 0, len(s.routes))
	for name, h := range s.routes {
		slices.Sort(h.slow)
		rows = append(rows, studyRow{name, h.requests, h.errors, h.bytes, h.percentile(50), h.percentile(99)})
	}
	return writeStudyReport(w, rows, s.minutes, s.skipped)
}

// Step 5, parallel: one goroutine cuts the log into blocks of whole lines, the
// others summarize blocks, and summaries can be added up.

const studyBlock = 256 << 10

func studyParallel(w io.Writer, r io.Reader) error {
	workers := runtime.GOMAXPROCS(0)
	blocks := make(chan []byte, workers)
	free := make(chan []byte, 2*workers+1)
	failed := make(chan error, workers)
	summaries := make([]*studySummary, workers)
	var group sync.WaitGroup
	for i := range workers {
		s := newStudySummary()
		summaries[i] = s
		group.Go(func() {
			var err error
			for block := range blocks {
				if err == nil { // after an error, keep taking blocks: the sender waits for it
					err = s.read(bytes.NewReader(block))
				}
				free <- block[:0]
			}
			failed <- err
		})
	}
	errs := []error{sendStudyBlocks(r, blocks, free)}
	close(blocks)
	group.Wait()
	for range workers {
		errs = append(errs, <-failed)
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	for _, s := range summaries[1:] {
		summaries[0].add(s)
	}
	return summaries[0].write(w)
}

// sendStudyBlocks reads r to its end and sends it in blocks of whole lines. Blocks
// that have been summarized come back through free, so there are never more than
// fit into it.
func sendStudyBlocks(r io.Reader, blocks chan<- []byte, free <-chan []byte) error {
	var rest []byte // the line that the block before could not hold
	for {
		var block []byte
		select {
		case block = <-free:
		default:
			block = make([]byte, 0, studyBlock)
		}
		n := copy(block[:studyBlock], rest)
		m, err := io.ReadFull(r, block[n:studyBlock])
		block = block[:n+m]
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			blocks <- block
			return nil
		}
		if err != nil {
			return err
		}
		end := bytes.LastIndexByte(block, '\n') + 1
		if end == 0 {
			return bufio.ErrTooLong
		}
		rest = append(rest[:0], block[end:]...) // a copy: the block is someone else's now
		blocks <- block[:end]
	}
}

// add adds what t knows to s.
func (s *studySummary) add(t *studySummary) {
	for name, h := range t.routes {
		sum := s.routes[name]
		if sum == nil {
			s.routes[name] = h
			continue
		}
		sum.requests += h.requests
		sum.errors += h.errors
		sum.bytes += h.bytes
		if len(sum.counts) < len(h.counts) {
			sum.counts, h.counts = h.counts, sum.counts
		}
		for milliseconds, n := range h.counts {
			sum.counts[milliseconds] += n
		}
		sum.slow = append(sum.slow, h.slow...)
	}
	for minute, n := range t.minutes {
		s.minutes[minute] += n
	}
	s.skipped += t.skipped
}
