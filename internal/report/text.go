package report

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/fatih/color"
	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/go-deep-dive/godeep/internal/verdict"
	"golang.org/x/term"
)

// Width is how many columns the output fits in.
const Width = 100

// A Printer writes verdicts as text.
type Printer struct {
	Out     io.Writer
	Verbose bool // every expectation, not only those that fail
	IDs     int  // width of the column of IDs
	color   bool
}

// NewPrinter returns a printer that colours its output on a terminal, unless
// the environment has NO_COLOR.
func NewPrinter(out io.Writer) *Printer {
	return &Printer{Out: out, IDs: 30, color: IsTerminal(out) && os.Getenv("NO_COLOR") == ""}
}

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

var colors = map[verdict.Verdict]color.Attribute{
	verdict.Proven: color.FgGreen, verdict.Refuted: color.FgRed, verdict.Broken: color.FgMagenta,
	verdict.Inconclusive: color.FgYellow, verdict.Skipped: color.FgCyan,
}

// word returns the verdict, padded and coloured.
func (p *Printer) word(v verdict.Verdict) string {
	s := fmt.Sprintf("%-12s", v)
	if attr, ok := colors[v]; ok && p.color {
		c := color.New(attr)
		c.EnableColor()
		return c.Sprint(s)
	}
	return s
}

// Claim prints one line for a claim that is decided, and below it a line for
// each of its results that is not proven.
func (p *Printer) Claim(c *claim.Claim, results []Result) {
	v := Verdict(results)
	fmt.Fprintf(p.Out, "%s %-*s %s\n", p.word(v), p.IDs, c.ID, clip(headline(v, results), Width-14-max(p.IDs, len(c.ID))))
	for _, r := range results {
		unclear := r.Verdict != verdict.Proven && (r.Verdict != verdict.Skipped || v == verdict.Skipped)
		if !unclear && !p.Verbose {
			continue
		}
		line := r.Expectation
		if r.Line > 0 {
			line = fmt.Sprintf("%s:%d: %s", r.File, r.Line, r.Expectation)
		}
		if m := r.Measured(); m != "" {
			line += ": measured " + m
			if r.Rounds > 0 {
				line += fmt.Sprintf(" in %d rounds", r.Rounds)
			}
		}
		if p.Verbose {
			line = p.word(r.Verdict) + " " + line
		}
		for _, l := range Wrap(line, Width-4) {
			fmt.Fprintf(p.Out, "    %s\n", l)
		}
		if r.Reason != "" {
			for l := range strings.Lines(r.Reason) {
				fmt.Fprintf(p.Out, "        %s\n", clip(strings.TrimRight(l, "\r\n"), Width-8))
			}
		}
	}
}

// Verdict returns the verdict on a claim with these results.
func Verdict(results []Result) verdict.Verdict {
	worst := verdict.Undecided
	for _, r := range results {
		worst = verdict.Worst(worst, r.Verdict)
	}
	return worst
}

// headline says in a few words what decided a claim: of a proven one its most
// telling effect, else the first result that has the claim's verdict.
func headline(v verdict.Verdict, results []Result) string {
	rank := func(r Result) int {
		switch {
		case r.Verdict != v:
			return 0
		case r.Effect == nil:
			return 1
		case r.Kind == "profile":
			return 2
		case claim.IsTime(strings.Fields(r.Expectation)[0]):
			return 4
		}
		return 3
	}
	best := results[0]
	for _, r := range results[1:] {
		if rank(r) > rank(best) {
			best = r
		}
	}
	s := best.Expectation
	if m := best.Measured(); m != "" {
		s = m + " for " + best.Expectation
	}
	if n := len(results) - 1; n > 0 {
		s = fmt.Sprintf("%s (+%d)", s, n)
	}
	return s
}

// A Tally counts the claims of each verdict.
type Tally map[verdict.Verdict]int

