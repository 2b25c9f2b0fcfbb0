package schedgc

import (
	"debug/buildinfo"
	"debug/elf"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bootstrapOrder runs testdata/bootstrap/order.
func bootstrapOrder(t *testing.T, env ...string) (stdout []string, stderr string) {
	t.Helper()
	program, out, err := proof.Build(t, "build", "./testdata/bootstrap/order")
	require.NoError(t, err, out)
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(append(os.Environ(), "GODEBUG="), env...)
	var errors strings.Builder
	cmd.Stderr = &errors
	printed, err := cmd.Output()
	require.NoError(t, err, errors.String())
	return strings.Split(strings.TrimSuffix(string(printed), "\n"), "\n"), errors.String()
}

// bootstrapCrash is the program of testdata/bootstrap/crash, without C.
func bootstrapCrash(t *testing.T, flags ...string) (program string) {
	t.Helper()
	t.Setenv("CGO_ENABLED", "0")
	program, out, err := proof.Build(t, append(append([]string{"build"}, flags...), "./testdata/bootstrap/crash")...)
	require.NoError(t, err, out)
	return program
}

func bootstrapRun(program string, args ...string) (output string, err error) {
	out, err := exec.Command(program, args...).CombinedOutput()
	return string(out), err
}

// The kernel jumps to an entry point in the runtime, not to main. There the
// first thread, m0, gets its g0, the runtime reads arguments, environment and
// the number of processors, sets up the heap and the Ps, and starts the main
// goroutine, which is number 1 and runs runtime.main. That one starts the
// monitor thread, enables the collector, runs the initialisation of all
// packages and calls main.main. The stack of main shows it: main.main,
// runtime.main, runtime.goexit. When main.main returns, runtime.main ends the
// process.
//
//claim:ask What happens between the start of the process and main.main?
//claim:source runtime/proc.go
//claim:source runtime/asm_amd64.s
func TestBootstrapToMain(t *testing.T) {
	stdout, _ := bootstrapOrder(t)
	at := slices.Index(stdout, "main: goroutine 1")
	require.GreaterOrEqual(t, at, 0, stdout)
	require.Equal(t, []string{
		"on the stack: main.main", "on the stack: runtime.main", "on the stack: runtime.goexit",
	}, stdout[at+1:])

	if runtime.GOOS != "linux" {
		return // other systems have other formats of programs
	}
	file, err := elf.Open(bootstrapCrash(t))
	require.NoError(t, err)
	defer file.Close()
	symbols, err := file.Symbols()
	require.NoError(t, err)
	var entry []string
	for _, s := range symbols {
		if s.Value == file.Entry && elf.ST_TYPE(s.Info) == elf.STT_FUNC {
			entry = append(entry, s.Name)
		}
	}
	require.Contains(t, entry, "_rt0_"+runtime.GOARCH+"_linux")
}

// Packages come first that all others need: the list of all packages is sorted
// by import path, and the first one whose imports are done comes next. The
// order of the import lines does not matter, since Go 1.21. Within a package
// the variables come before the init functions: in the order of their
// declarations, except that a variable waits for those it uses. Files are taken
// in the order of their names. Then the init functions run, as they stand. Each
// package is initialised once, however many import it.
//
//claim:ask In which order are packages, variables and init functions initialised?
//claim:source https://go.dev/ref/spec#Package_initialization
//claim:source https://go.dev/ref/spec#Program_initialization
//claim:source https://go.dev/doc/go1.21#language
func TestBootstrapOrder(t *testing.T) {
	stdout, _ := bootstrapOrder(t)
	var order []string
	for _, line := range stdout {
		what, _, _ := strings.Cut(line, ": goroutine ")
		if !strings.HasPrefix(what, "on the stack") {
			order = append(order, what)
		}
	}
	require.Equal(t, []string{
		"beta", "zeta", "alpha", // alpha needs zeta, and main imports alpha before beta
		"variable right", "variable left", "variable sum", // sum is declared first and needs both
		"first init of main.go", "second init of main.go", "init of other.go",
		"main",
	}, order)
}

// No. All of it runs in the main goroutine, one package after the other, before
// main: also init functions of packages that have nothing to do with each
// other. So a slow init delays the start of the program by all of its time.
// Goroutines that an init function starts do run at once, next to the rest of
// the initialisation. Until main begins, the main goroutine is locked to the
// main thread.
//
//claim:ask Are init functions run concurrently?
//claim:source https://go.dev/ref/spec#Program_initialization
//claim:source runtime/proc.go
func TestBootstrapSequential(t *testing.T) {
	stdout, _ := bootstrapOrder(t)
	told := 0
	for _, line := range stdout {
		if _, goroutine, ok := strings.Cut(line, ": goroutine "); ok {
			require.Equal(t, "1", goroutine, line)
			told++
		}
	}
	require.Equal(t, 9, told)
	out, err := bootstrapRun(bootstrapCrash(t), "block")
	require.Error(t, err)
	require.Contains(t, out, "goroutine 1 [chan receive, locked to thread]:\nmain.init.0()")
}

// GODEBUG=inittrace=1 prints a line for each package that has something to do
// at the start: when it began, how long it took and what it allocated. Sort by
// the time to find the slow one. The runtime's own packages come first and main
// is the last. The usual culprits are package variables that compile regular
// expressions or templates, fill large maps or read files. sync.OnceValue moves
// such work to the first use.
//
//claim:ask How do I find out which package makes my program start slowly?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestBootstrapInitTrace(t *testing.T) {
	_, stderr := bootstrapOrder(t, "GODEBUG=inittrace=1")
	trace, err := ParseInitTrace(strings.NewReader(stderr))
	require.NoError(t, err)
	require.Equal(t, []string{"beta", "zeta", "alpha", "main"}, bootstrapOwn(trace))
	index := slices.IndexFunc(trace, func(i InitTrace) bool { return i.Package == "runtime" })
	require.GreaterOrEqual(t, index, 0)
	require.Equal(t, "main", trace[len(trace)-1].Package)
	require.Less(t, index, len(trace)/2)
	require.True(t, slices.IsSortedFunc(trace, func(a, b InitTrace) int { return int(a.At - b.At) }), stderr)
	last := trace[len(trace)-1]
	require.Greater(t, last.Allocs, uint64(0), "main prints and so allocates")
	require.GreaterOrEqual(t, last.Bytes, last.Allocs)
}

