package reflection

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

type validateAddress struct {
	City string `validate:"required"`
	Zip  string `validate:"len=5"`
}

type validateItem struct {
	Name  string `validate:"required,max=20"`
	Price int    `validate:"min=1"`
}

type validateAudit struct {
	By string `validate:"required"`
}

type validateOrder struct {
	ID    string `validate:"required,len=4"`
	Mail  string `validate:"omitempty,email"`
	State string `validate:"oneof=open paid"`
	Items []validateItem
	Ship  *validateAddress `validate:"required"`
	Bill  *validateAddress
	Tags  map[string]string `validate:"max=2,each,max=3"`
	Notes any
	validateAudit
}

func validateGoodOrder() *validateOrder {
	return &validateOrder{ID: "A123", State: "open", Items: []validateItem{{"pen", 2}}, Ship: &validateAddress{"Ulm", "89073"}, validateAudit: validateAudit{By: "me"}}
}

// Read the tags of a type once into a list of checks, keep that list for the
// type, and let a run over the value only follow it. Three things make the
// difference to a toy: the path of each problem, such as Items[1].Price; all
// problems at once, joined into one error whose parts errors.As finds; and a
// clear line between bad data and a bad tag, because a tag with an unknown rule
// is a bug of the program that no user can repair. The path is put together
// only for a problem. Validate is such a function.
//
//claim:ask How do you write a struct validator that is driven by tags?
//claim:source https://pkg.go.dev/errors#Join
//claim:source https://pkg.go.dev/reflect#StructTag
func TestValidateStruct(t *testing.T) {
	require.NoError(t, Validate(validateGoodOrder()))
	require.NoError(t, Validate(*validateGoodOrder()))

	bad := &validateOrder{
		ID:    "",
		Mail:  "nobody",
		State: "lost",
		Items: []validateItem{{"pen", 2}, {"", 0}},
		Bill:  &validateAddress{Zip: "1"},
		Tags:  map[string]string{"b": "toolong", "a": "toolong", "c": "ok"},
		Notes: []any{"text", &validateItem{Price: 1}},
	}
	err := Validate(bad)
	var all []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		all = append(all, e.Error())
	}
	assert.Equal(t, []string{
		"ID fails required",
		"Mail fails email",
		"State fails oneof=open paid",
		"Items[1].Name fails required",
		"Items[1].Price fails min=1",
		"Ship fails required",
		"Bill.City fails required",
		"Bill.Zip fails len=5",
		"Tags fails max=2",
		`Tags["a"] fails max=3`,
		`Tags["b"] fails max=3`,
		"Notes[1].Name fails required",
		"By fails required",
	}, all)
	first, ok := errors.AsType[*FieldError](err)
	require.True(t, ok)
	assert.Equal(t, FieldError{Path: "ID", Rule: "required"}, *first)
	assert.NotContains(t, err.Error(), "toolong", "no values: they may be secret")
}

func TestValidateRules(t *testing.T) {
	type number int8
	five, negative, text, empty, nowhere := 5, -1, "x", "", (*int)(nil)
	for _, c := range []struct {
		rule string
		pass []any
		fail []any
	}{
		{"required", []any{1, "x", []int{0}, map[int]int{0: 0}, [1]int{1}, &empty, true, struct{ A int }{1}},
			[]any{0, "", []int{}, []int(nil), map[int]int{}, [1]int{}, nowhere, false, struct{ A int }{}}},
		{"min=3", []any{3, int8(4), uint(3), 3.5, "äöü", []int{1, 2, 3}, &five, number(3), nowhere, math.Inf(1)},
			[]any{2, int8(-4), uint(0), 2.9, "äö", []int{1}, &negative, number(2), math.NaN(), math.Inf(-1)}},
		{"max=3", []any{3, -5, uint8(0), "äöü", map[int]int{}, [3]int{}, 3.0}, []any{4, uint8(4), "abcd", [4]int{}, 3.1, math.NaN()}},
		{"len=1", []any{"ä", []int{1}, &text, [1]int{}}, []any{"", "ab", []int{}, &empty}},
		{"max=1m", []any{time.Minute, -time.Hour}, []any{time.Minute + 1}},
		{"oneof=1 5", []any{1, uint8(5), "5", &five}, []any{0, uint8(15), "15", "", &negative}},
		{"oneof=1m 1h", []any{time.Hour}, []any{time.Second}},
		{"omitempty,min=3", []any{0, "", "abc", []int{}, &empty}, []any{1, "ab", []int{1}, &text}},
		{"email", []any{"a@b", "a.b+c@d.example"}, []any{"", "a", "@b", "a@", "a@b@c", "a b@c", "a@.b", "a@b."}},
		{"each,min=2", []any{[]int{2, 3}, map[string]int{"a": 2}, [2]string{"ab", "cd"}, &[]int{2}, []*int{&five, nil}},
			[]any{[]int{2, 1}, map[string]int{"a": 1}, [2]string{}, &[]int{1}, []*int{&negative}}},
	} {
		for want, values := range map[bool][]any{true: c.pass, false: c.fail} {
			for _, v := range values {
				s := validateField1(reflect.TypeOf(v), c.rule)
				s.Field(0).Set(reflect.ValueOf(v))
				err := Validate(s.Interface())
				assert.Equal(t, want, err == nil, "%s of %T %v: %v", c.rule, v, v, err)
			}
		}
	}
}

