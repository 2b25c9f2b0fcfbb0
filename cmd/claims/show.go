package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/go-deep-dive/godeep/internal/report"
)

// show prints one claim.
func show(ctx context.Context, stdout, stderr io.Writer, args []string) error {
	flagSet := flags("show", "[-o dir] id [packages]", stderr)
	dir := flagSet.String("o", "", "`dir` with the verdicts; by default that of the last verify -o in this module")
	if err := parseFlags(flagSet, args); err != nil {
		return err
	}
	if flagSet.NArg() == 0 {
		return errors.New("show needs the ID of a claim; claims list prints them")
	}
	id := flagSet.Arg(0)
	claims, err := claim.Toolchain{}.Load(ctx, packages(flagSet.Args()[1:])...)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(claims, func(c *claim.Claim) bool { return c.ID == id })
	if i < 0 {
		return unknownID(id, claims)
	}
	c := claims[i]

	fmt.Fprintf(stdout, "%s  (%s)\n", c.ID, strings.Join(c.Kinds(), ", "))
	if c.Question != "" {
		fmt.Fprintf(stdout, "\n%s\n", c.Question)
	}
	if c.Answer != "" {
		fmt.Fprintf(stdout, "\n%s\n", indent(c.Answer, "    "))
	}
	for _, s := range c.Sources {
		fmt.Fprintf(stdout, "\nSource: %s\n", s)
	}
	for _, p := range c.Proofs {
		src, err := source(p)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "\n%s:%d:\n\n%s\n", p.Pos.Filename, p.Pos.Line, indent(src, "    "))
	}
	fmt.Fprintf(stdout, "\nRun it by hand:\n\n")
	for _, p := range c.Proofs {
		for _, line := range byHand(c.Package, p) {
			fmt.Fprintf(stdout, "    %s\n", line)
		}
	}
	fmt.Fprintf(stdout, "    claims verify -v -run '^%s$' %s\n", strings.ReplaceAll(c.ID, ".", `\.`), target(c.Package))
	return lastVerdict(stdout, c, *dir)
}

// unknownID names claims with a similar ID.
func unknownID(id string, claims []*claim.Claim) error {
	_, name, _ := strings.Cut(id, ".")
	var near []string
	for _, c := range claims {
		if strings.EqualFold(c.ID, id) || strings.EqualFold(c.Name, name) || name != "" && strings.Contains(strings.ToLower(c.Name), strings.ToLower(name)) {
			near = append(near, c.ID)
		}
	}
	if len(near) > 0 {
		return fmt.Errorf("no claim has the ID %q, did you mean %s?", id, strings.Join(near, " or "))
	}
	return fmt.Errorf("no claim has the ID %q; claims list prints the %d there are", id, len(claims))
}

// source returns the lines of a proof.
func source(p *claim.Proof) (string, error) {
	data, err := os.ReadFile(p.Pos.Filename)
	if err != nil {
		return "", err
	}
	lines := bytes.Split(data, []byte("\n"))
	return string(bytes.Join(lines[p.Pos.Line-1:min(p.End.Line, len(lines))], []byte("\n"))), nil
}

// target names a package on a command line: ./memory, or its import path.
func target(pkg *claim.Package) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, pkg.Dir); err == nil && filepath.IsLocal(rel) {
			if rel == "." {
				return "."
			}
			return "./" + filepath.ToSlash(rel)
		}
	}
	return pkg.Path
}

// byHand returns the commands that run a proof without this one.
func byHand(pkg *claim.Package, p *claim.Proof) []string {
	to := target(pkg)
	switch p.Kind {
	case claim.Test, claim.Example:
		return []string{fmt.Sprintf("go test -count=1 -v -run '^%s$' %s", p.Func, to)}
	case claim.Compiler:
		return []string{fmt.Sprintf("go build -gcflags='-m -d=ssa/check_bce' %s", to)}
	}
	var lines []string
	for _, v := range p.Vary {
		values := make([]string, len(v.Values))
		for i, val := range v.Values {
			values[i] = v.Key + "=" + val
		}
		lines = append(lines, "# once under each of "+strings.Join(values, "  "))
	}
	bench := fmt.Sprintf("go test -run '^$' -bench '^%s$' -benchmem -count 10", p.Func)
	lines = append(lines, bench+" "+to+" > bench.txt")
	if key := columnKey(p); key != "" {
		lines = append(lines, "go tool benchstat -col /"+key+" bench.txt")
	}
	for _, pr := range p.Profiles {
		kind, args := pr.Kind, "-cpuprofile prof.out"
		switch pr.Kind {
		case "alloc_space", "alloc_objects":
			args = "-memprofilerate 1 -memprofile prof.out"
		case "mutex", "block":
			kind, args = "delay", "-"+pr.Kind+"profile prof.out"
		}
		sub := ""
		for _, pair := range pr.Sel {
			sub += "/" + pair.Key + "=" + pair.Value + "$"
		}
		lines = append(lines,
			fmt.Sprintf("go test -run '^$' -bench '^%s$%s' %s %s", p.Func, sub, args, to),
			fmt.Sprintf("go tool pprof -top -sample_index=%s prof.out   # or -http=: for the flame graph", kind))
	}
	return lines
}

// columnKey is the key that the expectations of p compare, if there is one.
func columnKey(p *claim.Proof) string {
	for _, e := range p.Expects {
		for _, pair := range e.Right {
			if !slices.ContainsFunc(p.Vary, func(v claim.Vary) bool { return v.Key == pair.Key }) {
				return pair.Key
			}
		}
	}
	return ""
}

// lastVerdict prints what the last verify -o found.
func lastVerdict(w io.Writer, c *claim.Claim, dir string) error {
	if dir == "" {
		data, err := os.ReadFile(lastDirFile(c.Package.Module))
		if err != nil {
			fmt.Fprintf(w, "\nNo verdict is kept; claims verify -o DIR keeps one.\n")
			return nil
		}
		dir = string(data)
	}
	records, err := report.ReadVerdicts(dir)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(w, "\nNo verdict is kept in %s; claims verify -o DIR keeps one.\n", dir)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, "verdicts.json"), err)
	}
	fmt.Fprintf(w, "\nThe last verdict, from %s:\n\n", filepath.Join(dir, "verdicts.json"))
	for _, r := range records {
		if r.Claim != c.ID {
			continue
		}
		fmt.Fprintf(w, "    %-12s %s", r.Verdict, r.Expectation)
		switch {
		case r.Ratio != nil:
			fmt.Fprintf(w, ": measured %.3gx", *r.Ratio)
		case r.Value != nil:
			fmt.Fprintf(w, ": measured %.4g", *r.Value)
		}
		if r.Low != nil && r.High != nil && *r.Low != *r.High {
			fmt.Fprintf(w, " [%.3g, %.3g]", *r.Low, *r.High)
		}
		fmt.Fprintf(w, " (%s)\n", r.Go)
	}
	return nil
}

// lastDirFile is the file that remembers the directory of the last verify -o
// in a module.
func lastDirFile(module string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return filepath.Join(cache, "go-claims", fmt.Sprintf("%x", sha256.Sum256([]byte(module)))[:16])
}

func indent(text, by string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = by + l
		}
	}
	return strings.Join(lines, "\n")
}
