package report

import (
	"fmt"
	"io"
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
		for _, l := range wrap(line, Width-4) {
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

// Tables prints a table with a line for each package and returns the sums.
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
// toolchains: another verdict, or other expectations that apply.
func (p *Printer) SideBySide(toolchains []string, results map[string]map[string][]Result) {
	answers := map[string][]string{} // by claim, one for each toolchain
	for i, tc := range toolchains {
		for id, rs := range results[tc] {
			if answers[id] == nil {
				answers[id] = slices.Repeat([]string{"(no such claim)"}, len(toolchains))
			}
			answers[id][i] = answer(rs)
		}
	}
	var changed []string
	for id, as := range answers {
		if slices.ContainsFunc(as, func(a string) bool { return a != as[0] }) {
			changed = append(changed, id)
		}
	}
	slices.Sort(changed)
	if len(changed) == 0 {
		fmt.Fprintf(p.Out, "\nEvery answer is the same under %s.\n", strings.Join(toolchains, " and "))
		return
	}
	fmt.Fprintf(p.Out, "\nAnswers that changed between the toolchains:\n")
	for _, id := range changed {
		fmt.Fprintf(p.Out, "  %s\n", id)
		for i, tc := range toolchains {
			for j, l := range wrap(answers[id][i], Width-18) {
				if j > 0 {
					tc = ""
				}
				fmt.Fprintf(p.Out, "    %-12s  %s\n", tc, l)
			}
		}
	}
}

// answer is the verdict on a claim and the expectations that apply.
func answer(results []Result) string {
	var applied []string
	for _, r := range results {
		if r.Verdict != verdict.Skipped {
			applied = append(applied, r.Expectation)
		}
	}
	v := Verdict(results).String()
	if len(applied) == 0 {
		return v + ": " + results[0].Reason
	}
	return v + ": " + strings.Join(applied, "; ")
}

// clip shortens s to n columns.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	n = max(n, 3)
	return string([]rune(s)[:n-3]) + "..."
}

// wrap breaks s at spaces into lines of at most n columns.
func wrap(s string, n int) []string {
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
	return append(lines, line)
}