// bootstrapOwn is the part of the trace that is about testdata, with short names.
func bootstrapOwn(trace []InitTrace) (names []string) {
	for _, i := range trace {
		_, name, ok := strings.Cut(i.Package, "/bootstrap/order/")
		if i.Package == "main" {
			name, ok = "main", true
		}
		if ok {
			names = append(names, name)
		}
	}
	return names
}

// No. A variable whose value the compiler can lay out costs nothing: numbers,
// strings, arrays, slices and structs of them, also addresses of other
// variables. It is stored in the binary, and a package that has nothing else is
// not initialised at all. A map literal and a call that is not computed by the
// compiler are code that runs at every start, whether the program uses the
// variable or not.
//
//claim:ask Does every package-level variable cost time when the program starts?
//claim:source cmd/compile/internal/staticinit/sched.go
func TestBootstrapStatic(t *testing.T) {
	_, stderr := bootstrapOrder(t, "GODEBUG=inittrace=1")
	trace, err := ParseInitTrace(strings.NewReader(stderr))
	require.NoError(t, err)
	require.Contains(t, bootstrapOwn(trace), "beta", "has a map literal")
	require.NotContains(t, bootstrapOwn(trace), "static", "has an array, a slice and a struct")
	program, _, err := proof.Build(t, "build", "./testdata/bootstrap/order")
	require.NoError(t, err)
	used, err := bootstrapRun(program, "use")
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(used, "alpha 2 20\n"), used) // and their values are there
}

// The program ends with exit code 2, and main does not run. No other package
// can recover the panic, because nobody has called the init function; only a
// deferred call inside it could. An init that blocks for ever blocks the
// program, and if nothing else runs, that is reported as a deadlock. os.Exit in
// init ends the process at once. An init function returns no error, so what can
// fail belongs into main or into a function that main calls.
//
//claim:ask What happens if an init function panics, blocks or calls os.Exit?
//claim:source https://go.dev/ref/spec#Program_initialization
func TestBootstrapInitFails(t *testing.T) {
	program := bootstrapCrash(t)
	out, err := bootstrapRun(program, "panic")
	require.ErrorContains(t, err, "exit status 2")
	require.True(t, strings.HasPrefix(out, "panic: no configuration\n\ngoroutine 1 [running"), out)
	require.Contains(t, out, "main.init.0()")
	require.NotContains(t, out, "main runs")

	out, err = bootstrapRun(program, "block")
	require.ErrorContains(t, err, "exit status 2")
	require.True(t, strings.HasPrefix(out, "fatal error: all goroutines are asleep - deadlock!"), out)
	require.NotContains(t, out, "main runs")

	out, err = bootstrapRun(program, "exit")
	require.ErrorContains(t, err, "exit status 4")
	require.Empty(t, out)
}

