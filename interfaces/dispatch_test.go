package interfaces

import (
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// dispatchCalled returns for each function of testdata/dispatch/compiled what its
// machine code calls; "indirect" stands for an address that is not in the code. It
// leaves out the growth of the stack.
func dispatchCalled(t *testing.T) map[string][]string {
	t.Helper()
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("reads the machine code of amd64 and arm64")
	}
	out, err := proof.Go(t, "build", "-gcflags=-S", "./testdata/dispatch/compiled")
	require.NoError(t, err, "%s", out)
	header := regexp.MustCompile(`^\S*/compiled\.(\S+) STEXT`)
	call := regexp.MustCompile(`^\s+rel \S+ t=R_CALL(IND|ARM64)? (\S*)\+0$`)
	called := make(map[string][]string)
	var function string
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		if m := header.FindStringSubmatch(line); m != nil {
			function = m[1]
			called[function] = []string{}
		} else if m := call.FindStringSubmatch(line); m != nil && !strings.HasPrefix(m[2], "runtime.morestack") {
			target := m[2][strings.LastIndex(m[2], "/")+1:]
			if m[1] == "IND" {
				target = "indirect"
			}
			called[function] = append(called[function], target)
		}
	}
	return called
}

// A direct call has the address of the function in the instruction. A call through an
// interface loads the address from the method table of the value, at a fixed offset for
// each method, and calls that: no name is looked up and no hash is computed at run time.
// A call of a function value looks the same to the processor, and so does a method call
// on a type parameter, whose table comes with the dictionary. What differs is what the
// compiler knows: it can inline only the direct call.
//
//claim:ask What does the machine code of an interface method call look like? Is the method looked up by name?
//claim:source https://research.swtch.com/interfaces
//claim:source internal/abi/iface.go
func TestDispatchCompiled(t *testing.T) {
	called := dispatchCalled(t)
	assert.Equal(t, []string{"compiled.(*square).area"}, called["callDirect"])
	assert.Equal(t, []string{"indirect"}, called["callInterface"])
	assert.Equal(t, []string{"indirect"}, called["callFunction"])
	assert.Equal(t, []string{"indirect"}, called["callGeneric[go.shape.*uint8]"])
}

// An assertion to a concrete type, and a case with one, is a comparison of the type word
// with an address that the linker fills in: no call at all. An assertion to an interface
// type looks into the cache of that line and calls the runtime, runtime.typeAssert, if
// the type is not there. A type switch with three interface cases has one such call,
// runtime.interfaceSwitch, for all of them. Seen on amd64 and arm64; other architectures
// may have no cache and always call.
//
//claim:ask What does the compiler make of a type assertion? Does it call the runtime?
//claim:source runtime/iface.go
//claim:source internal/abi/switch.go
func TestAssertionCompiled(t *testing.T) {
	called := dispatchCalled(t)
	assert.Equal(t, []string{}, called["assertConcrete"])
	assert.Equal(t, []string{"runtime.typeAssert"}, called["assertInterface"])
	assert.Equal(t, []string{"runtime.interfaceSwitch"}, called["switchInterfaces"])
}

// dispatchForms returns the same loop with every form of call.
func dispatchForms() map[string]func() int64 {
	three := &dispatchFactor{3}
	operations := map[string]func(int64) int64{
		"triple": three.dispatchScale, "double": (&dispatchFactor{2}).dispatchScale, "negate": (&dispatchFactor{-1}).dispatchScale,
	}
	method := three.dispatchScale
	return map[string]func() int64{
		"inlined":   func() int64 { return dispatchInlined(three) },
		"direct":    func() int64 { return dispatchDirect(three) },
		"interface": func() int64 { return dispatchInterface(three) },
		"generic":   func() int64 { return dispatchGeneric(three) },
		"function":  func() int64 { return dispatchFunction(method) },
		"map":       func() int64 { return dispatchNamed(operations, "triple") },
	}
}

func TestDispatchCost(t *testing.T) {
	for name, call := range dispatchForms() {
		assert.EqualValues(t, 3*255*256/2, call(), name)
	}
	assert.Panics(t, func() { dispatchNamed(nil, "triple") }, "a missing entry is a nil function")
}

