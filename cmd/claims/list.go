package main

import (
	"context"
	"encoding/json"
	"fmt"
	"go/doc"
	"io"
	"strings"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/go-deep-dive/godeep/internal/report"
)

// list prints claims.
func list(ctx context.Context, stdout, stderr io.Writer, args []string) error {
	fs := flags("list", "[-json] [packages]", stderr)
	asJSON := fs.Bool("json", false, "print an object a line")
	if err := parseFlags(fs, args); err != nil {
		return err
	}
	claims, err := claim.Toolchain{}.Load(ctx, packages(fs.Args())...)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(stdout)
	enc.SetEscapeHTML(false)
	for _, c := range claims {
		if *asJSON {
			if err := enc.Encode(describe(c)); err != nil {
				return err
			}
			continue
		}
		if c.Broken != "" {
			fmt.Fprintf(stdout, "%s  broken\n    %s\n", c.ID, c.Broken)
			continue
		}
		fmt.Fprintf(stdout, "%s  %s\n", c.ID, strings.Join(c.Kinds(), ", "))
		for _, text := range []string{c.Question, firstSentence(c.Answer)} {
			for _, line := range report.Wrap(text, report.Width-8) {
				fmt.Fprintf(stdout, "    %s\n", line)
			}
		}
	}
	return nil
}

// A description is a claim as JSON.
type description struct {
	ID           string   `json:"id"`
	Package      string   `json:"package"`
	Name         string   `json:"name"`
	Kind         []string `json:"kind"`
	Question     string   `json:"question"`
	Answer       string   `json:"answer"`
	Expectations []string `json:"expectations"`
	Sources      []string `json:"sources"`
	File         string   `json:"file"`
	Line         int      `json:"line"`
}

func describe(c *claim.Claim) description {
	d := description{
		ID: c.ID, Package: c.Package.Path, Name: c.Name, Kind: c.Kinds(), Question: c.Question, Answer: c.Answer,
		Expectations: []string{}, Sources: append([]string{}, c.Sources...), File: c.Pos().Filename, Line: c.Pos().Line,
	}
	for _, p := range c.Proofs {
		switch p.Kind {
		case claim.Test, claim.Example:
			d.Expectations = append(d.Expectations, p.Func)
		}
		for _, e := range p.Expects {
			d.Expectations = append(d.Expectations, e.Text+suffix(e.If))
		}
		for _, e := range p.Profiles {
			d.Expectations = append(d.Expectations, "profile "+e.Text+suffix(e.If))
		}
		for _, e := range p.Comments {
			d.Expectations = append(d.Expectations, fmt.Sprintf("%s at line %d%s", e.What, e.Pos.Line, suffix(e.If)))
		}
	}
	return d
}

func suffix(c *claim.Cond) string {
	if c == nil {
		return ""
	}
	return " if " + c.String()
}

func firstSentence(text string) string { return new(doc.Package).Synopsis(text) }
