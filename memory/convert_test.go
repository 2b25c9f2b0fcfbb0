package memory

import (
	"bytes"
	"io"
	"math"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var (
	convertBytesSink []byte
	convertIntSink   int
	convertWriter    io.Writer // of a type the compiler cannot know
)

// A conversion between string and []byte copies: afterwards the bytes and the
// string live apart, and a change of one is not seen in the other. If the
// result is kept, the copy is one heap allocation of the size of the text, even
// if the original is not used any more. The copy is left out only where the
// program could not notice, such as a map lookup, a comparison, or a []byte
// that is only read.
//
//claim:ask Do string(b) and []byte(s) copy the bytes?
//claim:source https://go.dev/ref/spec#Conversions_to_and_from_a_string_type
//claim:source runtime/string.go
func TestConvertCopies(t *testing.T) {
	b := []byte("gopher")
	s := string(b)
	b[0] = 'G'
	require.Equal(t, "gopher", s)
	require.Equal(t, "Gopher", string(b))

	back := []byte(s)
	back[0] = 'L'
	require.Equal(t, "gopher", s)

	text := strings.Repeat("x", 100)
	data := []byte(text)
	t.Run("to string", func(t *testing.T) { proof.WantAllocs(t, 1, func() { stringSink = string(data) }) })
	t.Run("to bytes", func(t *testing.T) { proof.WantAllocs(t, 1, func() { convertBytesSink = []byte(text) }) })
	t.Run("of a temporary", func(t *testing.T) {
		proof.WantAllocs(t, 2, func() { stringSink = string(bytes.Repeat(data, 2)) }) // the bytes and the copy
	})
}

// A map lookup with m[string(b)] makes no string: the map only reads the key
// while it searches, so the compiler lets it look at the bytes in place,
// however long they are. You may read that the key must not go through a
// variable; since Go 1.25 that is free as well, and so is delete, as long as
// the variable is used once. Storing is different: m[string(b)] = v and
// m[string(b)]++ must keep the key, and allocate it even if it is already
// there. For counting, a map of pointers allocates only for new keys.
//
//claim:ask Does m[string(b)] allocate?
//claim:source https://go.dev/issue/3512
//claim:source https://go.dev/issue/52971
//claim:source cmd/compile/internal/ssa/_gen/generic.rules
func TestLookupByBytes(t *testing.T) {
	type pair struct {
		name string
		id   int
	}
	for _, n := range []int{6, 100, 4096} {
		key := bytes.Repeat([]byte("k"), n)
		counts := map[string]int{string(key): 1}
		pointers := map[string]*int{string(key): new(int)}
		pairs := map[pair]int{{string(key), 1}: 1}
		require.Equal(t, 1, lookupBytes(counts, key))
		require.Equal(t, 1, lookupBytesNamed(counts, key))

		stored := 1.0
		for _, test := range []struct {
			name string
			want float64
			f    func()
		}{
			{"lookup", 0, func() { lookupBytes(counts, key) }},
			{"through a variable", 0, func() { lookupBytesNamed(counts, key) }},
			{"in a struct key", 0, func() { convertIntSink = pairs[pair{string(key), 1}] }},
			{"delete", 0, func() { delete(counts, string(key[:n-1])) }},
			{"increment", stored, func() { countBytes(counts, key) }},
			{"increment by pointer", 0, func() { countBytesPointer(pointers, key) }},
		} {
			t.Run(test.name+"/"+strconv.Itoa(n), func(t *testing.T) { proof.WantAllocs(t, test.want, test.f) })
		}
		t.Run("variable used twice/"+strconv.Itoa(n), func(t *testing.T) {
			want := 1.0
			if n <= 32 {
				want = 0 // a small copy, on the stack
			}
			proof.WantAllocs(t, want, func() {
				//lint:ignore SA6001 the copy is what is measured
				name := string(key)
				convertIntSink = counts[name] + counts[name]
			})
		})
	}
}

func TestCountBytes(t *testing.T) {
	counts, pointers := map[string]int{}, map[string]*int{}
	for _, word := range strings.Fields("a b a c a") {
		countBytes(counts, []byte(word))
		countBytesPointer(pointers, []byte(word))
	}
	require.Equal(t, map[string]int{"a": 3, "b": 1, "c": 1}, counts)
	require.Len(t, pointers, 3)
	require.Equal(t, 3, *pointers["a"])
}

// string(a) == string(b) copies nothing, and bytes.Equal is written in exactly
// this way. The same holds for < and the other comparisons, for a string on one
// side, and for a switch on string(b) whose cases are constants, whatever the
// length of the text. A switch with a case that is not a constant copies first,
// and so does a conversion that is given a name and used more than once.
//
//claim:ask Is string(a) == string(b) slower than bytes.Equal(a, b)?
//claim:source bytes/bytes.go
//claim:source cmd/compile/internal/walk/switch.go
func TestCompareBytes(t *testing.T) {
	data, other := bytes.Repeat([]byte("x"), 100), bytes.Repeat([]byte("x"), 100)
	text := string(data)
	variable := "variable"
	yes := 0
	for _, test := range []struct {
		name string
		want float64
		f    func()
	}{
		{"with a string", 0, func() {
			if string(data) == text {
				yes++
			}
		}},
		{"two slices", 0, func() {
			if string(data) == string(other) {
				yes++
			}
		}},
		{"order", 0, func() {
			if string(data) < text {
				yes--
			}
		}},
		{"bytes.Equal", 0, func() {
			if bytes.Equal(data, other) {
				yes++
			}
		}},
		{"constant cases", 0, func() {
			switch string(data) {
			case "one", "two", "three":
				yes--
			}
		}},
		{"variable case", 1, func() {
			switch string(data) {
			case variable:
				yes--
			}
		}},
		{"named, used twice", 1, func() {
			name := string(data)
			if name == text || name > text {
				yes++
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			yes = 0
			proof.WantAllocs(t, test.want, test.f)
			require.GreaterOrEqual(t, yes, 0)
		})
	}
}

// Passing []byte(s) to a function that only reads it costs nothing since Go
// 1.22: the slice gets the memory of the string. The compiler must see the
// function and be sure that it neither writes to the slice nor keeps it. A call
// through an interface, such as io.Writer, hides the function and costs the
// copy. You may read that []byte(s) always costs a copy; now it depends on what
// is done with it.
//
//claim:ask When is []byte(s) free?
//claim:source https://go.dev/issue/2205
//claim:source cmd/compile/internal/escape/escape.go
func TestReadOnlyBytes(t *testing.T) {
	text := strings.Repeat("x", 1000)
	require.Equal(t, 1000*int('x'), sumBytes([]byte(text)))
	require.Equal(t, 1000, wipeBytes([]byte(text)))
	require.Equal(t, strings.Repeat("x", 1000), text)

	var buffer bytes.Buffer
	convertWriter = &buffer
	t.Cleanup(func() { convertWriter = nil })
	for _, test := range []struct {
		name string
		want float64
		f    func()
	}{
		{"reads", 0, func() { convertIntSink = sumBytes([]byte(text)) }},
		{"writes", 1, func() { convertIntSink = wipeBytes([]byte(text)) }},
		{"keeps", 1, func() { convertBytesSink = []byte(text) }},
		{"known writer", 0, func() { buffer.Reset(); buffer.Write([]byte(text)) }},
		{"interface", 1, func() { buffer.Reset(); _, _ = convertWriter.Write([]byte(text)) }},
	} {
		t.Run(test.name, func(t *testing.T) { proof.WantAllocs(t, test.want, test.f) })
	}
}

// A range loop over []byte(s) reads the string in place and allocates nothing,
// whatever the length. The other way round is not free: a range loop over
// string(b) copies first, because the loop body might change b; utf8.DecodeRune
// does the same work without the copy. A range loop over []rune(s) decodes the
// whole text into four bytes a rune first, and ranging over s gives the same
// runes. The expression len([]rune(s)) makes no slice: the compiler turns it
// into a count.
//
//claim:ask Which conversions in a range loop are free: []byte(s), string(b), []rune(s)?
//claim:source cmd/compile/internal/walk/order.go
//claim:source cmd/compile/internal/walk/builtin.go
func TestRangeConverted(t *testing.T) {
	text := strings.Repeat("я", 100)
	data := []byte(text)
	for _, test := range []struct {
		name  string
		want  float64
		turns int
		f     func() int
	}{
		{"[]byte(s)", 0, 200, func() (n int) {
			for range []byte(text) {
				n++
			}
			return n
		}},
		{"string(b)", 1, 100, func() (n int) {
			for range string(data) {
				n++
			}
			return n
		}},
		{"[]rune(s)", 1, 100, func() (n int) {
			//lint:ignore S1029,SA6003 the copy is what is measured
			for _, r := range []rune(text) {
				n += int(r) / 'я'
			}
			return n
		}},
		{"decode", 0, 100, func() (n int) {
			for rest := data; len(rest) > 0; n++ {
				_, width := utf8.DecodeRune(rest)
				rest = rest[width:]
			}
			return n
		}},
		{"len([]rune(s))", 0, 100, func() int { return len([]rune(text)) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.turns, test.f())
			proof.WantAllocs(t, test.want, func() { convertIntSink = test.f() })
		})
	}
}

// Inside a concatenation string(b) is free if one of the operands is a
// non-empty constant, as in "<" + string(b) + ">": only the result is
// allocated. Without such a constant the conversion makes its own copy first,
// because if all other operands were empty the result would share the bytes of
// b.
//
//claim:ask Does string(b) inside a concatenation cost an extra allocation?
//claim:source cmd/compile/internal/walk/order.go
func TestConcatBytes(t *testing.T) {
	data := bytes.Repeat([]byte("x"), 100)
	text := string(data)
	for _, test := range []struct {
		name string
		want float64
		f    func()
	}{
		{"with a constant", 1, func() { stringSink = "<" + string(data) + ">" }},
		{"with a variable", 2, func() { stringSink = text + string(data) }},
		{"two conversions", 3, func() { stringSink = string(data) + string(data) }},
		{"two and a constant", 1, func() { stringSink = string(data) + "/" + string(data) }},
	} {
		t.Run(test.name, func(t *testing.T) { proof.WantAllocs(t, test.want, test.f) })
	}
}

// A conversion whose result does not escape is made in a buffer of 32 bytes on
// the stack, if it fits; from 33 bytes on it is a heap allocation. A string of
// a single byte never allocates, even if it is stored, because the runtime
// keeps a table of them. strconv.Itoa has one as well, for the numbers below
// 100.
//
//claim:ask Does converting a short []byte to a string allocate?
//claim:source runtime/string.go
func TestConvertSmall(t *testing.T) {
	data := bytes.Repeat([]byte("x"), 64)
	text := string(data)
	for _, test := range []struct {
		name string
		want float64
		f    func()
	}{
		{"string of 32, local", 0, func() { convertIntSink = lastBytes(string(data[:32]), text) }},
		{"string of 33, local", 1, func() { convertIntSink = lastBytes(string(data[:33]), text) }},
		{"string of 32, stored", 1, func() { stringSink = string(data[:32]) }},
		{"bytes of 32, local", 0, func() { wipeBytes([]byte(text[:32])) }},
		{"bytes of 33, local", 1, func() { wipeBytes([]byte(text[:33])) }},
		{"string of 1, stored", 0, func() { stringSink = string(data[:1]) }},
		{"Itoa of 99, stored", 0, func() { stringSink = strconv.Itoa(int(data[0]) - 'x' + 99) }},
		{"Itoa of 100, stored", 1, func() { stringSink = strconv.Itoa(int(data[0]) - 'x' + 100) }},
	} {
		t.Run(test.name, func(t *testing.T) { proof.WantAllocs(t, test.want, test.f) })
	}
}

// The built-in functions append and copy take a string where they expect bytes:
// append(b, s...) and copy(b, s) need no conversion and allocate nothing if
// there is room. It is a special case in the language, for []byte and string
// only. strconv.AppendInt and its relatives do the same for numbers.
//
//claim:ask How do you put a string into a byte slice without converting it first?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func TestAppendString(t *testing.T) {
	buffer := make([]byte, 0, 64)
	buffer = append(buffer, "answer: "...)
	buffer = strconv.AppendInt(buffer, 42, 10)
	require.Equal(t, "answer: 42", string(buffer))
	require.Equal(t, 2, copy(buffer[8:], "43 and more"))
	require.Equal(t, "answer: 43", string(buffer))

	text := strings.Repeat("x", 64)
	proof.WantAllocs(t, 0, func() {
		buffer = append(buffer[:0], text...)
		convertIntSink = copy(buffer, text)
	})
}

