package errors

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

type apifieldItem struct {
	Name  string
	Count int
}

func (i apifieldItem) check() (err error) {
	if i.Name == "" {
		err = errors.Join(err, InField("name", InvalidArgument))
	}
	if i.Count < 1 {
		err = errors.Join(err, InField("count", fmt.Errorf("%d is less than 1: %w", i.Count, OutOfRange)))
	}
	return err
}

type apifieldOrder struct {
	Customer string
	Items    []apifieldItem
}

func (o apifieldOrder) check() (err error) {
	if o.Customer == "" {
		err = InField("customer", InvalidArgument)
	}
	for i, item := range o.Items {
		err = errors.Join(err, InField("items", InField("["+strconv.Itoa(i)+"]", item.check())))
	}
	return err
}

// To report all mistakes at once, check all fields, join what is wrong, and let
// each error know its path. The user can then repair everything at once, and
// the form can show each text beside its field. A function checks one type and
// knows only the names of its own fields; whoever calls it puts the name of the
// outer field in front, as [InField] does. The path is a field of the error and
// not only a part of its text. This is for input from outside only; an error in
// the middle of a computation ends it.
//
//claim:ask How do you report all mistakes of a form at once, with the path of each field?
//claim:source https://pkg.go.dev/errors#Join
//claim:source https://www.rfc-editor.org/rfc/rfc9457#section-3
func TestApiFieldPaths(t *testing.T) {
	order := apifieldOrder{Items: []apifieldItem{{"nut", 3}, {"", 0}}}
	err := order.check()
	var paths []string
	for field := range AllAs[*FieldError](err) {
		paths = append(paths, field.Path)
	}
	assert.Equal(t, []string{"customer", "items[1].name", "items[1].count"}, paths)
	assert.ErrorIs(t, err, OutOfRange)
	assert.EqualError(t, err, "customer: invalid argument\nitems[1].name: invalid argument\nitems[1].count: 0 is less than 1: out of range")
	order = apifieldOrder{"ada", []apifieldItem{{"nut", 3}}}
	assert.NoError(t, order.check())
}

func TestInField(t *testing.T) {
	assert.NoError(t, InField("a", nil))
	assert.Equal(t, &FieldError{"a", io.EOF}, InField("a", io.EOF))
	assert.Equal(t, &FieldError{"a[0].b", io.EOF}, InField("a", InField("[0]", InField("b", io.EOF))))
	two := fmt.Errorf("both: %w, %w", io.EOF, io.ErrShortWrite)
	assert.EqualError(t, InField("a", two), "a: both: EOF, short write", "its text is kept")
	inner := &FieldError{"b", io.EOF}
	assert.EqualError(t, InField("a", errors.Join(inner, errors.Join(io.ErrShortWrite))), "a.b: EOF\na: short write")
	assert.Equal(t, "b", inner.Path, "unchanged")
	assert.EqualError(t, InField("a", &Failure{Op: "x", Code: NotFound, Err: io.EOF}), "a: x: not found: EOF")
}
