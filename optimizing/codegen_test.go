package optimizing

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// codegenReport compiles a package below testdata and returns what the
// compiler prints. A second build repeats it from the build cache.
func codegenReport(t *testing.T, pkg, gcflags string) string {
	t.Helper()
	report, err := proof.Go(t, "build", "-gcflags="+gcflags, "./testdata/"+pkg)
	require.NoError(t, err, "%s", report)
	return report
}

// codegenInstructions compiles a package below testdata for a target such as
// "amd64", "amd64 v3" or "arm64", which need not be that of this machine, and
// returns the instructions of each function.
func codegenInstructions(t *testing.T, target, pkg string) map[string][]string {
	t.Helper()
	arch, level, _ := strings.Cut(target, " ")
	t.Setenv("GOOS", "linux")
	t.Setenv("GOARCH", arch)
	t.Setenv("GOAMD64", level)
	code := make(map[string][]string)
	function := ""
	for line := range strings.SplitSeq(codegenReport(t, pkg, "-S"), "\n") {
		if m := codegenFunction.FindStringSubmatch(line); m != nil {
			function = m[1]
		} else if m := codegenInstruction.FindStringSubmatch(line); m != nil && function != "" {
			if op := m[1]; !slices.Contains([]string{"TEXT", "PCDATA", "FUNCDATA"}, strings.Fields(op)[0]) {
				code[function] = append(code[function], strings.Join(strings.Fields(op), " "))
			}
		} else if !strings.HasPrefix(line, "\t") {
			function = ""
		}
	}
	require.NotEmpty(t, code, "the compiler prints the machine code")
	return code
}

var (
	codegenFunction    = regexp.MustCompile(`^\S+/\w+\.(?:\(\*\w+\)\.)?(\S+) STEXT`)
	codegenInstruction = regexp.MustCompile(`^\t0x\w+ \d+ \(.*?\)\t(.*)`)
)

// codegenHas reports whether one of the instructions matches the pattern.
func codegenHas(code []string, pattern string) bool {
	return slices.ContainsFunc(code, regexp.MustCompile("^(?:"+pattern+")").MatchString)
}

// Build with -gcflags=-S and the compiler prints the instructions of every
// function with the source line each comes from; go tool objdump shows them
// for a finished program. Look for a CALL you did not expect, for calls of
// runtime.panicBounds, and for loads and stores inside of a loop. What a
// function does not need is not there: a whole addition with a constant sum
// is one instruction. The output is of one compiler and one GOARCH, and for a
// GOARCH you do not have, because the compiler needs no machine to run on.
//
//claim:ask How do I see the machine code of a Go function?
//claim:source https://go.dev/doc/asm
func TestReadAssembly(t *testing.T) {
	amd64, arm64 := codegenInstructions(t, "amd64", "codegen/asm"), codegenInstructions(t, "arm64", "codegen/asm")
	assert.Equal(t, []string{"ADDQ $6, AX", "RET"}, amd64["withConstant"])
	assert.Equal(t, []string{"ADD $6, R0, R0", "RET (R30)"}, arm64["withConstant"])
	assert.True(t, codegenHas(amd64["loadBytesByHand"], `CALL runtime\.panicBounds`))
	assert.Contains(t, codegenReport(t, "codegen/asm", "-S"), "asm.go:")
}

// An if whose condition is a constant false is not compiled: neither the
// branch nor what only the branch needs is in the code, so a const debug =
// false costs nothing. Constant expressions are computed by the compiler, and
// a result that nobody uses is not computed at all. With a variable in the
// place of the constant the check stays, also if no line of the program ever
// sets it.
//
//claim:ask Does if debug { … } cost anything when debug is a constant false?
//claim:source cmd/compile/internal/ir/const.go
func TestConstantBranch(t *testing.T) {
	code := codegenInstructions(t, "amd64", "codegen/asm")
	assert.Equal(t, []string{"ADDQ $6, AX", "RET"}, code["withConstant"])
	assert.True(t, codegenHas(code["withVariable"], `CMPB .*tracingVariable`))
	assert.True(t, codegenHas(code["withVariable"], `CALL runtime\.gopanic`))
	assert.Equal(t, []string{"RET"}, code["deadResult"], "the division is gone")
	assert.True(t, codegenHas(code["divideByVariable"], `DIVQ`))
}