// As many as you like, even several in one file, and none can be called or used
// as a value: the name init is not declared for other code. It takes no
// arguments and returns nothing. A variable named init at package level is
// refused as well.
//
//claim:ask How many init functions may a package have, and can I call one?
//claim:source https://go.dev/ref/spec#Package_initialization
func TestBootstrapInitFunction(t *testing.T) {
	for declarations, message := range map[string]string{
		"func init() {}\nfunc init() {}":                                      "",
		"func init() {}\nfunc f() { init() }":                                 "undefined: init",
		"func init() {}\nvar f = init":                                        "undefined: init",
		"func init() error { return nil }":                                    "func init must have no arguments and no return values",
		"func init(args []string) {}":                                         "func init must have no arguments and no return values",
		"var init = 1":                                                        "cannot declare init - must be func",
		"type t struct{}\nfunc (t) init() int {return 1}\nvar x = t{}.init()": "",
	} {
		err := bootstrapCheck(declarations)
		if message == "" {
			assert.NoError(t, err, declarations)
		} else {
			assert.ErrorContains(t, err, message, declarations)
		}
	}
}

// The compiler refuses it: a variable that needs itself, also by way of a
// function or of another variable, is an initialization cycle. Packages cannot
// import each other in a circle either. A function may mention the variable if
// the variable does not need the function. What needs both has to be set in an
// init function.
//
//claim:ask May two package-level variables depend on each other?
//claim:source https://go.dev/ref/spec#Package_initialization
func TestBootstrapCycle(t *testing.T) {
	for declarations, message := range map[string]string{
		"var a = b\nvar b = a":                                                     "initialization cycle",
		"var a = f()\nfunc f() int { return a }":                                   "initialization cycle",
		"var a = b + 1\nvar b = f()\nfunc f() int { return 1 }":                    "",
		"var a int\nvar b = f()\nfunc f() int { return a }\nfunc init() { a = b }": "",
	} {
		err := bootstrapCheck(declarations)
		if message == "" {
			assert.NoError(t, err, declarations)
		} else {
			assert.ErrorContains(t, err, message, declarations)
		}
	}
}

// bootstrapCheck returns the first error of the compiler's front end about a package
// with the declarations.
func bootstrapCheck(declarations string) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "x.go", "package x\n"+declarations, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	_, err = new(types.Config).Check("x", files, []*ast.File{file}, nil)
	return err
}

// It is what a program needs to be a Go program: the scheduler, the memory
// allocator, the collector, the growth of stacks, channels, maps, panics,
// timers and the network poller. It is a library, written in Go for the most
// part, and no virtual machine: the program is machine code and calls it. There
// is no interpreter and no just-in-time compiler. Since it is linked in
// statically, a binary needs no installed Go. In a program that only calls
// println, more than half of the machine code is the runtime.
//
//claim:ask What does the runtime do in a Go process, and why is it in every binary?
//claim:source https://go.dev/doc/faq#runtime
func TestBootstrapRuntimeLinked(t *testing.T) {
	out, err := proof.Go(t, "tool", "nm", "-size", "-type", bootstrapCrash(t))
	require.NoError(t, err, out)
	sizes := make(map[string]int)
	all, own := 0, 0
	for _, m := range bootstrapSymbol.FindAllStringSubmatch(out, -1) {
		size, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		sizes[m[2]] = size
		all += size
		if strings.HasPrefix(m[2], "runtime.") || strings.HasPrefix(m[2], "internal/runtime/") {
			own += size
		}
	}
	for what, function := range map[string]string{
		"scheduler": "runtime.schedule", "allocator": "runtime.mallocgc", "collector": "runtime.gcDrain", "stacks": "runtime.newstack",
		"channels": "runtime.chanrecv", "panics": "runtime.gopanic", "monitor": "runtime.sysmon", "poller": "runtime.netpoll", "main": "main.main",
	} {
		assert.Contains(t, sizes, function, what)
	}
	require.Greater(t, own, all/2)
	require.Less(t, sizes["main.main"], all/100)
}

