package reflection

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func fieldcostUsers() []*fieldcostUser {
	users := make([]*fieldcostUser, 100)
	for i := range users {
		users[i] = &fieldcostUser{ID: i, Age: 1000 + i, fieldcostMeta: fieldcostMeta{Version: 1000 + i}}
	}
	return users
}

func TestFieldCost(t *testing.T) {
	users := fieldcostUsers()
	want := fieldcostDirect(users)
	age, ok := reflect.TypeFor[fieldcostUser]().FieldByName("Age")
	require.True(t, ok)
	assert.Equal(t, want, fieldcostOffset(users, age.Offset))
	assert.Equal(t, want, fieldcostIndex(users, age.Index[0]))
	assert.Equal(t, want, fieldcostName(users, "Age"))
	assert.Equal(t, want, fieldcostName(users, "Version"))
}

// By index it costs more than 4 times the direct access and no allocation: the
// compiler turns u.Age into one load, while Field and Int check kind, bounds
// and flags each time. By name it costs more than 4 times as much again,
// because the names are compared one after the other. A promoted field by name
// takes more than twice as long as an own one and allocates: the search goes by
// depth and needs maps. With the offset from reflection and package unsafe the
// access takes less than twice the direct one, but then nothing checks the type
// any more. So look up the name once, and keep the index.
//
//claim:ask What does it cost to read a struct field by reflection: by index, by name, by offset?
//claim:expect ns/op of=index > 4x of=direct
//claim:expect ns/op of=name > 4x of=index
//claim:expect ns/op of=promoted > 2x of=name
//claim:expect ns/op of=offset < 2x of=direct
//claim:expect allocs/op of=index == 0
//claim:expect allocs/op of=name == 0
//claim:expect allocs/op of=promoted > 200
//claim:source reflect/type.go
//claim:source https://pkg.go.dev/reflect#Value.FieldByName
func BenchmarkFieldCost(b *testing.B) {
	users := fieldcostUsers()
	age, _ := reflect.TypeFor[fieldcostUser]().FieldByName("Age")
	run := func(name string, sum func() int64) {
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if sum() == 0 {
					b.Fatal("no sum")
				}
			}
		})
	}
	run("direct", func() int64 { return fieldcostDirect(users) })
	run("offset", func() int64 { return fieldcostOffset(users, age.Offset) })
	run("index", func() int64 { return fieldcostIndex(users, age.Index[0]) })
	run("name", func() int64 { return fieldcostName(users, "Age") })
	run("promoted", func() int64 { return fieldcostName(users, "Version") })
}

// For the field of a variable it does, unless it is a pointer. Interface packs
// the value into an interface: a pointer fits into its data word, and a number,
// a string or a struct gets memory of its own, because the variable may change
// later. Even a small number allocates: the table of the compiler for 0 to 255
// is not used here. The getters Int and String do not allocate, and neither
// does reflect.TypeAssert, since Go 1.25, for a concrete type. So a hot path
// asks for the kind and calls the getter.
//
//claim:ask Does Value.Interface allocate, and how do you read a value without it?
//claim:source https://pkg.go.dev/reflect#Value.Interface
//claim:source https://pkg.go.dev/reflect#TypeAssert
func TestFieldInterfaceAllocs(t *testing.T) {
	u := &fieldcostUser{ID: 7, Age: 1000, Name: "Ada"}
	v := reflect.ValueOf(u).Elem()
	age, name, small := v.FieldByName("Age"), v.FieldByName("Name"), v.FieldByName("ID")
	var got any
	var number int64
	var text string
	proof.WantAllocs(t, 1, func() { got = age.Interface() })
	u.Age = 5
	assert.Equal(t, 1000, got, "a copy")
	proof.WantAllocs(t, 1, func() { got = name.Interface() })
	proof.WantAllocs(t, 1, func() { got = v.Interface() })
	proof.WantAllocs(t, 0, func() { got = v.Addr().Interface() })
	assert.Same(t, u, got)
	proof.WantAllocs(t, 0, func() { number, text = age.Int(), name.String() })
	assert.Equal(t, int64(5), number)
	assert.Equal(t, "Ada", text)
	proof.WantAllocs(t, 0, func() { number = fieldcostTypeAssert(age) })
	proof.WantAllocs(t, 0, func() { _, _ = reflect.TypeAssert[fieldcostUser](v) })
	assert.Equal(t, int64(5), number)
	proof.WantAllocs(t, fieldcostSmallAllocs, func() { got = small.Interface() })
	assert.Equal(t, 7, got)
}