// No: a loop that reads len(s) in its condition, one with the length in a
// variable and a range loop are the same instructions. The length of a slice
// is a word that is in a register already. That is so for a local slice or a
// parameter. The length of a slice that is a package variable or a field is
// read from memory again, if the body stores something or calls a function.
//
//claim:ask Should I take len(s) out of the loop condition?
//claim:source cmd/compile/internal/ssa/_gen/generic.rules
func TestLenInCondition(t *testing.T) {
	for _, target := range []string{"amd64", "arm64"} {
		code := codegenInstructions(t, target, "codegen/asm")
		require.NotEmpty(t, code["sumLoop"])
		assert.Equal(t, code["sumLoop"], code["sumLen"])
		assert.Equal(t, code["sumLoop"], code["sumHoisted"])
		// The global slice is copied by its range loop, and by its condition not.
		read := func(instruction string) bool { return strings.Contains(instruction, "globalCounts+8(SB)") }
		assert.Positive(t, len(code["countGlobal"]))
		if target == "amd64" {
			loop := codegenLoop(t, code["countGlobal"])
			assert.True(t, slices.ContainsFunc(loop, read), "%q", loop)
			loop = codegenLoop(t, code["countLocal"])
			assert.False(t, slices.ContainsFunc(loop, read), "%q", loop)
		}
	}
}

// codegenLoop returns the instructions after the jump to the condition of the
// only loop of a function, which is how the compiler lays out loops on amd64.
func codegenLoop(t *testing.T, code []string) []string {
	t.Helper()
	i := slices.IndexFunc(code, func(instruction string) bool { return strings.HasPrefix(instruction, "JMP ") })
	require.NotEqual(t, -1, i, "%q", code)
	return code[i:]
}

// A loop that adds to a field behind a pointer writes the field to memory in
// every turn, where one that adds to a local variable keeps the sum in a
// register and stores it once. The compiler may not do that by itself: the
// slice could overlap the field, and after a panic in the middle the field
// would have to hold the sum so far. Whether the stores cost time depends on
// the processor: newer ones hide that the next turn reads what was just
// written. Take the local variable in hot loops, and also for pointers and
// slices that you reach through several fields.
//
//claim:ask Why should a hot loop add to a local variable and not to a struct field?
//claim:source cmd/compile/internal/ssa/_gen/generic.rules
func TestStoreInLoop(t *testing.T) {
	code := codegenInstructions(t, "amd64", "codegen/asm")
	store := regexp.MustCompile(`^\w+ .*, \(AX\)$`)
	field, local := codegenLoop(t, code["addToField"]), codegenLoop(t, code["addToLocal"])
	jump := func(instruction string) bool { return strings.HasPrefix(instruction, "JGT ") }
	field, local = field[:slices.IndexFunc(field, jump)], local[:slices.IndexFunc(local, jump)]
	assert.True(t, slices.ContainsFunc(field, store.MatchString), "%q", field)
	assert.False(t, slices.ContainsFunc(local, store.MatchString), "%q", local)
	assert.True(t, slices.ContainsFunc(code["addToLocal"], store.MatchString), "after the loop")
}

// No: the compiler neither vectorizes a loop nor unrolls it, at any GOAMD64
// level. Summing a slice is one scalar addition, one increment, one compare
// and one jump for each element. What uses vector instructions is assembly in
// the standard library, such as bytes.IndexByte, crc32 and the hashes, and
// code written with the package of GOEXPERIMENT=simd. So for bulk work on
// bytes call the library, and if a loop is hot and its operations depend on
// each other, unroll it by hand (see Accumulators).
//
//claim:ask Does the Go compiler vectorize or unroll loops?
//claim:source cmd/compile/internal/ssa/compile.go
func TestNoAutoVectorization(t *testing.T) {
	for _, target := range []string{"amd64 v1", "amd64 v3"} {
		code := codegenInstructions(t, target, "codegen/asm")["sumLoop"]
		assert.True(t, codegenHas(code, `ADDQ \(AX\)\(\w+\*8\), \w+`), "%q", code)
		assert.False(t, codegenHas(code, `V?PADD|VMOV|MOVUPS`), "%q", code)
		additions := slices.DeleteFunc(slices.Clone(code), func(i string) bool { return !strings.HasPrefix(i, "ADD") })
		assert.Len(t, additions, 1)
	}
}

