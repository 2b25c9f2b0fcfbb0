package reflection

import (
	"errors"
	"reflect"
	"strconv"
)

// A costtableRow is written as "id=7&name=Ada&age=36&score=12" in the ways that
// compete with reflection. Each function appends to a buffer and makes no
// garbage where it can.
type costtableRow struct {
	ID    int64  `form:"id"`
	Name  string `form:"name"`
	Age   int64  `form:"age"`
	Score int64  `form:"score"`
}

// costtableGenerated has the shape of what a generator writes for costtableRow.
func costtableGenerated(b []byte, r *costtableRow) []byte {
	b = append(b, "id="...)
	b = strconv.AppendInt(b, r.ID, 10)
	b = append(b, "&name="...)
	b = append(b, r.Name...)
	b = append(b, "&age="...)
	b = strconv.AppendInt(b, r.Age, 10)
	b = append(b, "&score="...)
	b = strconv.AppendInt(b, r.Score, 10)
	return b
}

// A costtableColumn is what the author of a type writes by hand if the library
// is generic: the compiler checks names and types of the fields, and nobody
// reflects.
type costtableColumn[T any] struct {
	name   string
	append func([]byte, *T) []byte
}

var costtableColumns = []costtableColumn[costtableRow]{
	{"id", func(b []byte, r *costtableRow) []byte { return strconv.AppendInt(b, r.ID, 10) }},
	{"name", func(b []byte, r *costtableRow) []byte { return append(b, r.Name...) }},
	{"age", func(b []byte, r *costtableRow) []byte { return strconv.AppendInt(b, r.Age, 10) }},
	{"score", func(b []byte, r *costtableRow) []byte { return strconv.AppendInt(b, r.Score, 10) }},
}

func costtableGeneric[T any](b []byte, v *T, columns []costtableColumn[T]) []byte {
	for i := range columns {
		b = costtableKey(b, i, columns[i].name)
		b = columns[i].append(b, v)
	}
	return b
}

// A costtableField is the part of a plan that was made by reflection once.
type costtableField struct {
	index int
	name  string
	text  bool
}

var costtablePlans = NewTypeCache(func(t reflect.Type) (plan []costtableField, err error) {
	for field := range t.Fields() {
		switch field.Type.Kind() {
		case reflect.Int64, reflect.String:
			plan = append(plan, costtableField{field.Index[0], field.Tag.Get("form"), field.Type.Kind() == reflect.String})
		default:
			err = errors.Join(err, errors.New("no form for type "+field.Type.String()))
		}
	}
	return plan, err
})

func costtableCached(b []byte, v any) ([]byte, error) {
	value := reflect.ValueOf(v).Elem()
	plan, err := costtablePlans.Get(value.Type())
	if err != nil {
		return b, err
	}
	for i := range plan {
		b = costtableKey(b, i, plan[i].name)
		if field := value.Field(plan[i].index); plan[i].text {
			b = append(b, field.String()...)
		} else {
			b = strconv.AppendInt(b, field.Int(), 10)
		}
	}
	return b, nil
}

// costtableNaive reads the type again with each value, and takes the values out
// of reflection to look at them.
func costtableNaive(b []byte, v any) ([]byte, error) {
	value := reflect.ValueOf(v).Elem()
	for i := range value.NumField() {
		field := value.Type().Field(i)
		b = costtableKey(b, i, field.Tag.Get("form"))
		switch x := value.FieldByName(field.Name).Interface().(type) {
		case int64:
			b = strconv.AppendInt(b, x, 10)
		case string:
			b = append(b, x...)
		default:
			return b, errors.New("no form for type " + field.Type.String())
		}
	}
	return b, nil
}

func costtableKey(b []byte, i int, name string) []byte {
	if i > 0 {
		b = append(b, '&')
	}
	b = append(b, name...)
	return append(b, '=')
}