// A rune slice takes four bytes for each rune, and both directions decode or
// encode the whole text, so they copy: one allocation for []rune(s) and one for
// string(runes), except up to 32 runes that stay local. Values that are no
// valid code points, such as surrogates and numbers above 0x10FFFF, become
// U+FFFD when they are converted to a string. Converting a []rune back gives
// the same text only if the original was valid UTF-8.
//
//claim:ask What does converting between string and []rune cost, and what can it change?
//claim:source https://go.dev/ref/spec#Conversions_to_and_from_a_string_type
func TestConvertRunes(t *testing.T) {
	require.Equal(t, uintptr(4), unsafe.Sizeof('я'))
	require.Equal(t, []rune{0x41f, 0x440, 0x438}, []rune("При"))
	require.Equal(t, "\uFFFD\uFFFD\uFFFD", string([]rune{0xD800, 0x110000, -1}))
	require.Equal(t, "\uFFFD", string(rune(math.MaxInt32)))

	text := strings.Repeat("я", 33)
	runes := []rune(text)
	require.Equal(t, text, string(runes))
	t.Run("to runes", func(t *testing.T) {
		proof.WantAllocs(t, 1, func() { r := []rune(text); r[0]++; convertIntSink = int(r[0]) })
	})
	t.Run("32 local runes", func(t *testing.T) {
		proof.WantAllocs(t, 0, func() { r := []rune(text[2:]); r[0]++; convertIntSink = int(r[0]) })
	})
	t.Run("from runes", func(t *testing.T) { proof.WantAllocs(t, 1, func() { stringSink = string(runes) }) })
}