// Table prints a table with a line for each package and returns the sums.
func (p *Printer) Table(claims []*claim.Claim, results map[*claim.Claim][]Result) Tally {
	columns := []verdict.Verdict{verdict.Proven, verdict.Refuted, verdict.Inconclusive, verdict.Broken, verdict.Skipped}
	total, byPackage, order := Tally{}, map[string]Tally{}, []string{}
	for _, c := range claims {
		if results[c] == nil {
			continue // interrupted before it was judged
		}
		t := byPackage[c.Package.Rel]
		if t == nil {
			t = Tally{}
			byPackage[c.Package.Rel] = t
			order = append(order, c.Package.Rel)
		}
		v := Verdict(results[c])
		t[v]++
		total[v]++
	}
	w := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', tabwriter.AlignRight|tabwriter.TabIndent)
	row := func(name string, t Tally) {
		fmt.Fprint(w, name)
		for _, v := range columns {
			fmt.Fprintf(w, "\t%d", t[v])
		}
		fmt.Fprintln(w, "\t")
	}
	width := len("package")
	for _, name := range order {
		width = max(width, len(name))
	}
	pad := func(s string) string { return fmt.Sprintf("%-*s", width, s) }
	fmt.Fprint(w, pad("package"))
	for _, v := range columns {
		fmt.Fprintf(w, "\t%s", v)
	}
	fmt.Fprintln(w, "\t")
	for _, name := range order {
		row(pad(name), byPackage[name])
	}
	if len(order) != 1 {
		row(pad("total"), total)
	}
	w.Flush()
	return total
}

// SideBySide prints the claims whose answer is not the same under all
// toolchains: another verdict, or other expectations that apply. Of these it
// shows those that are not common to all.
func (p *Printer) SideBySide(toolchains []string, results map[string]map[string][]Result) {
	ids := map[string]bool{}
	for _, byClaim := range results {
		for id := range byClaim {
			ids[id] = true
		}
	}
	fmt.Fprintln(p.Out)
	changed := 0
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		common := applied(results[toolchains[0]][id])
		for _, tc := range toolchains[1:] {
			theirs := applied(results[tc][id])
			common = slices.DeleteFunc(common, func(e string) bool { return !slices.Contains(theirs, e) })
		}
		answers := make([]string, len(toolchains))
		for i, tc := range toolchains {
			answers[i] = answer(results[tc][id], common)
		}
		if !slices.ContainsFunc(answers, func(a string) bool { return a != answers[0] }) {
			continue
		}
		if changed++; changed == 1 {
			fmt.Fprintln(p.Out, "Answers that changed between the toolchains:")
		}
		fmt.Fprintf(p.Out, "  %s\n", id)
		for i, tc := range toolchains {
			for j, l := range Wrap(answers[i], Width-18) {
				if j > 0 {
					tc = ""
				}
				fmt.Fprintf(p.Out, "    %-12s  %s\n", tc, l)
			}
		}
	}
	if changed == 0 {
		fmt.Fprintf(p.Out, "Every answer is the same under %s.\n", strings.Join(toolchains, " and "))
	}
}

// applied lists the expectations that apply.
func applied(results []Result) []string {
	var list []string
	for _, r := range results {
		if r.Verdict != verdict.Skipped {
			list = append(list, r.Expectation)
		}
	}
	return list
}

// answer is the verdict on a claim and the expectations that apply to it and
// are not common to all toolchains.
func answer(results []Result, common []string) string {
	if len(results) == 0 {
		return "no such claim"
	}
	v := Verdict(results).String()
	own := slices.DeleteFunc(applied(results), func(e string) bool { return slices.Contains(common, e) })
	if len(own) > 0 {
		return v + ": " + strings.Join(own, "; ")
	}
	if Verdict(results) == verdict.Skipped {
		return v + ": " + results[0].Reason
	}
	return v
}

// clip shortens s to n columns.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	n = max(n, 3)
	return string([]rune(s)[:n-3]) + "..."
}

// Wrap breaks s at spaces into lines of at most n columns, and indents all but
// the first. The empty string has no lines.
func Wrap(s string, n int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > n {
			lines = append(lines, line)
			line = "    "
		} else if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
