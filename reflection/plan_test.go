package reflection

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Walk the fields of a type once, keep the result in a sync.Map with the
// reflect.Type as key, and share it. A type never changes, so the entry needs
// no invalidation, and the error of a type that cannot be used is kept as well.
// Two goroutines may build the same entry at the same time; LoadOrStore lets
// the first one win, so all of them get one result. That is what encoding/json
// does. The cache fits a fixed number of types: types made at run time with
// StructOf would stay in it for ever.
//
//claim:ask How do libraries such as encoding/json cache what they learn about a type?
//claim:source encoding/json/encode.go
//claim:source https://pkg.go.dev/sync#Map
func TestPlanCache(t *testing.T) {
	var builds atomic.Int32
	start := make(chan struct{})
	cache := NewTypeCache(func(t reflect.Type) (*string, error) {
		builds.Add(1)
		if t.Kind() == reflect.Func {
			return nil, errors.New("no functions")
		}
		name := t.String()
		return &name, nil
	})
	var all sync.WaitGroup
	got := make([]*string, 8)
	for i := range got {
		all.Go(func() {
			<-start
			got[i], _ = cache.Get(reflect.TypeFor[[]int]())
		})
	}
	close(start)
	all.Wait()
	for _, name := range got {
		require.Same(t, got[0], name)
	}
	assert.LessOrEqual(t, int(builds.Load()), len(got))

	before := builds.Load()
	for range 3 {
		_, err := cache.Get(reflect.TypeFor[func()]())
		assert.EqualError(t, err, "no functions")
	}
	assert.Equal(t, before+1, builds.Load(), "errors are kept too")
	proof.WantAllocs(t, 0, func() { _, _ = cache.Get(reflect.TypeFor[[]int]()) })
}

// planUser is what the plans of the benchmark are made for.
type planUser struct {
	ID       int64  `json:"id" db:"user_id" check:"min=1"`
	Name     string `json:"name" db:"user_name" check:"required,max=64"`
	Email    string `json:"email" db:"email" check:"required,email"`
	Country  string `json:"country" db:"country" check:"len=2"`
	Age      int    `json:"age" db:"age" check:"min=18,max=150"`
	Referrer string `json:"referrer,omitempty" db:"referrer"`
}

// planColumns returns the columns of a struct type by its db tags.
func planColumns(t reflect.Type) ([]string, error) {
	if t.Kind() != reflect.Struct {
		return nil, errors.New("not a struct: " + t.String())
	}
	var columns []string
	for field := range t.Fields() {
		name, _ := cutTagOptions(field.Tag.Get("db"))
		if name != "" {
			columns = append(columns, strings.ToLower(name))
		}
	}
	return columns, nil
}

var planColumnCache = NewTypeCache(planColumns)

func TestPlanColumns(t *testing.T) {
	want := []string{"user_id", "user_name", "email", "country", "age", "referrer"}
	got, err := planColumnCache.Get(reflect.TypeFor[planUser]())
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, err = planColumnCache.Get(reflect.TypeFor[int]())
	assert.EqualError(t, err, "not a struct: int")
}

// The cached list of the columns of a struct with six fields comes more than 5
// times as fast as one that is made from the tags each time, and without an
// allocation. A lookup in the cache is one load of a sync.Map with a pointer as
// key, whatever the size of the struct; the walk costs a StructField and a scan
// of the tag for each field. The cache pays if the same types come again and
// again. For a type that is seen once, such as that of a configuration at the
// start, it saves nothing.
//
//claim:ask How much does a cache per type save compared with reading struct tags each time?
//claim:expect ns/op of=walk > 5x of=cached
//claim:expect allocs/op of=cached == 0
//claim:expect allocs/op of=walk > 3
//claim:source https://pkg.go.dev/reflect#StructTag
func BenchmarkPlanSaves(b *testing.B) {
	userType := reflect.TypeFor[planUser]()
	run := func(name string, columns func(reflect.Type) ([]string, error)) {
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range 8 { // one lookup is too short to be measured alone
					if got, _ := columns(userType); len(got) != 6 {
						b.Fatal(got)
					}
				}
			}
		})
	}
	run("walk", planColumns)
	run("cached", planColumnCache.Get)
}

// Describe the type once and link, instead of walking on. A struct that
// contains a pointer to itself, or two that contain each other, would send a
// plain recursion over types round for ever. Enter the entry of a type into a
// table before its fields are visited; whoever meets the type again takes the
// unfinished entry, which is complete when it is used. Values are another
// matter: a list is a finite walk, and only a ring of pointers needs a set of
// what has been visited.
//
//claim:ask How does a reflective library handle a type that contains itself?
//claim:source encoding/json/encode.go
func TestPlanRecursive(t *testing.T) {
	type tree struct {
		Name string `validate:"required"`
		Kids []*tree
	}
	plan, err := buildValidatePlan(reflect.TypeFor[tree]())
	require.NoError(t, err)
	kids := plan.root.fields[1].node
	require.Same(t, plan.root, kids.elem.elem, "slice, pointer, and the tree again")

	assert.NoError(t, Validate(tree{Name: "a", Kids: []*tree{{Name: "b"}, nil}}))
	assert.EqualError(t, Validate(tree{Name: "a", Kids: []*tree{{Kids: []*tree{{}}}}}),
		"Kids[0].Name fails required\nKids[0].Kids[0].Name fails required")
	ring := &tree{Name: ""}
	ring.Kids = []*tree{ring}
	assert.EqualError(t, Validate(ring), "Name fails required", "a ring ends")
}
