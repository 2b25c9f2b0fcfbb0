package schedgc_test

import (
	"fmt"
	"strings"

	"github.com/go-deep-dive/godeep/schedgc"
)

// The first record is of an idle program, the second of one that has too few
// processors for its work.
func ExampleParseSchedTrace() {
	stderr := strings.NewReader(`server started
SCHED 1000ms: gomaxprocs=2 idleprocs=2 threads=5 spinningthreads=0 needspinning=0 idlethreads=3 runqueue=0 [ 0 0 ] schedticks=[ 9 7 ]
SCHED 2001ms: gomaxprocs=2 idleprocs=0 threads=5 spinningthreads=0 needspinning=1 idlethreads=1 runqueue=40 [ 12 7 ] schedticks=[ 95 81 ]
`)
	records, err := schedgc.ParseSchedTrace(stderr)
	for _, r := range records {
		fmt.Println(r.Elapsed, "idle Ps:", r.IdleProcs, "ready goroutines:", r.Waiting())
	}
	fmt.Println("error:", err)
	// Output:
	// 1s idle Ps: 2 ready goroutines: 0
	// 2.001s idle Ps: 0 ready goroutines: 59
	// error: <nil>
}

// Waiting adds the global queue and the local ones.
func ExampleSchedTrace_Waiting() {
	r := schedgc.SchedTrace{GlobalQueue: 10, LocalQueues: []int{256, 3}}
	fmt.Println("ready:", r.Waiting())
	// Output:
	// ready: 269
}

// A record holds the counts of one moment.
func ExampleSchedTrace() {
	r := schedgc.SchedTrace{GoMaxProcs: 4, IdleProcs: 4, Threads: 9}
	if r.IdleProcs == r.GoMaxProcs {
		fmt.Println("all of the program waits, with threads:", r.Threads)
	}
	// Output:
	// all of the program waits, with threads: 9
}

// The lines that scheddetail=1 adds have a kind, a number and named fields.
func ExampleSchedDetail() {
	records, err := schedgc.ParseSchedTrace(strings.NewReader(
		`SCHED 5ms: gomaxprocs=1 idleprocs=0 threads=4 spinningthreads=0 needspinning=0 idlethreads=2 runqueue=0 gcwaiting=false
  P0: status=1 schedtick=31 syscalltick=0 m=0 runqsize=0 gfreecnt=0 timerslen=0
  M0: p=0 curg=1 mallocing=0 throwing=0 preemptoff= locks=0
  G7: status=4(chan receive (nil chan)) m=nil lockedm=nil
`))
	for _, d := range records[0].Details {
		fmt.Printf("%c%d: m=%q curg=%q waitreason=%q\n", d.Kind, d.ID, d.Fields["m"], d.Fields["curg"], d.Fields["waitreason"])
	}
	fmt.Println("error:", err)
	// Output:
	// P0: m="0" curg="" waitreason=""
	// M0: m="" curg="1" waitreason=""
	// G7: m="nil" curg="" waitreason="chan receive (nil chan)"
	// error: <nil>
}
