package interfaces

import "fmt"

// Go has the parts of object orientation and combines them in its own way: packages
// hide, structs are composed, interfaces dispatch. Here are the translations of
// patterns that come from languages with classes.

// oopShape is what the callers need. oopSquare and oopRect have no common ancestor.
type (
	oopShape  interface{ Area() int }
	oopSquare struct{ side int }
	oopRect   struct{ width, height int }
)

func (s oopSquare) Area() int { return s.side * s.side }
func (r oopRect) Area() int   { return r.width * r.height }

// oopReport is an abstract class in Go: the fixed part is a struct, and what a
// subclass would override is an interface that it calls.
type oopReport struct{ parts oopReportParts }

type oopReportParts interface {
	Title() string
	Body() string
}

func (r oopReport) Text() string { return r.parts.Title() + ": " + r.parts.Body() }

// oopReportDefaults has defaults for what a report need not define. A type embeds it
// and overrides what it wants to, before it gives itself to oopReport.
type oopReportDefaults struct{}

func (oopReportDefaults) Title() string { return "untitled" }
func (oopReportDefaults) Body() string  { return "empty" }

type oopSales struct {
	oopReportDefaults
	sold int
}

func (s oopSales) Body() string { return fmt.Sprintf("%d sold", s.sold) }

// oopQuery and oopUserQuery show why chained methods do not survive embedding.
type (
	oopQuery     struct{ conditions []string }
	oopUserQuery struct{ oopQuery }
)

func (q *oopQuery) Where(condition string) *oopQuery {
	q.conditions = append(q.conditions, condition)
	return q
}

func (q *oopUserQuery) Active() *oopUserQuery {
	q.Where("active")
	return q
}

// oopChain is the cure: it knows the type of the outer struct and returns that.
type oopChain[Outer any] struct {
	outer      *Outer
	conditions []string
}

func (c *oopChain[Outer]) Where(condition string) *Outer {
	c.conditions = append(c.conditions, condition)
	return c.outer
}

type oopUserChain struct{ oopChain[oopUserChain] }

func newOOPUserChain() *oopUserChain {
	c := &oopUserChain{}
	c.outer = c
	return c
}

func (c *oopUserChain) Active() *oopUserChain { return c.Where("active") }

// oopFramed has an Area that starts from that of the rectangle in it.
type oopFramed struct {
	oopRect
	frame int
}

func (f oopFramed) Area() int { return f.oopRect.Area() + f.frame }
