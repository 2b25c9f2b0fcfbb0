package reflection

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Validate checks the struct that v holds or points to, and all structs, slices, arrays and
// maps in it, by the rules in the tags of its fields:
//
//	type Order struct {
//		ID    string            `validate:"required,len=8"`
//		Mail  string            `validate:"omitempty,email"`
//		State string            `validate:"oneof=open paid sent"`
//		Items []Item            `validate:"min=1,max=100"`
//		Tags  map[string]string `validate:"each,max=20"`
//	}
//
// The rules are separated by commas:
//
//	required       not the zero value; a slice or map is not empty, a pointer not nil
//	omitempty      the rules behind do not apply to a zero or empty value
//	min=n, max=n   limits of a number or time.Duration, of the runes of a string,
//	               of the elements of a slice, array or map
//	len=n          exactly n runes or elements
//	oneof=a b c    a string or an integer that is one of these
//	email          a string of the form a@b; only a mail can tell whether it exists
//	each           the rules behind apply to the elements of a slice, array or map
//	-              alone: the field and what is in it are not checked
//
// Rules other than required look through pointers, and are content with a nil
// pointer. If required is broken, the rules behind it are not tried. A field of
// interface type takes only required and omitempty; a struct in it is checked
// by its own tags. Fields of embedded structs belong to the struct around them.
// If a type can contain itself or has interfaces in it, a pointer, slice or map
// that is met again is checked once, so that a ring comes to an end.
//
// The error joins a [*FieldError] for each rule that is broken, in the order of
// the fields, and for maps sorted by path; after 100 it stops. No error
// contains a value, but a path contains the keys of maps. A tag that has an
// unknown rule, or one that does not fit the type of the field, is an error of
// the program and gives a [*TagError], also if the field is not reached: the
// tags of a type are read once. Validate is safe for concurrent use, as long as
// nobody changes the value.
func Validate(v any) error {
	value := reflect.ValueOf(v)
	switch base, _ := validateBase(value); base.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
	case reflect.Pointer:
		return fmt.Errorf("validate: the %T is nil", v)
	default:
		return fmt.Errorf("validate: want a struct, or a slice, array or map of structs, not %T", v)
	}
	var run validateRun
	run.value(value)
	return run.result()
}

// FieldError tells which rule a field breaks.
type FieldError struct {
	Path string // from the validated value, such as Orders[2].Price or Tags["a"]
	Rule string // as in the tag, such as min=1
}

// Error returns the path and the rule: "Orders[2].Price fails min=1".
func (e *FieldError) Error() string { return e.Path + " fails " + e.Rule }

// TagError tells that a struct tag cannot be used. It is a mistake in the
// program and not in its data.
type TagError struct {
	Type   reflect.Type // the struct
	Field  string
	Rule   string // the part of the tag that is wrong
	Reason string
}

// Error returns the type, the field, the rule and what is wrong with it.
func (e *TagError) Error() string {
	return fmt.Sprintf("%s, field %s: %q: %s", e.Type, e.Field, e.Rule, e.Reason)
}

// A validatePlan is what the tags of a type and of all types in it say. It is a
// graph of nodes, with a cycle if the type contains itself.
type validatePlan struct {
	root *validateNode
	// rings says that a value of the type may contain itself.
	rings bool
}

// A validateNode says what to do with a value of a type. Which of the fields
// are set depends on the kind of the type.
type validateNode struct {
	kind   reflect.Kind
	fields []validateField // of a struct
	elem   *validateNode   // of a pointer, slice, array or map
	idle   bool            // nothing can be wrong with a value
}

type validateField struct {
	index    int
	name     string
	embedded bool           // a struct, whose name is no part of a path
	rules    []validateRule // for the field
	each     []validateRule // for its elements
	node     *validateNode
}

// A validateRule has a test for the value behind all pointers. The rules
// required and omitempty have none.
type validateRule struct {
	text string
	ok   func(reflect.Value) bool
}

const (
	validateRequired  = "required"
	validateOmitEmpty = "omitempty"

	validateMaxErrors   = 100
	validateMaxPointers = 8 // to pointers; a type may be a pointer to itself
)

var validatePlans = NewTypeCache(buildValidatePlan)