// validateField1 returns a struct with a field V of the given type and tag.
func validateField1(t reflect.Type, rules string) reflect.Value {
	tag := reflect.StructTag("validate:" + strconv.Quote(rules))
	return reflect.New(reflect.StructOf([]reflect.StructField{{Name: "V", Type: t, Tag: tag}})).Elem()
}

// Report it the first time the type is seen, also if the field is never
// reached, and with the type, the field and the rule, as an error that cannot
// be taken for bad input. If the unknown rule is ignored, a misspelled required
// protects nothing, and no test finds it. If it panics, a request brings the
// bug to light, and only the one that gets there. A test that validates the
// zero value of each type finds all wrong tags.
//
//claim:ask What should a tag-driven library do with a tag it does not understand?
//claim:source https://pkg.go.dev/reflect#StructTag
func TestValidateTagError(t *testing.T) {
	type inner struct {
		Deep int `validate:"mn=1"`
	}
	type outer struct{ In map[string][]*inner }
	err := Validate(outer{})
	tagError, ok := errors.AsType[*TagError](err)
	require.True(t, ok, "although there is no inner to check")
	assert.Equal(t, TagError{Type: reflect.TypeFor[inner](), Field: "Deep", Rule: "mn=1", Reason: "unknown rule"}, *tagError)
	assert.EqualError(t, err, `reflection.inner, field Deep: "mn=1": unknown rule`)
	_, ok = errors.AsType[*FieldError](err)
	assert.False(t, ok)
	assert.Equal(t, err, Validate(outer{}), "kept with the type")
	assert.Equal(t, err.Error(), Validate(struct{ Any []any }{[]any{1, inner{}}}).Error())

	type unexported struct {
		secret int `validate:"required"`
	}
	assert.ErrorContains(t, Validate(unexported{secret: 1}), "not exported")
	type pointer *pointer
	for rule, values := range map[string][]any{
		"not for type":              {"email:", 1, "min=1:", true, "len=1:", 5, "each:", "text", "oneof=a:", 1.5, "max=1:", struct{}{}},
		"takes no parameter":        {"required=1:", 1, "omitempty=:", 1, "email=x:", ""},
		"must be a number >= 0":     {"min=x:", "", "len=-1:", "", "max=:", []int{}},
		"integer in the range":      {"min=200:", int8(1), "max=-1:", uint(1), "oneof=a:", 1, "min=1.5:", 1, "min=:", 1},
		"must be a duration":        {"min=5:", time.Second},
		"must be a list of words":   {"oneof=:", "", "oneof:", ""},
		"unknown rule":              {"requird:", "", ",min=1:", "", "min=1, max=2:", ""},
		"each is there already":     {"each,each:", [][]int{}},
		"number in the range":       {"min=x:", 1.5, "max=NaN:", 1.5, "max=1e39:", float32(1)},
		"for type reflection.point": {"required:", pointer(nil)},
	} {
		for i := 0; i < len(values); i += 2 {
			rules := values[i].(string)
			err := Validate(validateField1(reflect.TypeOf(values[i+1]), rules[:len(rules)-1]).Interface())
			assert.ErrorContains(t, err, rule, "%s %T", rules, values[i+1])
		}
	}
}

func TestValidateRoot(t *testing.T) {
	items := []validateItem{{"a", 1}, {"b", 0}}
	assert.EqualError(t, Validate(items), "[1].Price fails min=1")
	assert.EqualError(t, Validate(&items), "[1].Price fails min=1")
	assert.EqualError(t, Validate(map[string]validateItem{"x": {Price: 1}}), `["x"].Name fails required`)
	assert.EqualError(t, Validate(map[int]validateItem{7: {Price: 1}}), `[7].Name fails required`)
	assert.EqualError(t, Validate([1]*validateItem{{Price: 1}}), `[0].Name fails required`)
	assert.EqualError(t, Validate(nil), "validate: want a struct, or a slice, array or map of structs, not <nil>")
	assert.EqualError(t, Validate(7), "validate: want a struct, or a slice, array or map of structs, not int")
	assert.EqualError(t, Validate((*validateItem)(nil)), "validate: the *reflection.validateItem is nil")
	type pointer *pointer
	var self pointer
	self = &self
	assert.ErrorContains(t, Validate(self), "validate: ")
	assert.NoError(t, Validate(struct{ P pointer }{self}))
	type loop []loop
	l := make(loop, 1)
	l[0] = l
	assert.NoError(t, Validate(l))
	anyLoop := map[string]any{}
	anyLoop["self"] = anyLoop
	assert.NoError(t, Validate(anyLoop))
	assert.Len(t, Validate(make([]validateItem, 1000)).(interface{ Unwrap() []error }).Unwrap(), validateMaxErrors)
	assert.NoError(t, Validate(struct {
		Skipped validateItem `validate:"-"`
		When    time.Time
		mu      sync.Mutex
	}{}))
	assert.EqualError(t, Validate(struct {
		*validateItem `validate:"required"`
		ByName        map[string][]validateItem
	}{ByName: map[string][]validateItem{"a": {{"", 1}}}}), "validateItem fails required\nByName[\"a\"][0].Name fails required")
}

