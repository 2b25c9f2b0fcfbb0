// Command accesslog summarizes the access log of a web server: for each route
// the number of requests and errors, the bytes sent, the median and the 99th
// percentile of the duration. It is the program of the case study in package
// optimizing, with all its versions in it:
//
//	accesslog [-step N] [-cpuprofile FILE] [-memprofile FILE] [LOG]
//	accesslog -generate LINES > LOG
//
// It reads the standard input if no LOG is named. -step chooses the version, 0
// the first, by default the last.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/go-deep-dive/godeep/optimizing"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "accesslog:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	steps := optimizing.StudySteps()
	step := flag.Int("step", len(steps)-1, "the `version` to run, 0 is the first")
	generate := flag.Int("generate", 0, "write a log with this number of `lines` and exit")
	cpuProfile := flag.String("cpuprofile", "", "write a CPU profile to this `file`")
	memProfile := flag.String("memprofile", "", "write a profile of all allocations to this `file`")
	flag.Parse()
	switch {
	case flag.NArg() > 1:
		return fmt.Errorf("%d logs named, expected at most one", flag.NArg())
	case *step < 0 || *step >= len(steps):
		return fmt.Errorf("-step %d: expected 0 to %d", *step, len(steps)-1)
	case *generate > 0:
		return optimizing.WriteStudyLog(os.Stdout, *generate)
	}
	in := io.Reader(os.Stdin)
	if flag.NArg() == 1 {
		file, err := os.Open(flag.Arg(0))
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	if *cpuProfile != "" {
		file, err := os.Create(*cpuProfile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, file.Close())
		}()
	}
	if *memProfile != "" {
		runtime.MemProfileRate = 4096 // a sample each 4 KiB: a short run has enough of them
		defer func() { err = errors.Join(err, writeAllocs(*memProfile)) }()
	}
	return steps[*step].Run(os.Stdout, in)
}

func writeAllocs(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}