func buildValidatePlan(t reflect.Type) (*validatePlan, error) {
	b := validateBuild{nodes: make(map[reflect.Type]*validateNode), open: make(map[reflect.Type]bool)}
	root := b.node(t)
	if len(b.errs) > 0 {
		return nil, errors.Join(b.errs...)
	}
	// All nodes start idle; one that is not wakes up those that lead to it.
	for changed := true; changed; {
		changed = false
		for _, n := range b.nodes {
			if n.idle && n.hasWork() {
				n.idle, changed = false, true
			}
		}
	}
	return &validatePlan{root: root, rings: b.rings}, nil
}

func (n *validateNode) hasWork() bool {
	if n.kind == reflect.Interface || n.elem != nil && !n.elem.idle {
		return true
	}
	return slices.ContainsFunc(n.fields, func(f validateField) bool {
		return len(f.rules) > 0 || len(f.each) > 0 || !f.node.idle
	})
}

type validateBuild struct {
	nodes map[reflect.Type]*validateNode
	open  map[reflect.Type]bool // types whose node is not complete
	rings bool
	errs  []error
}

func (b *validateBuild) node(t reflect.Type) *validateNode {
	if n, ok := b.nodes[t]; ok {
		b.rings = b.rings || b.open[t]
		return n
	}
	n := &validateNode{kind: t.Kind(), idle: true}
	b.nodes[t], b.open[t] = n, true // before its parts, which may lead back to it
	defer delete(b.open, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		n.elem = b.node(t.Elem())
	case reflect.Interface:
		b.rings = true
	case reflect.Struct:
		for i := range t.NumField() {
			b.field(n, t, t.Field(i))
		}
	}
	return n
}

func (b *validateBuild) field(n *validateNode, t reflect.Type, field reflect.StructField) {
	tag, tagged := field.Tag.Lookup("validate")
	if tag == "-" {
		return
	}
	if !field.IsExported() && !field.Anonymous {
		if tagged {
			b.errs = append(b.errs, &TagError{t, field.Name, tag, "the field is not exported"})
		}
		return
	}
	f := validateField{index: field.Index[0], name: field.Name, node: b.node(field.Type)}
	target, into := field.Type, &f.rules
	f.embedded = field.Anonymous && (target.Kind() == reflect.Struct || target.Kind() == reflect.Pointer)
	for text := range strings.SplitSeq(tag, ",") {
		if tag == "" {
			break
		}
		for range validateMaxPointers {
			if target.Kind() == reflect.Pointer {
				target = target.Elem()
			}
		}
		if text == "each" {
			switch {
			case into == &f.each:
				b.errs = append(b.errs, &TagError{t, field.Name, text, "each is there already"})
				return
			case target.Kind() != reflect.Slice && target.Kind() != reflect.Array && target.Kind() != reflect.Map:
				b.errs = append(b.errs, &TagError{t, field.Name, text, "not for type " + target.String()})
				return
			}
			target, into = target.Elem(), &f.each
			continue
		}
		rule, err := parseValidateRule(text, target)
		if err != nil {
			b.errs = append(b.errs, &TagError{t, field.Name, text, err.Error()})
			continue
		}
		*into = append(*into, rule)
	}
	n.fields = append(n.fields, f)
}

// parseValidateRule returns a rule for values of type t, which is no pointer.
func parseValidateRule(text string, t reflect.Type) (validateRule, error) {
	name, parameter, hasParameter := strings.Cut(text, "=")
	unfit := errors.New("not for type " + t.String())
	rule := validateRule{text: text}
	if t.Kind() == reflect.Pointer {
		return rule, unfit
	}
	var err error
	switch name {
	case validateRequired, validateOmitEmpty, "email":
		if hasParameter {
			return rule, errors.New("takes no parameter")
		}
		if name == "email" {
			if t.Kind() != reflect.String {
				return rule, unfit
			}
			rule.ok = func(v reflect.Value) bool { return validateEmail(v.String()) }
		}
	case "min", "max", "len":
		var order func(reflect.Value) int
		switch {
		case hasValidateLen(t.Kind()):
			order, err = validateLen(parameter)
		case name == "len":
			return rule, unfit
		default:
			order, err = validateNumber(parameter, t)
		}
		switch name {
		case "min":
			rule.ok = func(v reflect.Value) bool { o := order(v); return o == 0 || o == +1 }
		case "max":
			rule.ok = func(v reflect.Value) bool { o := order(v); return o == 0 || o == -1 }
		case "len":
			rule.ok = func(v reflect.Value) bool { return order(v) == 0 }
		}
	case "oneof":
		rule.ok, err = validateOneOf(parameter, t)
	default:
		err = errors.New("unknown rule")
	}
	return rule, err
}

