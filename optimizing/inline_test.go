package optimizing

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func inlineValues(n int) (values []uint64) {
	for i := range n {
		values = append(values, uint64(i*i))
	}
	return values
}

// Inlining replaces a call by the body of the called function. A loop around
// a function that divides x by its second argument is more than 2 times as
// fast with it: the call, the return and the moves of arguments go away, and
// the compiler sees that the argument is always 8 and shifts instead. What it
// makes possible often matters more than the call: bounds checks are removed,
// and a pointer that stays between the two functions no longer puts its
// variable on the heap. For a function that does real work the call does not
// matter. The price is code size, which is why only small functions are
// inlined.
//
//claim:ask What is inlining, and what does it bring?
//claim:expect ns/op of=called > 2x of=inlined
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func BenchmarkInlineCall(b *testing.B) {
	values := inlineValues(1000)
	b.Run("of=inlined", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumInlined(values)
		}
	})
	b.Run("of=called", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumCalled(values)
		}
	})
}

func TestInlineCall(t *testing.T) {
	values := inlineValues(100)
	assert.Equal(t, sumInlined(values), sumCalled(values))
}

// Split it: the usual case in a small function that can be inlined,
// everything else in a second one that it calls. Reading a value that is
// computed lazily is more than 1.5 times as fast that way. A call that is not
// inlined costs 57 of the budget of 80, so there is room for one, and for a
// condition. The methods Lock of sync.Mutex and Do of sync.Once are written
// so. It gains nothing if the slow path is the usual one.
//
//claim:ask How do I get the fast path of a function inlined?
//claim:expect ns/op of=whole > 1.5x of=split
//claim:source sync/once.go
//claim:source https://go.dev/issue/19348
func BenchmarkInlineFastPath(b *testing.B) {
	lazy := &inlineLazy{compute: func() uint64 { return 7 }}
	lazy.getSplit()
	b.Run("of=whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumWhole(lazy, 1000)
		}
	})
	b.Run("of=split", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumSplit(lazy, 1000)
		}
	})
}

func TestInlineFastPath(t *testing.T) {
	computed := 0
	whole := &inlineLazy{compute: func() uint64 { computed++; return 7 }}
	split := &inlineLazy{compute: whole.compute}
	assert.Equal(t, uint64(21), sumWhole(whole, 3))
	assert.Equal(t, uint64(21), sumSplit(split, 3))
	assert.Equal(t, 2, computed)
	report := codegenReport(t, "inline/report", "-m")
	assert.Contains(t, report, "inlining call to sync.(*Once).Do")
	assert.Contains(t, report, "inlining call to sync.(*Mutex).Lock")
}

// A func literal in the arguments is inlined together with the function that
// takes it: the loop then contains the condition itself. If that function is
// not inlined, because it is too big or marked, each turn calls the literal
// through a pointer, which is more than 1.5 times as slow here. The functions
// slices.IndexFunc and slices.ContainsFunc are of the first kind,
// slices.SortFunc is of the second.
//
//claim:ask Does passing a func literal to a function cost a call each time?
//claim:expect ns/op of=called > 1.5x of=inlined
//claim:source cmd/compile/internal/inline/inl.go
func BenchmarkInlineLiteral(b *testing.B) {
	values := inlineValues(1000)
	b.Run("of=inlined", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			countSmallInlined(values)
		}
	})
	b.Run("of=called", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			countSmallCalled(values)
		}
	})
}

func TestInlineLiteral(t *testing.T) {
	values := inlineValues(100)
	assert.Equal(t, 32, countSmallInlined(values))
	assert.Equal(t, 32, countSmallCalled(values))
	report := codegenReport(t, "inline/report", "-m")
	literal := inlineLines(report, "inlining call to apply")
	require.Len(t, literal, 1)
	assert.Contains(t, report, literal[0][:strings.LastIndex(literal[0], " ")]+" literalApplied.func1")
	assert.NotContains(t, report, "inlining call to literalPassed.func1")
	assert.Contains(t, report, "inlining call to slices.IndexFunc[go.shape.[]int,go.shape.int]")
	assert.NotContains(t, report, "inlining call to slices.pdqsortCmpFunc")
}