// Calls by interface and by a method of a type parameter cost the same, within a factor
// of two. A function value costs less than 3 times as much as the interface, and the
// interface less than 4 times as much as a direct call that is not inlined. For a tiny
// body the large step is inlining: without it, an interface call takes more than twice
// as long. Finding the function anew costs more than the call: with a map from name to
// function it takes more than 3 times as long as with the interface. So choose by
// design, and look at dispatch only for tiny functions in hot loops.
//
//claim:ask Direct call, interface, function value, generic method, map of functions: what does each cost?
//claim:expect ns/op of=interface > 2x of=inlined
//claim:expect ns/op of=interface < 4x of=direct
//claim:expect ns/op of=function < 3x of=interface
//claim:expect ns/op of=generic < 2x of=interface
//claim:expect ns/op of=interface < 2x of=generic
//claim:expect ns/op of=map > 3x of=interface
//claim:source https://research.swtch.com/interfaces
func BenchmarkDispatchCost(b *testing.B) {
	forms := dispatchForms()
	for _, name := range []string{"inlined", "direct", "interface", "generic", "function", "map"} {
		b.Run("of="+name, func(b *testing.B) {
			call := forms[name]
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

// No. What is passed to an unknown callee goes to the heap, because it could be kept
// there. A local array whose address is passed costs no allocation in a direct call, and
// one allocation in a call through an interface, a function value or a method of a type
// parameter: the generic function is shared by all pointer types, so its callee is as
// unknown. Inlining does not change that for the generic function, because the method
// still comes from the dictionary, but it does for the interface: there the compiler
// sees the type and calls the method directly. Pass buffers from outside, or return
// values instead of filling them.
//
//claim:ask Does a type parameter instead of an interface keep the arguments of its methods on the stack?
//claim:source cmd/compile/internal/escape/call.go
func TestDispatchEscape(t *testing.T) {
	zeros := &dispatchZeros{filled: 7}
	method := zeros.dispatchFill
	for _, c := range []struct {
		name   string
		allocs float64
		call   func() byte
	}{
		{"concrete", 0, func() byte { return dispatchFillConcrete(zeros) }},
		{"interface", 1, func() byte { return dispatchFillInterface(zeros) }},
		{"function", 1, func() byte { return dispatchFillFunction(method) }},
		{"generic", 1, func() byte { return dispatchFillGeneric(zeros) }},
		{"generic, inlined", 1, func() byte { return dispatchFillGenericInlined(zeros) }},
		{"interface, inlined", 0, func() byte { return dispatchFillInterfaceInlined(&dispatchZeros{filled: 7}) }},
	} {
		assert.EqualValues(t, 7, c.call(), c.name)
		if !proof.RaceEnabled {
			assert.Equal(t, c.allocs, testing.AllocsPerRun(100, func() { c.call() }), c.name)
		}
	}
}

// Go has no overloading: which method runs depends on the dynamic type of the receiver
// and on nothing else. The dynamic types of the arguments do not take part, so there is
// no multiple dispatch. To choose by two types, use a type switch in the method, or let
// the method of the first call a method of the second, which knows both types then.
//
//claim:ask Does Go have method overloading or multiple dispatch?
//claim:source https://go.dev/doc/faq#overloading
func TestDispatchSingle(t *testing.T) {
	constraintRejects(t, "method T.m already declared", `type T struct{}; func (T) m(int) {}; func (T) m(string) {}`)
	constraintRejects(t, "f redeclared in this block", `func f(int) {}; func f(string) {}`)
	var rock, paper dispatchHand = dispatchRock{}, dispatchPaper{}
	assert.Equal(t, "paper covers rock", rock.against(paper))
	assert.Equal(t, "paper covers rock", paper.against(rock))
	assert.Equal(t, "draw", rock.against(rock))
}

// dispatchHand is a game of two dispatches: against chooses by the receiver and
// calls the method of the other hand that is named after it.
type dispatchHand interface {
	against(other dispatchHand) string
	againstRock() string
	againstPaper() string
}

type (
	dispatchRock  struct{}
	dispatchPaper struct{}
)

func (dispatchRock) against(other dispatchHand) string  { return other.againstRock() }
func (dispatchRock) againstRock() string                { return "draw" }
func (dispatchRock) againstPaper() string               { return "paper covers rock" }
func (dispatchPaper) against(other dispatchHand) string { return other.againstPaper() }
func (dispatchPaper) againstRock() string               { return "paper covers rock" }
func (dispatchPaper) againstPaper() string              { return "draw" }
