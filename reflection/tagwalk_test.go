package reflection

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type tagwalkBase struct {
	ID      int
	Created string
}

type tagwalkAudit struct {
	Created string
	By      string
}

type tagwalkUser struct {
	tagwalkBase
	*tagwalkAudit
	Name string
	ID   string // hides that of tagwalkBase
}

// NumField and Fields give the fields as they are written, with an embedded
// struct as one field, marked Anonymous. reflect.VisibleFields, since Go 1.17,
// adds the promoted ones as the compiler sees them, also those behind an
// embedded pointer; the embedded struct itself stays in the list. A field that
// is hidden by one above it is left out, and so is a name that two embedded
// structs have at the same depth. Index is the path for FieldByIndex: its
// length tells the depth. Offset counts from the struct that directly contains
// the field, and not from the outer one.
//
//claim:ask How do you list the fields of a struct including those of embedded structs?
//claim:source https://pkg.go.dev/reflect#VisibleFields
//claim:source https://go.dev/ref/spec#Struct_types
func TestTagwalkVisible(t *testing.T) {
	user := reflect.TypeFor[tagwalkUser]()
	assert.Equal(t, 4, user.NumField())
	visible := make(map[string][]int)
	for _, field := range reflect.VisibleFields(user) {
		visible[field.Name] = field.Index
	}
	assert.Equal(t, map[string][]int{"tagwalkBase": {0}, "tagwalkAudit": {1}, "By": {1, 1}, "Name": {2}, "ID": {3}}, visible)

	by, ok := user.FieldByName("By")
	require.True(t, ok)
	assert.Equal(t, reflect.TypeFor[tagwalkAudit]().Field(1).Offset, by.Offset, "from the inner struct")
}

// It finds nothing. FieldByName follows the rule of the compiler: the
// shallowest field of that name wins, and two at the same depth hide each
// other. In source code x.Created is then an error; FieldByName returns false,
// and Value.FieldByName the zero Value, whose methods panic. The fields stay
// reachable by index or through the name of their embedded struct.
// encoding/json drops both without an error, unless exactly one of them has a
// json tag.
//
//claim:ask Two embedded structs have a field of the same name. What does FieldByName return, and what does JSON write?
//claim:source https://pkg.go.dev/reflect#Value.FieldByName
//claim:source https://go.dev/ref/spec#Selectors
//claim:source https://pkg.go.dev/encoding/json#Marshal
func TestTagwalkAmbiguous(t *testing.T) {
	user := reflect.TypeFor[tagwalkUser]()
	_, ok := user.FieldByName("Created")
	assert.False(t, ok)
	v := reflect.ValueOf(tagwalkUser{tagwalkBase: tagwalkBase{Created: "today"}, ID: "outer"})
	assert.False(t, v.FieldByName("Created").IsValid())
	assert.Panics(t, func() { _ = v.FieldByName("Created").Len() })
	assert.Equal(t, "today", v.FieldByIndex([]int{0, 1}).String())
	assert.Equal(t, "outer", v.FieldByName("ID").String(), "the shallowest")

	type tagged struct {
		Created string `json:"Created"`
	}
	marshal := func(v any) string {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		return string(text)
	}
	assert.Equal(t, `{"ID":1,"By":"me"}`, marshal(struct {
		tagwalkBase
		tagwalkAudit
	}{tagwalkBase{1, "base"}, tagwalkAudit{"audit", "me"}}))
	assert.Equal(t, `{"By":"me","Created":"tagged"}`, marshal(struct {
		tagwalkAudit
		tagged
	}{tagwalkAudit{"audit", "me"}, tagged{"tagged"}}))
}

// It panics if an embedded pointer on the way is nil, although the type says
// that the field exists. Value.FieldByIndexErr returns an error in its place;
// it says in which type. Value.FieldByName panics in the same way, because it
// ends in FieldByIndex. A reader should therefore ask the type for the path,
// and take the value with FieldByIndexErr.
//
//claim:ask Can FieldByName panic for a field that exists?
//claim:source https://pkg.go.dev/reflect#Value.FieldByIndexErr
func TestTagwalkNilEmbedded(t *testing.T) {
	v := reflect.ValueOf(tagwalkUser{})
	by, ok := v.Type().FieldByName("By")
	require.True(t, ok)
	const message = "reflect: indirection through nil pointer to embedded struct"
	assert.PanicsWithValue(t, message, func() { v.FieldByName("By") })
	assert.PanicsWithValue(t, message, func() { v.FieldByIndex(by.Index) })
	_, err := v.FieldByIndexErr(by.Index)
	assert.EqualError(t, err, message+" field tagwalkAudit")
	v = reflect.ValueOf(tagwalkUser{tagwalkAudit: &tagwalkAudit{By: "me"}})
	assert.Equal(t, "me", v.FieldByName("By").String())
}

// FieldByName is exact; a name that differs in case is not found.
// FieldByNameFunc takes a function, such as one with strings.EqualFold, and
// searches by the same rules of depth: two matches at one depth hide each
// other. encoding/json prefers an exact match and then ignores case, and builds
// its table once for a type, because a search of all fields for each key would
// cost more than the parsing.
//
//claim:ask How do you find a struct field by a name in another case?
//claim:source https://pkg.go.dev/reflect#Value.FieldByNameFunc
//claim:source https://pkg.go.dev/encoding/json#Unmarshal
func TestTagwalkFold(t *testing.T) {
	type row struct {
		UserID int
		Userid int
		Name   string
	}
	of := reflect.TypeFor[row]()
	fold := func(name string) func(string) bool {
		return func(field string) bool { return strings.EqualFold(field, name) }
	}
	_, ok := of.FieldByName("name")
	assert.False(t, ok)
	name, ok := of.FieldByNameFunc(fold("name"))
	assert.True(t, ok)
	assert.Equal(t, "Name", name.Name)
	_, ok = of.FieldByNameFunc(fold("userid"))
	assert.False(t, ok, "two of them")

	var r row
	require.NoError(t, json.Unmarshal([]byte(`{"userid":1,"Userid":2,"NAME":"x"}`), &r))
	assert.Equal(t, row{UserID: 1, Userid: 2, Name: "x"}, r)
}