func hasValidateLen(k reflect.Kind) bool {
	return k == reflect.String || k == reflect.Slice || k == reflect.Array || k == reflect.Map
}

// validateLen returns a function that compares a length with the parameter,
// with a result as that of [cmp.Compare].
func validateLen(parameter string) (func(reflect.Value) int, error) {
	limit, err := strconv.Atoi(parameter)
	if err != nil || limit < 0 {
		return nil, errors.New("the parameter must be a number >= 0")
	}
	return func(v reflect.Value) int {
		if v.Kind() == reflect.String {
			return cmp.Compare(utf8.RuneCountInString(v.String()), limit)
		}
		return cmp.Compare(v.Len(), limit)
	}, nil
}

// validateNumber is like validateLen for the value of a number. The result is 2 for a NaN,
// which has no order.
func validateNumber(parameter string, t reflect.Type) (order func(reflect.Value) int, err error) {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		limit, err := time.ParseDuration(parameter)
		if err != nil {
			return nil, errors.New("the parameter must be a duration such as 1m30s")
		}
		return func(v reflect.Value) int { return cmp.Compare(v.Int(), int64(limit)) }, nil
	case reflect.Zero(t).CanInt():
		limit, err := strconv.ParseInt(parameter, 0, t.Bits())
		if err != nil {
			return nil, errors.New("the parameter must be an integer in the range of the field")
		}
		return func(v reflect.Value) int { return cmp.Compare(v.Int(), limit) }, nil
	case reflect.Zero(t).CanUint():
		limit, err := strconv.ParseUint(parameter, 0, t.Bits())
		if err != nil {
			return nil, errors.New("the parameter must be an integer in the range of the field")
		}
		return func(v reflect.Value) int { return cmp.Compare(v.Uint(), limit) }, nil
	case reflect.Zero(t).CanFloat():
		limit, err := strconv.ParseFloat(parameter, t.Bits())
		if err != nil || limit != limit {
			return nil, errors.New("the parameter must be a number in the range of the field")
		}
		return func(v reflect.Value) int {
			if f := v.Float(); f == f {
				return cmp.Compare(f, limit)
			}
			return 2
		}, nil
	}
	return nil, errors.New("not for type " + t.String())
}

func validateOneOf(parameter string, t reflect.Type) (func(reflect.Value) bool, error) {
	words := strings.Fields(parameter)
	if len(words) == 0 {
		return nil, errors.New("the parameter must be a list of words")
	}
	if t.Kind() == reflect.String {
		return func(v reflect.Value) bool { return slices.Contains(words, v.String()) }, nil
	}
	if zero := reflect.Zero(t); !zero.CanInt() && !zero.CanUint() {
		return nil, errors.New("not for type " + t.String())
	}
	var orders []func(reflect.Value) int
	for _, word := range words {
		order, err := validateNumber(word, t)
		if err != nil {
			return nil, err
		}
		orders = append(orders, order)
	}
	return func(v reflect.Value) bool {
		return slices.ContainsFunc(orders, func(order func(reflect.Value) int) bool { return order(v) == 0 })
	}, nil
}

func validateEmail(s string) bool {
	user, domain, found := strings.Cut(s, "@")
	return found && user != "" && domain != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) &&
		!strings.Contains(domain, "@") && domain[0] != '.' && domain[len(domain)-1] != '.'
}

// A validateRun is one call of Validate.
type validateRun struct {
	path     []validateStep
	problems []error
	misuse   error // of a tag
	rings    bool
	seen     map[validateSeen]struct{}
}

// A validateStep is a part of a path: a field, an index or a key.
type validateStep struct {
	name  string
	index int
	key   reflect.Value
}

type validateSeen struct {
	of      reflect.Type
	pointer uintptr
	len     int
}

func (r *validateRun) result() error {
	if r.misuse != nil {
		return r.misuse
	}
	return errors.Join(r.problems...)
}

