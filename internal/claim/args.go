package claim

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// args reads the arguments of one directive from left to right. Its methods
// report an error at the argument that is wrong and return false.
type args struct {
	p     *packageParser
	d     ast.Directive
	items []ast.DirectiveArg
}

// args splits the arguments of d; quoted arguments may hold spaces.
func (p *packageParser) args(d ast.Directive) *args {
	items, err := d.ParseArgs()
	if err != nil {
		p.errorf(d.ArgsPos, "//claim:%s: %v, expected words or quoted strings", d.Name, err)
		return nil
	}
	return &args{p, d, items}
}

// fail reports an error at the next argument, or behind the last one.
func (a *args) fail(format string, v ...any) bool {
	pos := token.Pos(int(a.d.ArgsPos) + len(a.d.Args))
	if len(a.items) > 0 {
		pos = a.items[0].Pos
	}
	a.p.errorf(pos, "//claim:%s: %s", a.d.Name, fmt.Sprintf(format, v...))
	return false
}

// peek returns the next argument, or "".
func (a *args) peek() string {
	if len(a.items) == 0 {
		return ""
	}
	return a.items[0].Arg
}

// got describes the next argument in an error.
func (a *args) got() string {
	if len(a.items) == 0 {
		return "nothing"
	}
	return strconv.Quote(a.items[0].Arg)
}

func (a *args) next() string {
	s := a.peek()
	a.items = a.items[min(1, len(a.items)):]
	return s
}

// end reports leftover arguments.
func (a *args) end() bool {
	if len(a.items) > 0 {
		return a.fail("unexpected %s, expected the end of the line", a.got())
	}
	return true
}

// condition reads an optional "if COND" and the end of the line.
func (a *args) condition(to **Cond) bool {
	if a.peek() == "if" {
		a.next()
		cond, ok := a.cond()
		if !ok {
			return false
		}
		*to = &cond
	}
	if len(a.items) > 0 {
		return a.fail("unexpected %s, expected \"if CONDITION\" or the end of the line", a.got())
	}
	return true
}

func (a *args) cond() (Cond, bool) {
	c, err := ParseCond(a.peek())
	if len(a.items) == 0 {
		return c, a.fail("got nothing, expected a condition like go>=1.27, cpus>=4, goos=linux or goarch=amd64")
	}
	if err != nil {
		return c, a.fail("%v", err)
	}
	a.next()
	return c, true
}

// selector reads a selector if the next argument is one.
func (a *args) selector() (Selector, bool) {
	if !isSelector(a.peek()) {
		return nil, true
	}
	var s Selector
	for pair := range strings.SplitSeq(a.peek(), ",") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" || value == "" {
			return nil, a.fail("selector %q: got %q, expected key=value[,key=value]", a.peek(), pair)
		}
		if slices.ContainsFunc(s, func(p Pair) bool { return p.Key == key }) {
			return nil, a.fail("selector %q: key %q twice, expected each key once", a.peek(), key)
		}
		s = append(s, Pair{key, value})
	}
	a.next()
	return s, true
}

func isSelector(s string) bool { return strings.Index(s, "=") > 0 && !isOp(s) }

func isOp(s string) bool { return slices.Contains(ops, Op(s)) }

func (a *args) op(after, expected string) (Op, bool) {
	if !isOp(a.peek()) {
		return "", a.fail("got %s after %s, expected %s", a.got(), after, expected)
	}
	return Op(a.next()), true
}

var (
	factorForm = regexp.MustCompile(`^([0-9]+\.?[0-9]*|\.[0-9]+)x$`)
	growthForm = regexp.MustCompile(`^([^\s^=,]+)\^(-?[0-9]+\.?[0-9]*)$`)
)

