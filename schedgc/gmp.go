package schedgc

import (
	"regexp"
	"strconv"
	"strings"
)

// GoroutineHeader is the first line of a goroutine in a traceback, which tells its
// state: what runtime.Stack, a goroutine profile with debug=2, SIGQUIT and a
// crash print.
type GoroutineHeader struct {
	ID      int    // 1 is the main goroutine, 0 belongs to a thread
	State   string // such as running, runnable, syscall, chan receive, select
	Minutes int    // for how long it has been in a wait, at least; 0 if not told
	Locked  bool   // whether runtime.LockOSThread binds it to a thread
}

var (
	goroutineHeader  = regexp.MustCompile(`(?m)^goroutine (\d+)(?: gp=\S+)?(?: m=\S+)?(?: mp=\S+)? \[([^\]\n]*)\]`)
	goroutineMinutes = regexp.MustCompile(`^(\d+) minutes$`)
)

// ParseGoroutines returns the header of each goroutine in a traceback, in its order.
// Text of other kinds is skipped. It takes time in proportion to the text.
func ParseGoroutines(traceback string) []GoroutineHeader {
	var headers []GoroutineHeader
	for _, m := range goroutineHeader.FindAllStringSubmatch(traceback, -1) {
		id, err := strconv.Atoi(m[1])
		if err != nil {
			continue // no goroutine has such a number
		}
		text, _, _ := strings.Cut(m[2], " labels:{") // there in Go 1.26; later behind the bracket
		parts := strings.Split(text, ", ")
		h := GoroutineHeader{ID: id, State: parts[0]}
		for _, part := range parts[1:] {
			if minutes := goroutineMinutes.FindStringSubmatch(part); minutes != nil {
				h.Minutes, _ = strconv.Atoi(minutes[1])
			}
			h.Locked = h.Locked || part == "locked to thread"
		}
		headers = append(headers, h)
	}
	return headers
}

// gmpCall is what a switch between goroutines is compared with.
//
//go:noinline
func gmpCall() {}

// gmpPingPong is a pair of goroutines that wake each other in turn: the caller of
// round and one that answer starts. Each round makes two switches.
type gmpPingPong struct {
	ball, back chan struct{}
}

func newGMPPingPong(answer func(func())) *gmpPingPong {
	p := &gmpPingPong{make(chan struct{}), make(chan struct{})}
	go answer(func() {
		for range p.ball {
			p.back <- struct{}{}
		}
		close(p.back)
	})
	return p
}

func (p *gmpPingPong) round() {
	p.ball <- struct{}{}
	<-p.back
}

func (p *gmpPingPong) stop() {
	close(p.ball)
	<-p.back
}
