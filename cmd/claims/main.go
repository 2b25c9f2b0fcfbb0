// Claims executes what Go code claims about itself.
//
// A claim is a question, an answer and an executed proof. It is written as the
// doc comment of a Test, Example or Benchmark function, with directives:
//
//	// Appending to a slice with enough capacity does not allocate.
//	//
//	//claim:ask Does append allocate when there is room?
//	//claim:expect allocs/op of=room == 0
//	//claim:expect ns/op of=full > 2x of=room
//	func BenchmarkAppend(b *testing.B) { … }
//
// The command finds the claims of any module, runs them and judges them.
// Deterministic facts are judged by go test and by the compiler's diagnostics;
// times by a sequential test on interleaved samples, which is certain within
// seconds even on a noisy machine.
//
// Usage:
//
//	claims list [-json] [packages]
//	claims verify [flags] [packages]
//	claims show [-o dir] id [packages]
//	claims version
//
// Packages are named as for the go command; the default is ./...
//
// # List
//
// List prints the ID, the kinds of proof, the question and the first sentence
// of the answer of every claim:
//
//	$ claims list ./append
//	append.Append  benchmark
//	    Does append allocate when there is room?
//	    Appending to a slice with enough capacity does not allocate.
//	append.Grow  test
//	    Does slices.Grow allocate?
//	    It allocates once, however much is appended later.
//
// With -json it prints an object a line, with the keys id, package, name, kind,
// question, answer, expectations, sources, file and line.
//
// # Verify
//
// Verify runs the proofs and prints a line for each claim as it is decided: the
// verdict, the ID and what was measured, with the 95% confidence interval of the
// median. Expectations that are not proven follow with their position and the
// reason. A table and the next step end the output.
//
//	$ claims verify -run Grow ./append
//	proven       append.Grow                    TestGrow
//
// The verdicts are
//
//   - proven: the claim holds, with an error level of -alpha
//   - refuted: it does not hold
//   - inconclusive: the machine was too noisy to say
//   - skipped: a condition of //claim:needs or "if" is not met here
//   - broken: a proof could not be executed
//
// The flags are
//
//	-run regexp      judge only claims whose ID matches
//	-v               print every expectation
//	-json            print an object for each judged expectation, and nothing else
//	-o dir           keep samples.txt (Go benchmark format), verdicts.json and profiles in dir
//	-go list         judge under each of these toolchains: go1.26.8,go1.27.4
//	-alpha p         error level of a verdict on times, in both directions (0.001)
//	-rounds n        rounds after which an undecided claim is inconclusive (60)
//	-sample d        duration of one sample (20ms)
//	-seed n          order of the samples; 0 picks one and prints it
//	-timeout d       for each process (60s)
//
// The exit status is 0 if every claim is proven or skipped, 1 if one is refuted, 2
// if one is broken or the input is bad, 3 if nothing is worse than
// inconclusive, and 130 after an interrupt.
//
// The files that -o keeps are for the usual tools:
//
//	benchstat -col /of dir/samples.txt
//	go tool pprof -top dir/profiles/NAME.pb.gz
//
// # Show
//
// Show prints a claim: question, answer, the source of its proofs, the commands
// that run them by hand and, after a verify -o, the verdict. With -o it reads the
// verdict from another directory than that of the last verify.
//
//	$ claims show append.Grow
//	append.Grow  (test)
//
// An ID that does not exist is answered with similar ones that do.
//
// # Directives
//
//	//claim:ask QUESTION
//	//claim:expect METRIC SEL OP VALUE
//	//claim:expect METRIC SEL OP [Fx] SEL
//	//claim:expect METRIC SEL grows KEY^EXPONENT
//	//claim:profile KIND SEL FRAME OP PERCENT
//	//claim:vary KEY VALUE...
//	//claim:needs CONDITION
//	//claim:source WHERE
//
// METRIC is a unit as go test prints it, such as ns/op, B/op, allocs/op or one of
// b.ReportMetric. SEL is key=value[,key=value]; it selects sub-benchmarks by the
// parts of their names (of=concat/n=100) and by the settings of vary, and is
// left out where there is one sub-benchmark only. Keys that it does not name
// are held equal on both sides, and every pair must be as expected. OP is one
// of == != < <= > >=. A time is compared by its ratio, a count that repeats in
// three processes exactly. The fitted exponent of grows must lie within 0.25.
//
// A test file that the build leaves out is read too, if only for this: a proof in it
// with a need that is not met here, such as a later release of Go, is listed, shown
// and skipped with the reason.
//
// KIND is cpu, alloc_space, alloc_objects, mutex or block, FRAME a regular
// expression on function names, and PERCENT the share of the profile under them.
//
// Vary runs the benchmark once for each value of GODEBUG, GOGC, GOMEMLIMIT,
// GOMAXPROCS, GOEXPERIMENT, GOTOOLCHAIN, GOAMD64, gcflags or pgo; none means unset.
// A value with spaces is quoted.
//
// A CONDITION is like go>=1.27, cpus>=4, goos=linux or goarch=amd64. Expectations,
// profiles and compiler comments may end in "if CONDITION".
//
// At the end of a line of code, //claim:heap, stack, inlined, called, checked or
// unchecked states what the compiler decides there: something on the line
// escapes to the heap or nothing does, a call is inlined or none is, a bounds
// check stays or none does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/scanner"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
)