// Two loops are recognised and replaced: one that sets all elements of a
// slice to zero becomes a call of the runtime's memory clearing, and one that
// deletes all keys of a map becomes clear. A loop that copies is not: it
// stays a load, a store and a bounds check for each element, so write copy. A
// loop that fills with another value than zero stays a loop as well, and has
// no function that is faster for all types.
//
//claim:ask Which loops does the compiler replace by something faster?
//claim:source cmd/compile/internal/walk/range.go
func TestLoopIdioms(t *testing.T) {
	code := codegenInstructions(t, "amd64", "codegen/asm")
	assert.True(t, codegenHas(code["zeroLoop"], `CALL runtime\.memclrNoHeapPointers`))
	assert.True(t, codegenHas(code["emptyMap"], `CALL runtime\.mapclear`))
	assert.False(t, codegenHas(code["copyLoop"], `CALL runtime\.memmove`))
	assert.True(t, codegenHas(code["copyLoop"], `CALL runtime\.panicBounds`))
	assert.True(t, codegenHas(code["copyCall"], `CALL runtime\.memmove`))
	assert.True(t, codegenHas(code["fillLoop"], `MOVB \$1, \(AX\)`))
}

// The built-in functions min and max of integers, and an if that only chooses
// between two values, become a conditional move: no jump, so nothing that the
// processor could predict wrongly. For integers min is the same code as the
// if. For floating point numbers it is not: min must also give NaN for NaN,
// and tell -0 from 0. An if with a call, a store or a division in its body
// stays a jump.
//
//claim:ask Is min(a, b) compiled without a branch?
//claim:source cmd/compile/internal/ssa/branchelim.go
func TestBranchlessMin(t *testing.T) {
	amd64, arm64 := codegenInstructions(t, "amd64", "codegen/asm"), codegenInstructions(t, "arm64", "codegen/asm")
	assert.Equal(t, []string{"CMPQ BX, AX", "CMOVQLT BX, AX", "RET"}, amd64["smaller"])
	assert.Equal(t, amd64["smaller"], amd64["smallerByIf"])
	assert.True(t, codegenHas(arm64["smaller"], "CSEL"))
	assert.False(t, codegenHas(amd64["smallerFloat"], "J"))
	assert.NotEqual(t, amd64["smallerFloat"], amd64["smallerFloatByIf"])
	assert.True(t, codegenHas(amd64["storeIf"], "J"))
}

// Since Go 1.17 the first arguments and results travel in registers: on amd64
// nine integers or pointers and fifteen floating point numbers, on arm64
// sixteen of each. A string takes two of them, a slice three, and a struct
// one for each field. What does not fit goes through the stack, and so does
// an array with more than one element, however small: four ints in a struct
// are passed in registers and in an array in memory. Code in assembly still
// gets everything on the stack.
//
//claim:ask How does Go pass arguments, and which ones do not fit into registers?
//claim:source https://go.dev/issue/40724
//claim:source https://go.dev/doc/go1.17#compiler
func TestRegisterArguments(t *testing.T) {
	code := codegenInstructions(t, "amd64", "codegen/asm")
	const memory = `\w+ .*\.\w\+\d+\(SP\)`
	assert.False(t, codegenHas(code["sumStruct"], memory), "%q", code["sumStruct"])
	assert.True(t, codegenHas(code["sumArray"], memory), "%q", code["sumArray"])
	loads := slices.DeleteFunc(slices.Clone(code["sumTen"]), func(i string) bool { return !codegenHas([]string{i}, memory) })
	assert.Len(t, loads, 1, "the tenth of ten ints: %q", code["sumTen"])
	assert.False(t, codegenHas(codegenInstructions(t, "arm64", "codegen/asm")["sumTen"], `MOVD .*\(RSP\)|MOVD .*\.j`))
}