// The functions in the output of go tool nm: address, size, type T or t, name.
var bootstrapSymbol = regexp.MustCompile(`(?m)^\s*[0-9a-f]+\s+(\d+)\s+[Tt]\s+(\S+)`)

// No, the linker takes in only what main can reach. A program that prints with
// fmt contains fmt.Fprintln and the scheduler, but not fmt.Sscanf. What costs
// is what cannot be ruled out: init functions and package variables of
// everything imported, and exported methods of types in interfaces if the
// program calls methods by reflection with a name it computes. The smallest
// program is still above a million bytes, since it contains the runtime, its
// tables and debug information. Without the latter, by -ldflags="-s -w", it is
// at least a fifth smaller.
//
//claim:ask Why is hello world larger than a megabyte, and does each import add a whole package?
//claim:source https://go.dev/doc/faq#Why_is_my_trivial_program_such_a_large_binary
//claim:source cmd/link/internal/ld/deadcode.go
func TestBootstrapSize(t *testing.T) {
	size := func(program string) int64 {
		info, err := os.Stat(program)
		require.NoError(t, err)
		return info.Size()
	}
	small, stripped := size(bootstrapCrash(t)), size(bootstrapCrash(t, "-ldflags=-s -w"))
	require.Greater(t, stripped, int64(1_000_000))
	if runtime.GOOS == "linux" { // elsewhere debug information is stored in other ways
		require.Less(t, stripped, small*4/5)
	}

	t.Setenv("CGO_ENABLED", "0")
	program, out, err := proof.Build(t, "build", "./testdata/bootstrap/order")
	require.NoError(t, err, out)
	require.Greater(t, size(program), small, "fmt comes in")
	out, err = proof.Go(t, "tool", "nm", "-size", "-type", program)
	require.NoError(t, err, out)
	functions := make(map[string]bool)
	for _, m := range bootstrapSymbol.FindAllStringSubmatch(out, -1) {
		functions[m[2]] = true
	}
	require.True(t, functions["fmt.Fprintln"])
	require.False(t, functions["fmt.Sscanf"])
	require.False(t, functions["strings.NewReplacer"])
}

// No. The flags -s and -w leave out the symbol table and the debug information,
// which debuggers and nm use, and the binary gets smaller. The runtime has a
// table of its own, for tracebacks and for the collector, and that cannot be
// left out: a panic still prints functions, files and lines. runtime.Callers
// and profiles read the same table. -trimpath only shortens the paths of the
// files.
//
//claim:ask Do I lose stack traces when I strip a binary with -ldflags="-s -w"?
//claim:source https://pkg.go.dev/cmd/link
func TestBootstrapStripped(t *testing.T) {
	full, stripped := bootstrapCrash(t), bootstrapCrash(t, "-ldflags=-s -w")
	out, err := bootstrapRun(stripped, "fail")
	require.ErrorContains(t, err, "exit status 2")
	require.Contains(t, out, "panic: in fail")
	require.Regexp(t, `main\.fail\(.*\)\n\t.*/crash/main\.go:\d+`, out)

	a, err := os.Stat(full)
	require.NoError(t, err)
	b, err := os.Stat(stripped)
	require.NoError(t, err)
	require.Less(t, b.Size(), a.Size())
	if runtime.GOOS == "linux" {
		file, err := elf.Open(stripped)
		require.NoError(t, err)
		defer file.Close()
		_, err = file.Symbols()
		require.ErrorIs(t, err, elf.ErrNoSymbols)
	}
}

// go version -m FILE prints it, and debug/buildinfo reads it: the Go release,
// the main package, the modules with their versions, and the settings such as
// GOOS, GOARCH, CGO_ENABLED, -tags and the commit. A running program reads its
// own with debug.ReadBuildInfo. It is part of every binary, and stripping does
// not remove it.
//
//claim:ask How do I find out with which Go and which settings a binary was built?
//claim:source https://pkg.go.dev/debug/buildinfo
//claim:source https://pkg.go.dev/runtime/debug#ReadBuildInfo
func TestBootstrapBuildInfo(t *testing.T) {
	for _, program := range []string{bootstrapCrash(t), bootstrapCrash(t, "-ldflags=-s -w")} {
		info, err := buildinfo.ReadFile(program)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(info.GoVersion, "go1."), info.GoVersion)
		assert.Equal(t, "github.com/go-deep-dive/godeep/schedgc/testdata/bootstrap/crash", info.Path)
		assert.Equal(t, "github.com/go-deep-dive/godeep", info.Main.Path)
		assert.Contains(t, info.Settings, debug.BuildSetting{Key: "GOARCH", Value: runtime.GOARCH})
		assert.Contains(t, info.Settings, debug.BuildSetting{Key: "CGO_ENABLED", Value: "0"})
	}
	own, ok := debug.ReadBuildInfo()
	require.True(t, ok)
	require.Equal(t, runtime.Version(), own.GoVersion)
}