// vetIntString runs go vet over a program that converts an int to a string;
// once is enough for all runs of the test.
var vetIntString = sync.OnceValues(func() (string, error) {
	dir := filepath.Join("testdata", "convert", "intstring")
	out, err := exec.Command("go", "vet", "./"+filepath.ToSlash(dir)).CombinedOutput()
	return string(out), err
})

// string(65) is "A", the character with the number 65, and not the digits: the
// conversion of an integer takes the number as a code point, and a number that
// is none gives U+FFFD. go vet reports it for an int. strconv.Itoa gives the
// digits; string(rune(n)) says that the character is meant, and vet accepts it.
//
//claim:ask What does string(65) give?
//claim:source https://go.dev/ref/spec#Conversions_to_and_from_a_string_type
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/stringintconv
func TestIntToString(t *testing.T) {
	require.Equal(t, "A", string(rune(65)))
	require.Equal(t, "A", string(byte(65)))
	require.Equal(t, "я", string(rune(0x44f)))
	require.Equal(t, "65", strconv.Itoa(65))

	if testing.Short() {
		t.Skip("runs go vet")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
	out, err := vetIntString()
	require.Error(t, err)
	require.Contains(t, out, "conversion from int to string yields a string of one rune, not a string of digits")
}

// unsafe.String and unsafe.Slice make a header over memory that is already
// there: nothing is copied or allocated. In return you promise what the
// compiler can no longer check. The bytes under a string must not change while
// the string is in use. If they do, the "immutable" text changes in every copy
// of the header, and a map that has it as a key is broken: the entry is found
// under neither the old nor the new text, because it sits where the old hash
// put it. strings.Builder keeps the promise for you, and is what you want
// nearly always.
//
//claim:ask How do you convert a []byte to a string without copying, and what can go wrong?
//claim:source https://pkg.go.dev/unsafe#String
func TestUnsafeString(t *testing.T) {
	data := []byte("a key that is longer than thirty-two bytes")
	text := aliasString(data)
	require.Same(t, unsafe.SliceData(data), unsafe.StringData(text))
	require.Equal(t, "", aliasString(nil))

	index := map[string]int{text: 1}
	for i := range 20 { // beyond one group, so that the hash decides the place
		index["other key "+strconv.Itoa(i)] = i
	}
	held := text
	old := strings.Clone(text)
	require.Equal(t, 1, index[old])

	lost := 0
	for c := byte('b'); c <= 'z'; c++ {
		data[0] = c
		require.Equal(t, string(c)+" key", held[:5], "the string has changed")
		require.NotContains(t, index, old)
		if _, found := index[strings.Clone(text)]; !found {
			lost++
		}
	}
	require.Greater(t, lost, 20, "some new text may by chance have the hash of the old")
	require.Len(t, index, 21)

	proof.WantAllocs(t, 0, func() { stringSink = aliasString(data) })
}

// Writing to the bytes of a string literal kills the program: literals lie in
// read-only memory, and the fault is a fatal error that recover cannot stop. So
// the pointer from unsafe.StringData is for reading only. For a string on the
// heap the same write succeeds silently, which is worse.
//
//claim:ask What happens if you write to a string through an unsafe pointer?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/unsafe#StringData
func TestWriteToLiteral(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("how a write to read-only memory is reported depends on the system")
	}
	if proof.InChild(t) {
		defer func() { println("recovered:", recover() != nil) }()
		*unsafe.StringData("a literal") = 'X'
		println("written")
		return
	}
	out, err := proof.Child(t)
	require.Error(t, err)
	require.Contains(t, out, "unexpected fault address")
	require.Contains(t, out, "fatal error: fault")
	require.NotContains(t, out, "recovered:")
	require.NotContains(t, out, "written")

	heap := strings.Repeat("x", 3)
	*unsafe.StringData(heap) = 'X'
	require.Equal(t, "Xxx", heap)
}