// expectation reads METRIC SEL OP VALUE, METRIC SEL OP [Fx] SEL or METRIC SEL
// grows KEY^EXP, and a condition.
func (a *args) expectation() (e Expectation, ok bool) {
	all := a.items
	e.Metric = a.peek()
	if e.Metric == "" || isOp(e.Metric) || strings.Contains(e.Metric, "=") {
		return e, a.fail("got %s, expected a metric like ns/op or allocs/op", a.got())
	}
	a.next()
	if e.Left, ok = a.selector(); !ok {
		return e, false
	}
	if a.peek() == "grows" {
		a.next()
		m := growthForm.FindStringSubmatch(a.peek())
		if m == nil {
			return e, a.fail("got %s after grows, expected KEY^EXPONENT like n^2", a.got())
		}
		e.Form, e.Key = Growth, m[1]
		e.Exponent, _ = strconv.ParseFloat(m[2], 64) // the pattern is a number
		if slices.ContainsFunc(e.Left, func(p Pair) bool { return p.Key == e.Key }) {
			return e, a.fail("%q is fixed by the selector %s, expected a key that it leaves out", e.Key, e.Left)
		}
		a.next()
	} else {
		after := "the metric"
		if e.Left != nil {
			after = "the selector"
		}
		opAt := a.items
		if e.Op, ok = a.op(after, "one of == != < <= > >= or grows"); !ok {
			return e, false
		}
		if IsTime(e.Metric) && (e.Op == "==" || e.Op == "!=") {
			a.items = opAt
			return e, a.fail("%s never repeats exactly, expected < <= > or >=", e.Metric)
		}
		if !a.rightSide(&e) {
			return e, false
		}
	}
	e.Text = join(all[:len(all)-len(a.items)])
	return e, a.condition(&e.If)
}

// rightSide reads what follows the operator: a number, or a factor and a selector.
func (a *args) rightSide(e *Expectation) (ok bool) {
	e.Factor = 1
	m := factorForm.FindStringSubmatch(a.peek())
	if m != nil {
		e.Factor, _ = strconv.ParseFloat(m[1], 64) // the pattern is a number
		if e.Factor == 0 {
			return a.fail("factor %s, expected one above 0", a.got())
		}
		a.next()
	}
	if isSelector(a.peek()) {
		e.Form = Comparison
		at := a.items
		if e.Right, ok = a.selector(); !ok {
			return false
		}
		if e.Right.String() == e.Left.String() {
			a.items = at
			return a.fail("%s is compared with itself, expected another selector", e.Right)
		}
		return true
	}
	if m != nil {
		return a.fail("got %s after the factor, expected a selector like of=value", a.got())
	}
	v, err := strconv.ParseFloat(a.peek(), 64)
	if err != nil {
		return a.fail("got %s after %s, expected a number, a factor like 3x or a selector like of=value", a.got(), e.Op)
	}
	e.Value = v
	a.next()
	return true
}

// profile reads KIND SEL FRAME OP PERCENT and a condition.
func (a *args) profile() (p Profile, ok bool) {
	all := a.items
	if !slices.Contains(ProfileKinds, a.peek()) {
		return p, a.fail("got %s, expected one of %s", a.got(), strings.Join(ProfileKinds, ", "))
	}
	p.Kind = a.next()
	if p.Sel, ok = a.selector(); !ok {
		return p, false
	}
	if len(a.items) == 0 || isOp(a.peek()) {
		return p, a.fail("got %s, expected a regexp of function names", a.got())
	}
	var err error
	if p.Frame, err = regexp.Compile(a.peek()); err != nil {
		return p, a.fail("%v, expected a regexp of function names", err)
	}
	a.next()
	if p.Op, ok = a.op("the function", "one of == != < <= > >="); !ok {
		return p, false
	}
	number, isPercent := strings.CutSuffix(a.peek(), "%")
	p.Percent, err = strconv.ParseFloat(number, 64)
	if err != nil || !isPercent || p.Percent < 0 || p.Percent > 100 {
		return p, a.fail("got %s, expected a percentage like 90%%", a.got())
	}
	a.next()
	p.Text = join(all[:len(all)-len(a.items)])
	return p, a.condition(&p.If)
}

// vary reads KEY VALUE…
func (a *args) vary() (v Vary, ok bool) {
	keys := slices.Concat(RunKeys, BuildKeys)
	if !slices.Contains(keys, a.peek()) {
		return v, a.fail("got %s, expected one of %s", a.got(), strings.Join(keys, ", "))
	}
	v.Key = a.next()
	for len(a.items) > 0 {
		if strings.Contains(a.peek(), ",") {
			return v, a.fail("got %s, expected a value without a comma, which separates the pairs of a selector", a.got())
		}
		if slices.Contains(v.Values, a.peek()) {
			return v, a.fail("%s twice, expected each value once", a.got())
		}
		v.Values = append(v.Values, a.next())
	}
	if len(v.Values) == 0 {
		return v, a.fail("%s without a value, expected the settings to run under (none means unset)", v.Key)
	}
	return v, true
}

// join writes arguments as they would stand in a directive.
func join(items []ast.DirectiveArg) string {
	words := make([]string, len(items))
	for i, it := range items {
		words[i] = it.Arg
		if strings.ContainsAny(it.Arg, " \t\"`") {
			words[i] = strconv.Quote(it.Arg)
		}
	}
	return strings.Join(words, " ")
}