// Without cgo it needs nothing: no shared library is loaded, not even libc,
// because the runtime makes its system calls itself. So it runs in an empty
// container image. With cgo the program is linked with libc, as is usual for
// packages net and os/user where a C compiler is installed; CGO_ENABLED=0
// selects their pure Go versions. On macOS and Windows, system calls always go
// through the libraries of the system.
//
//claim:ask Which shared libraries does a Go binary need?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/net#hdr-Name_Resolution
func TestBootstrapNoLibraries(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads a Linux program")
	}
	file, err := elf.Open(bootstrapCrash(t))
	require.NoError(t, err)
	defer file.Close()
	libraries, err := file.ImportedLibraries()
	require.NoError(t, err)
	require.Empty(t, libraries)
	require.Nil(t, file.Section(".interp"), "no dynamic linker")
}

// The runtime reads GOMAXPROCS, GOGC and GOMEMLIMIT once, before main and
// before any init, so os.Setenv comes too late and changes nothing in the own
// process. Set them before the start, or call runtime.GOMAXPROCS,
// debug.SetGCPercent and debug.SetMemoryLimit. os.Args and the environment are
// complete before init functions run, and so are command line arguments, but
// flags are parsed by main.
//
//claim:ask I set GOMAXPROCS and GOGC with os.Setenv at the beginning of main. Why is that without effect?
//claim:source runtime/proc.go
//claim:source runtime/mgcpacer.go
func TestBootstrapEnvironment(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	limit := debug.SetMemoryLimit(-1)
	t.Setenv("GOMAXPROCS", strconv.Itoa(before+3))
	t.Setenv("GOGC", strconv.Itoa(percent+50))
	t.Setenv("GOMEMLIMIT", "100MiB")
	assert.Equal(t, before, runtime.GOMAXPROCS(0))
	now := debug.SetGCPercent(percent)
	assert.Equal(t, percent, now)
	assert.Equal(t, limit, debug.SetMemoryLimit(-1))
	require.Equal(t, len(os.Args), bootstrapArgs)
	require.Greater(t, bootstrapEnv, 0)
}

// Set by initializers, before any test and before main.
var bootstrapArgs, bootstrapEnv = len(os.Args), len(os.Environ())

// It is number 1, it has no creator, and its return from main.main ends the
// process. Apart from that, it is a goroutine like others: it has no priority,
// and a traceback lists it among them. In a test binary, main.main belongs to
// the testing package and waits, and each test runs in a goroutine that it has
// started. So a Test function is never the main goroutine.
//
//claim:ask What is special about the main goroutine, and does a test run in it?
//claim:source runtime/proc.go
//claim:source testing/testing.go
func TestBootstrapMainGoroutine(t *testing.T) {
	require.NotEqual(t, 1, gmpID())
	gmpReaches(t, "chan receive", 1) // it waits for the test
	created := make(map[bool]int)
	for part := range strings.SplitSeq(gmpTraceback(), "\n\n") {
		if strings.HasPrefix(part, "goroutine 1 [") {
			require.Contains(t, part, "\nmain.main()")
			require.NotContains(t, part, "created by")
			created[false]++
		} else if strings.Contains(part, "TestBootstrapMainGoroutine(") {
			require.Contains(t, part, "created by testing.(*T).Run in goroutine 1")
			created[true]++
		}
	}
	require.Equal(t, map[bool]int{false: 1, true: 1}, created)
}

func TestParseInitTrace(t *testing.T) {
	_, err := ParseInitTrace(strings.NewReader("init x @1 ms, 1 ms clock, 1 bytes, 99999999999999999999 allocs\n"))
	require.ErrorContains(t, err, "line 1: strconv.ParseUint")
	_, err = ParseInitTrace(strings.NewReader("\ninit x @soon ms, 1 ms clock, 1 bytes, 1 allocs\n"))
	require.ErrorContains(t, err, "line 2: time: invalid duration")
	trace, err := ParseInitTrace(strings.NewReader("init failed\nhello\n"))
	require.NoError(t, err)
	require.Empty(t, trace)
}