func fieldcostTypeAssert(v reflect.Value) int64 {
	n, _ := reflect.TypeAssert[int](v)
	return int64(n)
}

// fieldcostSmallAllocs is 1: the table of the values 0 to 255, which the
// compiler uses for a conversion to an interface, is not used by
// Value.Interface.
const fieldcostSmallAllocs = 1

// No: SetInt, Set and SetZero write into the variable. What may allocate is to
// make the Value that is given to Set: ValueOf takes an interface, so a number
// or a struct is boxed first, here because the Value is kept. So take the
// setter of the kind if you have the number, and Set if you have a Value of the
// same type.
//
//claim:ask Does setting a field by reflection allocate?
//claim:source https://pkg.go.dev/reflect#Value.Set
func TestFieldSetAllocs(t *testing.T) {
	u := new(fieldcostUser)
	v := reflect.ValueOf(u).Elem()
	age, id := v.FieldByName("Age"), v.FieldByName("ID")
	proof.WantAllocs(t, 0, func() { age.SetInt(5000) })
	assert.Equal(t, 5000, u.Age)
	proof.WantAllocs(t, 0, func() { id.Set(age) })
	assert.Equal(t, 5000, u.ID)
	proof.WantAllocs(t, 0, func() { v.SetZero() })
	assert.Zero(t, *u)
	proof.WantAllocs(t, 1, func() {
		fieldcostKeep = reflect.ValueOf(int(time.Now().Unix()))
		age.Set(fieldcostKeep)
	})
	assert.Greater(t, u.Age, 255)
}

var fieldcostKeep reflect.Value

// MapRange takes more than 2 times as long as range, even if it does not
// allocate for each entry. For that, use SetIterKey and SetIterValue, since Go
// 1.18: they copy into a variable that is made once. Key and Value make a new
// copy for each entry, here one allocation each, because an element of a map
// has no address. A type switch for the few map types that are frequent avoids
// all of it.
//
//claim:ask What does it cost to iterate over a map by reflection?
//claim:expect ns/op of=reflect > 2x of=range
//claim:expect allocs/op of=range == 0
//claim:source https://pkg.go.dev/reflect#Value.SetIterKey
//claim:source https://pkg.go.dev/reflect#Value.MapRange
func BenchmarkFieldMapRange(b *testing.B) {
	m := fieldcostMap()
	b.Run("of=range", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			fieldcostKept = fieldcostSumRange(m)
		}
	})
	b.Run("of=reflect", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			fieldcostKept = fieldcostSumMapRange(m)
		}
	})
}

var fieldcostKept int64

func fieldcostMap() map[int64]int64 {
	m := make(map[int64]int64)
	for i := range int64(100) {
		m[1000+i] = 2000 + i
	}
	return m
}

//go:noinline
func fieldcostSumRange(m map[int64]int64) (sum int64) {
	for k, v := range m {
		sum += k * v
	}
	return sum
}

//go:noinline
func fieldcostSumMapRange(m map[int64]int64) (sum int64) {
	v := reflect.ValueOf(m)
	key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
	for entry := v.MapRange(); entry.Next(); {
		key.SetIterKey(entry)
		elem.SetIterValue(entry)
		sum += key.Int() * elem.Int()
	}
	return sum
}

func TestFieldMapRange(t *testing.T) {
	m := fieldcostMap()
	assert.Equal(t, fieldcostSumRange(m), fieldcostSumMapRange(m))
	v := reflect.ValueOf(m)
	if proof.RaceEnabled {
		return
	}
	assert.LessOrEqual(t, testing.AllocsPerRun(10, func() { fieldcostSumMapRange(m) }), 4.0)
	assert.GreaterOrEqual(t, testing.AllocsPerRun(10, func() {
		for entry := v.MapRange(); entry.Next(); {
			fieldcostKept += entry.Key().Int() * entry.Value().Int()
		}
	}), 200.0, "two for each of 100 entries")
}