// The exit statuses.
const (
	exitProven       = 0
	exitRefuted      = 1
	exitBroken       = 2
	exitInconclusive = 3
	exitInterrupted  = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Stdout, os.Stderr, os.Args[1:])
	stop()
	os.Exit(status)
}

const usage = `claims executes what Go code claims about itself.

Usage:

	claims list [-json] [packages]
	claims verify [flags] [packages]
	claims show [-o dir] id [packages]
	claims version

Run "claims verify -h" for its flags and "go doc github.com/go-deep-dive/godeep/cmd/claims"
for the manual.
`

// run is the command, without its process.
func run(ctx context.Context, stdout, stderr io.Writer, args []string) (status int) {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitBroken
	}
	var err error
	switch name, args := args[0], args[1:]; name {
	case "list":
		err = list(ctx, stdout, stderr, args)
	case "verify":
		status, err = verify(ctx, stdout, stderr, args)
	case "show":
		err = show(ctx, stdout, stderr, args)
	case "version":
		fmt.Fprintf(stdout, "claims %s %s %s/%s\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
	default:
		err = fmt.Errorf("unknown command %q, expected list, verify, show or version", name)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitProven
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "claims: interrupted")
		return exitInterrupted
	case err != nil:
		printError(stderr, err)
		return exitBroken
	}
	return status
}

// printError prints one line for each malformed directive, or the error.
func printError(w io.Writer, err error) {
	var list scanner.ErrorList
	if errors.As(err, &list) {
		for _, e := range list {
			fmt.Fprintln(w, e)
		}
		plural := "s"
		if len(list) == 1 {
			plural = ""
		}
		fmt.Fprintf(w, "claims: %d error%s in claims, nothing was judged\n", len(list), plural)
		return
	}
	fmt.Fprintln(w, "claims:", strings.TrimPrefix(err.Error(), "claims: "))
}

// buildVersion is the version of the module the command was built from.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// flags returns a flag set whose errors and usage name the command.
func flags(name, args string, stderr io.Writer) *flag.FlagSet {
	fs := flag.NewFlagSet("claims "+name, flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "usage: claims %s %s\n", name, args)
		fs.PrintDefaults()
	}
	return fs
}

// errUsage says that the flag package has already printed what is wrong.
var errUsage = errors.New("bad usage, see above")

func parseFlags(fs *flag.FlagSet, args []string) error {
	err := fs.Parse(args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	return errUsage
}

// packages returns the package patterns of a command line.
func packages(args []string) []string {
	if len(args) == 0 {
		return []string{"./..."}
	}
	return args
}