// Only the lookup of the plan is shared, and a sync.Map makes it safe; all else
// belongs to one call. The plan is not written after it was built, so any
// number of goroutines follow it at once. What stays with the caller: nobody
// may change the value that is being validated, because reflection reads memory
// like any other code. The race detector sees such a read.
//
//claim:ask Is a reflective library safe for concurrent use?
//claim:source https://pkg.go.dev/reflect#Value
func TestValidateConcurrent(t *testing.T) {
	type fresh struct {
		A string `validate:"required"`
		B []struct {
			C int `validate:"min=1"`
		}
	}
	order := validateGoodOrder()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			assert.EqualError(t, Validate(fresh{}), "A fails required")
			assert.NoError(t, Validate(order))
		})
	}
	all.Wait()
}

// With its plan kept per type, a validation takes less than a fifth of the time
// of one that reads the tags first: the plan is most of the work. On this value
// the walk makes no allocation beyond the list of the path, because it reads
// the fields by index, calls Int and String in place of Interface, and writes a
// text only if there is a problem.
//
//claim:ask How much does the cached plan of a tag-driven validator save, and what does a run cost?
//claim:expect ns/op of=uncached > 5x of=cached
//claim:expect allocs/op of=cached == 1
//claim:expect allocs/op of=uncached > 20
//claim:source encoding/json/encode.go
func BenchmarkValidateCached(b *testing.B) {
	user := &planUserValidated{ID: 7, Name: "Ada", Email: "ada@example.org", Country: "UK", Age: 36}
	b.Run("of=cached", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := Validate(user); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("of=uncached", func(b *testing.B) {
		b.ReportAllocs()
		value := reflect.ValueOf(user)
		for b.Loop() {
			plan, err := buildValidatePlan(value.Type())
			if err != nil {
				b.Fatal(err)
			}
			var run validateRun
			if run.walk(plan.root, value); run.result() != nil {
				b.Fatal(run.result())
			}
		}
	})
}

type planUserValidated struct {
	ID      int64  `validate:"min=1"`
	Name    string `validate:"required,max=64"`
	Email   string `validate:"required,email"`
	Country string `validate:"len=2"`
	Age     int    `validate:"min=18,max=150"`
}

func TestValidateCached(t *testing.T) {
	user := planUserValidated{ID: 7, Name: "Ada", Email: "ada@example.org", Country: "UK", Age: 36}
	require.NoError(t, Validate(&user))
	user.Age = 7
	require.EqualError(t, Validate(&user), "Age fails min=18")
	user.Age = 36
	if !proof.RaceEnabled {
		assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _ = Validate(&user) }), 3.0)
	}
}

// FuzzValidateTag looks for rules that make Validate panic: a rule that is
// accepted for a type must cope with all its values.
func FuzzValidateTag(f *testing.F) {
	for _, seed := range []string{"required", "min=1", "max=-1", "len=3", "oneof=a b", "email", "omitempty,min=2", "each,min=1", "each,each", "max=1s", "=", ",", "min"} {
		f.Add(seed, "text", int64(3))
	}
	f.Fuzz(func(t *testing.T, rules, text string, number int64) {
		value := reflect.ValueOf(struct {
			A int64
			B uint8
			C float32
			D string
			E []string
			F map[string]int
			G *time.Duration
			H any
			I [2]bool
			J **int8
		}{A: number, B: uint8(number), C: float32(number), D: text, E: []string{text}, F: map[string]int{text: int(number)}, G: (*time.Duration)(&number)})
		for i := range value.NumField() {
			field := value.Type().Field(i)
			field.Tag = reflect.StructTag("validate:" + strconv.Quote(rules))
			// The field is built by hand: a type of StructOf for each input would stay for ever.
			b := validateBuild{nodes: make(map[reflect.Type]*validateNode), open: make(map[reflect.Type]bool)}
			node := &validateNode{kind: reflect.Struct}
			if b.field(node, value.Type(), field); len(b.errs) > 0 {
				if _, ok := errors.AsType[*TagError](errors.Join(b.errs...)); !ok {
					t.Fatal(b.errs)
				}
				continue
			}
			var run validateRun
			run.walk(node, value)
			for _, problem := range run.problems {
				if want := field.Name; problem.(*FieldError).Path[:1] != want {
					t.Fatal(fmt.Errorf("%w in field %s", problem, want))
				}
			}
		}
	})
}
