package reflection

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// assertText prints changes as fmt does, for comparisons with one string.
func assertText(changes []Change) string { return fmt.Sprint(changes) }

type diffConfig struct {
	Name    string
	Ports   []int
	Limits  map[string]float64
	Retry   *diffRetry
	Backend any
	hidden  int
}

type diffRetry struct {
	Times int
	Wait  time.Duration
}

// A comparison that says only "different" leaves the work to its reader. A walk
// over both values at once, by kind, can say where: it goes through fields,
// elements and keys in parallel and keeps the way it came. That is what test
// libraries print, and what an audit log of configuration changes needs. It
// takes no more than a switch over the kinds, and reflect reads unexported fields too.
//
//claim:ask How do you find out what differs between two structs, not only that they differ?
//claim:source https://pkg.go.dev/reflect#Value
func TestDiff(t *testing.T) {
	before := diffConfig{"api", []int{80, 443}, map[string]float64{"rps": 10, "cpu": 2}, &diffRetry{3, time.Second}, 1, 1}
	after := diffConfig{"api2", []int{80, 444, 1}, map[string]float64{"rps": 20, "mem": 1}, &diffRetry{3, time.Minute}, int64(1), 2}
	assert.Equal(t, []Change{
		{"Backend", "int(1)", "int64(1)"},
		{`Limits["cpu"]`, "2", "absent"},
		{`Limits["mem"]`, "absent", "1"},
		{`Limits["rps"]`, "10", "20"},
		{"Name", `"api"`, `"api2"`},
		{"Ports[1]", "443", "444"},
		{"Ports[2]", "absent", "1"},
		{"Retry.Wait", "1s", "1m0s"},
		{"hidden", "1", "2"},
	}, Diff(before, after))

	after.Retry = nil
	assert.Contains(t, Diff(before, after), Change{"Retry", "*reflection.diffRetry", "nil"})
	assert.Nil(t, Diff(before, before))
}

func TestDiffKinds(t *testing.T) {
	ch := make(chan int)
	for _, c := range []struct {
		a, b any
		want string
	}{
		{nil, nil, "[]"},
		{nil, 1, "[(root): nil -> 1]"},
		{1, 1, "[]"},
		{1, "1", `[(root): int(1) -> string("1")]`},
		{true, false, "[(root): true -> false]"},
		{uint8(1), uint8(2), "[(root): 1 -> 2]"},
		{1 + 2i, 2 + 2i, "[(root): (1+2i) -> (2+2i)]"},
		{complex(math.NaN(), 1), complex(math.NaN(), 1), "[]"},
		{ch, ch, "[]"},
		{ch, make(chan int), "[(root): chan int -> chan int]"},
		{[2]int{1, 2}, [2]int{1, 3}, "[[1]: 2 -> 3]"},
		{[2]int{1, 2}, [3]int{1, 2}, "[(root): [2]int -> [3]int]"},
		{[]string{"a"}, []string(nil), "[(root): []string of length 1 -> nil]"},
		{map[any]int{1: 1}, map[any]int{int8(1): 1}, "[[1]: 1 -> absent [1]: absent -> 1]"},
		{map[[2]int][]int{{1, 2}: {3}}, map[[2]int][]int{{1, 2}: {4}}, "[[[2]int][0]: 3 -> 4]"},
		{map[string]any{"k": []any{1}}, map[string]any{"k": []any{nil}}, `[["k"][0]: 1 -> nil]`},
		{struct{ A any }{1}, struct{ A any }{}, "[A: 1 -> nil]"},
		{map[float64]int{math.NaN(): 1}, map[float64]int{math.NaN(): 1}, "[[NaN]: 1 -> absent [NaN]: absent -> 1]"},
	} {
		assert.Equal(t, c.want, assertText(Diff(c.a, c.b)), "%v and %v", c.a, c.b)
	}
}

type diffMoney struct {
	Cents int
	note  string
}

func (m diffMoney) Equal(o diffMoney) bool { return m.Cents == o.Cents }

type diffAngle struct{ Degrees int }

func (a *diffAngle) Equal(b *diffAngle) bool { return a.Degrees%360 == b.Degrees%360 }

type diffOdd struct{ A int }

func (diffOdd) Equal(int) bool { return true }

// Equality is a question for the type: a price is equal by amount, a time by
// its moment, an angle modulo 360. So a comparison by reflection should look
// for a method Equal(T) bool and call it, as github.com/google/go-cmp does.
// Reflection finds the method by name and must check its signature itself. It
// can call it only on what was reached through exported fields; on others a
// call panics.
//
//claim:ask How does a comparison by reflection respect a type's own notion of equality?
//claim:source https://pkg.go.dev/reflect#Value.MethodByName
func TestDiffEqualMethod(t *testing.T) {
	assert.Nil(t, Diff(diffMoney{5, "a"}, diffMoney{5, "b"}))
	assert.False(t, reflect.DeepEqual(diffMoney{5, "a"}, diffMoney{5, "b"}))
	assert.Len(t, Diff(diffMoney{5, ""}, diffMoney{6, ""}), 1)

	assert.Nil(t, Diff(&diffAngle{0}, &diffAngle{720}), "a method of the pointer")
	assert.Len(t, Diff(&diffAngle{0}, nil), 1, "no method is called with nil")
	assert.Equal(t, "[A: 1 -> 2]", assertText(Diff(diffOdd{1}, diffOdd{2})), "another signature")

	type owner struct {
		Public  diffMoney
		private diffMoney
	}
	a, b := owner{diffMoney{1, "x"}, diffMoney{1, "x"}}, owner{diffMoney{1, "y"}, diffMoney{1, "y"}}
	assert.Equal(t, `[private.note: "x" -> "y"]`, assertText(Diff(a, b)), "fields decide for an unexported field")
	assert.Panics(t, func() {
		private := reflect.ValueOf(a).Field(1)
		private.MethodByName("Equal").Call([]reflect.Value{private})
	})
}

func TestDiffPointersStayShort(t *testing.T) {
	list := []any{nil}
	list[0] = list
	assert.Nil(t, Diff(list, list))
	other := []any{1}
	assert.Equal(t, "[[0]: []interface {} -> int(1)]", assertText(Diff(list, other)))
	assert.Len(t, Diff(big.NewInt(1), big.NewInt(2)), 1)
}