// inlineLines returns the lines of a compiler report that contain text.
func inlineLines(report, text string) (lines []string) {
	for line := range strings.SplitSeq(report, "\n") {
		if strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	return lines
}

// The compiler counts the operations of a function; if its cost is at most
// 80, it can be inlined. Each variable, constant and operation counts 1, a
// call that is not inlined 57, and a call that is inlined what its body
// costs. The number of lines does not matter. Build with -gcflags=-m=2 to see
// the cost, or the reason why not. The budget is not a setting: only a
// profile raises it, for hot calls (see PGOInlines).
//
//claim:ask What decides whether a function is inlined, and how do I see it?
//claim:source cmd/compile/internal/inline/inl.go
func TestInlineBudget(t *testing.T) {
	report := codegenReport(t, "inline/report", "-m=2")
	for _, line := range []string{
		"can inline tiny with cost 4 as: ",
		"can inline within with cost 80 as: ",
		"cannot inline beyond: function too complex: cost 81 exceeds budget 80",
		"can inline withOneCall with cost 61 as: ",
		"cannot inline withTwoCalls: function too complex: cost 122 exceeds budget 80",
	} {
		assert.Contains(t, report, line)
	}
}

// A function that is too big, one with a go or defer statement, one that
// calls recover, one written in assembly, and one marked go:noinline.
// Everything else is allowed now: for, range, switch, select, labels and
// goto, panic, map access, closures and type parameters. You may read that
// loops, closures or type switches prevent inlining: that ended with Go 1.16
// to 1.18. Also not inlined are calls of an interface method or of a func
// value that the compiler does not know.
//
//claim:ask Which language constructs prevent inlining?
//claim:source https://go.dev/doc/go1.16#compiler
//claim:source https://go.dev/doc/go1.17#compiler
//claim:source https://go.dev/doc/go1.18#compiler
func TestInlinePrevented(t *testing.T) {
	report := codegenReport(t, "inline/report", "-m=2")
	for _, can := range []string{"withFor", "withRange", "withSwitch", "withTypeSwitch", "withSelect",
		"withLabel", "withGoto", "withClosure", "withPanic", "withMap", "withGeneric[go.shape.int]"} {
		assert.Contains(t, report, "can inline "+can+" ")
	}
	for cannot, why := range map[string]string{
		"withDefer":   "unhandled op DEFER",
		"withGo":      "unhandled op GO",
		"withRecover": "call to recover",
		"marked":      "marked go:noinline",
		"assembly":    "no function body",
	} {
		assert.Contains(t, report, "cannot inline "+cannot+": "+why)
	}
}

// Yes: the compiler writes the body of every function that can be inlined
// into the export data of its package, so strings.HasPrefix is inlined like
// one of your own. Only functions in assembly are always called.
//
//claim:ask Are functions of other packages inlined?
//claim:source cmd/compile/internal/noder/unified.go
func TestInlineOtherPackage(t *testing.T) {
	report := codegenReport(t, "inline/report", "-m=2")
	assert.Contains(t, report, "inlining call to strings.HasPrefix")
	assert.Contains(t, report, "cannot inline assembly: no function body")
}

// A recursive function is inlined where it is called, one level deep: the
// call inside of the copy stays a call. It has to fit the budget like any
// other, so one with two recursive calls does not. You may read that
// recursive functions are never inlined.
//
//claim:ask Can a recursive function be inlined?
//claim:source cmd/compile/internal/inline/inl.go
func TestInlineRecursive(t *testing.T) {
	report := codegenReport(t, "inline/report", "-m=2")
	assert.Contains(t, report, "can inline recursive with cost ")
	assert.Contains(t, report, "cannot inline recursive into callRecursive: repeated recursive cycle")
	assert.Contains(t, report, "cannot inline tree: function too complex: ")
	code := codegenInstructions(t, "amd64", "inline/report")
	assert.True(t, codegenHas(code["callRecursive"], `CALL .*\.recursive\(SB\)`))
}

// A directive must start right after the slashes. With a space between them
// and the word go it is a comment like any other, and the function below it is
// inlined. Use the directive in benchmarks and to keep a frame in stack
// traces, hardly ever in a program: a function that grows beyond the budget is
// no longer inlined anyway.
//
//claim:ask Why is my function inlined although it says // go:noinline?
//claim:source https://pkg.go.dev/cmd/compile#hdr-Compiler_Directives
func TestInlineDirective(t *testing.T) {
	report := codegenReport(t, "inline/report", "-m=2")
	assert.Contains(t, report, "cannot inline marked: marked go:noinline")
	assert.Contains(t, report, "can inline notMarked ")
}

// The flag -l given once disables inlining. You may read that more of them
// make inlining more aggressive: -l -l, -l=2 and -l=3 decide exactly as the
// default does, because those levels have no meaning. Only -l=4 inlines more,
// by making calls cheaper than 57; the compiler's source says that it may be
// buggy and is not supported. So there is no switch for more inlining but a
// profile.
//
//claim:ask Does -gcflags="-l -l" or -l=4 inline more?
//claim:source cmd/compile/internal/inline/inl.go
func TestInlineLevels(t *testing.T) {
	decisions := func(flags string) []string {
		return inlineLines(codegenReport(t, "inline/report", flags), "inlining call")
	}
	byDefault := decisions("-m")
	assert.NotEmpty(t, byDefault)
	assert.Empty(t, decisions("-m -l"))
	for _, level := range []string{"-l -l", "-l=2", "-l=3"} {
		assert.Equal(t, byDefault, decisions("-m "+level), level)
	}
	assert.Contains(t, strings.Join(decisions("-m -l=4"), "\n"), "inlining call to tree")
	assert.NotContains(t, strings.Join(byDefault, "\n"), "inlining call to tree")
}

// Into a function that is very big, of more than 5000 operations, only calls
// with a cost of up to 20 are inlined, where it is 80 elsewhere. So a huge
// function, such as a generated parser or an interpreter loop, can become
// slower when one more case is added to it. Move parts of it to functions of
// their own.
//
//claim:ask Does the size of the calling function influence inlining?
//claim:source cmd/compile/internal/inline/inl.go
func TestInlineBigCaller(t *testing.T) {
	small, big := inlineCallers(t, 10), inlineCallers(t, 1000)
	for _, report := range []string{small, big} {
		assert.Contains(t, report, "can inline cost35 with cost 35")
		assert.Contains(t, report, "inlining call to cost4\n")
	}
	assert.Contains(t, small, "inlining call to cost35\n")
	assert.NotContains(t, big, "inlining call to cost35\n")
}

// inlineCallers compiles a function of n similar lines that calls two others,
// and returns what the compiler reports.
func inlineCallers(t *testing.T, n int) string {
	t.Helper()
	if report, ok := inlineReports[n]; ok {
		return report
	}
	source := `package callers

func cost4(x int) int { return x + 1 }

func cost35(x int) int {
	x = x<<1 ^ x>>1
	x = x<<2 ^ x>>2
	x = x<<3 ^ x>>3
	return x + 1 + 1*x
}

func caller(x int) int {
` + strings.Repeat("\tx = x<<3 ^ x + 7\n", n) + `	return cost4(x) + cost35(x)
}
`
	file := filepath.Join(t.TempDir(), "callers.go")
	require.NoError(t, os.WriteFile(file, []byte(source), 0o666))
	report, err := proof.Go(t, "build", "-gcflags=-m=2", file)
	require.NoError(t, err, "%s", report)
	inlineReports[n] = report
	return report
}

var inlineReports = make(map[int]string)

// No: the line table records what was inlined, and a stack trace or a profile
// shows inlined functions like others. A single program counter then stands
// for several functions, so use runtime.CallersFrames and not
// runtime.FuncForPC on what runtime.Callers returns. What you can see is a
// frame without a Func, and in the trace of a panic the arguments of an
// inlined function are printed as "...".
//
//claim:ask Are inlined functions missing from stack traces and profiles?
//claim:source https://pkg.go.dev/runtime#CallersFrames
func TestInlineFrames(t *testing.T) {
	names, inlined := inlineTrace(3)
	require.GreaterOrEqual(t, len(names), 3)
	assert.Equal(t, []string{"optimizing.inlineTracer", "optimizing.inlineTrace", "optimizing.TestInlineFrames"}, names[:3])
	assert.Equal(t, []bool{false, true, false}, inlined[:3], "inlineTrace is part of this function")
	stack := inlineStack(7)
	assert.Contains(t, stack, "optimizing.inlineStack(...)\n")
	assert.Contains(t, stack, "optimizing.inlineStackCalled(0x")
}

func inlineStack(n int) string { return inlineStackCalled(n) }

//go:noinline
func inlineStackCalled(int) string { return string(debug.Stack()) }

func inlineTrace(skip int) (names []string, inlined []bool) { return inlineTracer(skip) }

//go:noinline
func inlineTracer(int) (names []string, inlined []bool) {
	pc := make([]uintptr, 16)
	frames := runtime.CallersFrames(pc[:runtime.Callers(1, pc)])
	for {
		frame, more := frames.Next()
		names = append(names, regexp.MustCompile(`.*/`).ReplaceAllString(frame.Function, ""))
		inlined = append(inlined, frame.Func == nil)
		if !more {
			return names, inlined
		}
	}
}

// Each part of the program's text is its own copy, so a function that is
// inlined in many places is there many times. A small function is often
// smaller than the call it replaces, so the code can also shrink: here the
// inlined body needs less code than the call with its stack check and the
// code that saves registers.
//
//claim:ask Does inlining make the binary larger?
//claim:source cmd/compile/internal/inline/inl.go
func TestInlineCodeSize(t *testing.T) {
	code := codegenInstructions(t, "amd64", "inline/report")
	small := codegenInstructions(t, "amd64", "inline/report")["callTiny"]
	assert.Less(t, len(small), len(code["callMarked"]), "%q", small)
	assert.Greater(t, len(code["callWithin3"]), 2*len(code["callBeyond3"]), fmt.Sprint(code["callWithin3"]))
}