// A switch over integer constants that are close together, with eight cases
// or more, becomes a jump table: one bounds check and one indirect jump, for
// any number of cases. Since Go 1.27 cases that only return constants become
// a table of the results, with no jump into it. With fewer cases, or with
// values far apart, it is a binary search. Jump tables exist since Go 1.19,
// on amd64 and arm64 among others. A switch over strings is a binary search
// by length, then by value. So the order of the cases does not matter for
// constants, while cases that are not constant are tried from top to bottom.
//
//claim:ask How is a switch compiled: one comparison after the other?
//claim:source https://go.dev/doc/go1.19#compiler
//claim:source cmd/compile/internal/walk/switch.go
func TestSwitchCode(t *testing.T) {
	code := codegenInstructions(t, "amd64", "codegen/asm")
	assert.True(t, codegenHas(code["switchCalls"], `JMP \(\w+\)\(\w+\*8\)`), "%q", code["switchCalls"])
	onlyConstants := `JMP \(\w+\)\(AX\*8\)`
	if proof.GoAtLeast("go1.27") {
		onlyConstants = `MOVQ \(\w+\)\(AX\*8\), AX`
	}
	assert.True(t, codegenHas(code["switchDense"], onlyConstants), "%q", code["switchDense"])
	assert.False(t, codegenHas(code["switchFew"], `JMP \(`))
	assert.False(t, codegenHas(code["switchSparse"], `JMP \(`))
	assert.Equal(t, "CMPQ AX, $10000", code["switchSparse"][0], "the middle of the nine cases comes first")
	assert.True(t, codegenHas(code["switchString"], `CMPQ BX, \$2`), "the length of s")
	assert.False(t, codegenHas(code["switchString"], "CALL"))
}

// Reading through a pointer costs no check for nil: the processor faults on
// the address 0, and the runtime turns the fault into a panic. Only a field
// that is 4096 bytes or more behind the pointer needs one extra instruction,
// because its address could be that of something else. Several fields of one
// pointer need one check at most.
//
//claim:ask What does the nil check of p.field cost?
//claim:source cmd/compile/internal/ssa/nilcheck.go
func TestNilCheckCode(t *testing.T) {
	code := codegenInstructions(t, "amd64", "codegen/asm")
	assert.Equal(t, []string{"MOVQ (AX), CX", "ADDQ 8(AX), CX", "MOVQ CX, AX", "RET"}, code["bothFields"])
	assert.Equal(t, []string{"TESTB AL, (AX)", "MOVQ 8192(AX), AX", "RET"}, code["farField"])
	var near *codegenPair
	var far *codegenWide
	assert.PanicsWithError(t, "runtime error: invalid memory address or nil pointer dereference", func() { near.sum() })
	assert.PanicsWithError(t, "runtime error: invalid memory address or nil pointer dereference", func() { far.end() })
}

// One for each shape, not one for each type: types with the same underlying
// type share a copy, and so do all pointers. Three ints of different names
// and two pointers give three copies of this function. Code that depends on
// the type beyond its shape, such as a method call or a type assertion, is
// looked up in a dictionary, a hidden first parameter. The topic interfaces
// shows what that costs, and the constraints under which pointers do not share.
//
//claim:ask How many times is a generic function compiled?
//claim:source https://github.com/golang/proposal/blob/master/design/generics-implementation-dictionaries-go1.18.md
func TestGenericShapes(t *testing.T) {
	var shapes []string
	for function := range codegenInstructions(t, "amd64", "codegen/shapes") {
		if strings.HasPrefix(function, "last[go.shape.") {
			shapes = append(shapes, function)
		}
	}
	assert.ElementsMatch(t, []string{"last[go.shape.int]", "last[go.shape.uint]", "last[go.shape.*uint8]"}, shapes)
	report := codegenReport(t, "codegen/shapes", "-S")
	for _, arg := range []string{"int", "uint", "*int", "*string"} {
		assert.Contains(t, report, ".dict.last["+arg+"]")
	}
}