func (r *validateRun) stopped() bool { return r.misuse != nil || len(r.problems) >= validateMaxErrors }

func (r *validateRun) value(v reflect.Value) {
	plan, err := validatePlans.Get(v.Type())
	if err != nil {
		r.misuse = err
		return
	}
	r.rings = r.rings || plan.rings
	r.walk(plan.root, v)
}

func (r *validateRun) walk(n *validateNode, v reflect.Value) {
	if n.idle || r.stopped() {
		return
	}
	switch n.kind {
	case reflect.Interface:
		if !v.IsNil() {
			r.value(v.Elem())
		}
	case reflect.Pointer:
		if !v.IsNil() && !r.met(v, 0) {
			r.walk(n.elem, v.Elem())
		}
	case reflect.Slice, reflect.Map:
		if v.Len() == 0 || r.met(v, v.Len()) {
			return
		}
		fallthrough
	case reflect.Array:
		r.elements(v, func(elem reflect.Value) { r.walk(n.elem, elem) })
	case reflect.Struct:
		for i := range n.fields {
			field := &n.fields[i]
			value := v.Field(field.index)
			end := len(r.path)
			r.path = append(r.path, validateStep{name: field.name})
			r.check(field.rules, value)
			if base, ok := validateBase(value); ok && len(field.each) > 0 {
				r.elements(base, func(elem reflect.Value) { r.check(field.each, elem) })
			}
			if field.embedded {
				r.path = r.path[:end]
			}
			r.walk(field.node, value)
			r.path = r.path[:end]
		}
	}
}

// met reports whether the value was met before. It keeps no record if the types
// do not allow rings.
func (r *validateRun) met(v reflect.Value, length int) bool {
	if !r.rings {
		return false
	}
	if r.seen == nil {
		r.seen = make(map[validateSeen]struct{})
	}
	key := validateSeen{v.Type(), v.Pointer(), length}
	_, found := r.seen[key]
	r.seen[key] = struct{}{}
	return found
}

// elements visits the elements of a slice, array or map, with the path of each.
func (r *validateRun) elements(v reflect.Value, visit func(reflect.Value)) {
	end := len(r.path)
	if v.Kind() != reflect.Map {
		for i := 0; i < v.Len() && !r.stopped(); i++ {
			r.path = append(r.path, validateStep{index: i})
			visit(v.Index(i))
			r.path = r.path[:end]
		}
		return
	}
	first := len(r.problems)
	for entry := v.MapRange(); entry.Next() && !r.stopped(); {
		r.path = append(r.path, validateStep{key: entry.Key()})
		visit(entry.Value())
		r.path = r.path[:end]
	}
	slices.SortStableFunc(r.problems[first:], func(a, b error) int {
		return cmp.Compare(a.(*FieldError).Path, b.(*FieldError).Path)
	})
}

func (r *validateRun) check(rules []validateRule, v reflect.Value) {
	base, ok := validateBase(v)
	for i := range rules {
		rule := &rules[i]
		switch {
		case rule.text == validateRequired:
			if validateEmpty(v) {
				r.fail(rule)
				return
			}
		case !ok: // nil
		case rule.text == validateOmitEmpty:
			if validateEmpty(base) {
				return
			}
		case !rule.ok(base):
			r.fail(rule)
		}
	}
}

func (r *validateRun) fail(rule *validateRule) {
	if r.stopped() {
		return
	}
	var path []byte
	for _, step := range r.path {
		switch {
		case step.name != "":
			if len(path) > 0 {
				path = append(path, '.')
			}
			path = append(path, step.name...)
		case !step.key.IsValid():
			path = fmt.Appendf(path, "[%d]", step.index)
		case step.key.Kind() == reflect.String:
			path = fmt.Appendf(path, "[%q]", step.key.String())
		default:
			path = fmt.Appendf(path, "[%v]", step.key)
		}
	}
	r.problems = append(r.problems, &FieldError{Path: string(path), Rule: rule.text})
}

// validateBase looks through pointers. It returns false at a nil pointer.
func validateBase(v reflect.Value) (reflect.Value, bool) {
	for range validateMaxPointers {
		if v.Kind() != reflect.Pointer {
			break
		}
		if v.IsNil() {
			return v, false
		}
		v = v.Elem()
	}
	return v, true
}

func validateEmpty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}
