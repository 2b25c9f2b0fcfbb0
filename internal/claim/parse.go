package claim

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// home returns where a directive may stand; known is false for an unknown one.
func home(directive string) (place string, known bool) {
	switch directive {
	case "ask", "source", "needs":
		return "in the doc comment of a Test, Example or Benchmark", true
	case "expect", "profile", "vary":
		return "in the doc comment of a Benchmark", true
	}
	return "at the end of a line of code in a function", slices.Contains(CommentKinds, directive)
}

// names lists the directives, for messages.
var names = append([]string{"ask", "expect", "profile", "vary", "needs", "source"}, CommentKinds...)

// nearMiss matches comments that were meant as directives: a space or a
// capital too many, a block comment, a plural. Prose such as "// claim: the
// user's name" is none of these.
var nearMiss = regexp.MustCompile(`^(//|/\*)\s*(?i:claims?)\s*:(\S|\s*(?i:` + strings.Join(names, "|") + `)\b)`)

// A packageParser collects the claims of one package.
type packageParser struct {
	pkg    *Package
	fset   *token.FileSet
	errs   *scanner.ErrorList
	claims map[string]*Claim
	asked  map[*Claim]token.Position
}

// parsePackages parses packages; see [Toolchain.Load].
func parsePackages(pkgs []*Package, env Env) ([]*Claim, error) {
	var all []*Claim
	var errs scanner.ErrorList
	for _, pkg := range pkgs {
		p := &packageParser{pkg, token.NewFileSet(), &errs, map[string]*Claim{}, map[*Claim]token.Position{}}
		for _, file := range pkg.Files {
			p.file(file)
		}
		p.ignored(env)
		claims := slices.SortedFunc(maps.Values(p.claims), func(a, b *Claim) int {
			x, y := a.Pos(), b.Pos()
			return cmp.Or(strings.Compare(x.Filename, y.Filename), cmp.Compare(x.Line, y.Line))
		})
		all = append(all, claims...)
	}
	errs.Sort()
	return all, errs.Err()
}

// ignored adds the proofs in files outside of the build that say by an unmet need
// why. What else is in these files is not ours to judge: it may be for another
// platform, or an alternative to a file in the build.
func (p *packageParser) ignored(env Env) {
	unmet := func(n Needs) bool { return !n.Cond.Holds(env) }
	var none scanner.ErrorList
	out := &packageParser{p.pkg, p.fset, &none, map[string]*Claim{}, map[*Claim]token.Position{}}
	for _, file := range p.pkg.Ignored {
		out.file(file)
	}
	for name, c := range out.claims {
		c.Proofs = slices.DeleteFunc(c.Proofs, func(proof *Proof) bool { return !slices.ContainsFunc(proof.Needs, unmet) })
		if len(c.Proofs) > 0 && p.claims[name] == nil {
			p.claims[name] = c
		}
	}
}

// file parses one file. A file with a syntax error yields a broken claim, so
// that the other packages are still judged.
func (p *packageParser) file(name string) {
	src, err := os.ReadFile(name)
	if err != nil {
		p.errs.Add(token.Position{Filename: shorten(name)}, err.Error())
		return
	}
	f, err := parser.ParseFile(p.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		c := p.claim(filepath.Base(name))
		c.Broken = strings.Replace(err.Error(), name, shorten(name), 1)
		return
	}

	used := map[*ast.Comment]bool{} // comments that stand where a directive may
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if kind, reason := proofKind(name, fn); reason == "" {
			p.proof(f, fn, kind, used)
		}
	}
	code := p.codeLines(f)
	for _, group := range f.Comments {
		for _, c := range group.List {
			if !used[c] {
				p.comment(f, c, code)
			}
		}
	}
}

// proofKind reports whether fn is a proof that go test runs, and otherwise why not.
func proofKind(file string, fn *ast.FuncDecl) (kind Kind, reason string) {
	name := fn.Name.Name
	param := ""
	switch {
	case !strings.HasSuffix(file, "_test.go"):
		return 0, "its file is not a _test.go file"
	case fn.Recv != nil:
		return 0, "it is a method"
	case isTestName(name, "Test"):
		kind, param = Test, "T"
	case isTestName(name, "Benchmark"):
		kind, param = Benchmark, "B"
	case isTestName(name, "Example"):
		kind = Example
	default:
		return 0, "it is not a Test, Example or Benchmark"
	}
	params := fn.Type.Params.List
	if param == "" && len(params) > 0 {
		return 0, "an Example has no parameters"
	}
	if param != "" && (len(params) != 1 || len(params[0].Names) > 1 || !isPointerTo(params[0].Type, param)) {
		return 0, fmt.Sprintf("its parameter is not one *testing.%s", param)
	}
	return kind, ""
}

// isTestName is the rule of go test: prefix, then no lower-case letter.
func isTestName(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	r, _ := utf8.DecodeRuneInString(rest)
	return ok && !unicode.IsLower(r)
}

func isPointerTo(expr ast.Expr, name string) bool {
	star, ok := expr.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == name
}

// claimName turns a function's name into the name of its claim: the prefix is
// dropped, and what follows an underscore starts with a capital
// (Example_typedNil gives TypedNil).
func claimName(fn string, kind Kind) string {
	rest := strings.TrimPrefix(fn, [...]string{"Test", "Example", "Benchmark", ""}[kind])
	var b strings.Builder
	for part := range strings.SplitSeq(rest, "_") {
		r, n := utf8.DecodeRuneInString(part)
		if n > 0 {
			b.WriteRune(unicode.ToUpper(r))
			b.WriteString(part[n:])
		}
	}
	if b.Len() == 0 {
		return fn
	}
	return b.String()
}

// claim returns the claim of the given name, making it if it is new.
func (p *packageParser) claim(name string) *Claim {
	c := p.claims[name]
	if c == nil {
		c = &Claim{ID: p.pkg.Rel + "." + name, Package: p.pkg, Name: name}
		p.claims[name] = c
	}
	return c
}

// proof reads the directives in the doc comment of fn.
func (p *packageParser) proof(f *ast.File, fn *ast.FuncDecl, kind Kind, used map[*ast.Comment]bool) {
	if fn.Doc == nil {
		return
	}
	var c *Claim
	stated := false // there is an expectation, perhaps a malformed one
	proof := &Proof{Kind: kind, Func: fn.Name.Name, Pos: p.at(fn.Pos()), End: p.at(fn.End())}
	for _, line := range fn.Doc.List {
		d, ok := ast.ParseDirective(line.Slash, line.Text)
		if !ok || d.Tool != "claim" {
			continue
		}
		used[line] = true
		place, known := home(d.Name)
		switch {
		case !known:
			p.unknown(d)
			continue
		case slices.Contains(CommentKinds, d.Name):
			p.errorf(d.Slash, "//claim:%s stands in a doc comment, expected it %s", d.Name, place)
			continue
		case strings.HasSuffix(place, "of a Benchmark") && kind != Benchmark:
			p.errorf(d.Slash, "//claim:%s stands on %s, expected it %s", d.Name, fn.Name.Name, place)
			continue
		}
		if c == nil {
			c = p.claim(claimName(fn.Name.Name, kind))
			c.Proofs = append(c.Proofs, proof)
		}
		stated = stated || d.Name == "expect" || d.Name == "profile"
		p.directive(c, proof, d)
	}
	if c == nil {
		return
	}
	if proof.asks || c.Answer == "" && c.Question == "" {
		c.Answer = strings.TrimSpace(fn.Doc.Text())
	}
	if proof.asks && c.Answer == "" {
		p.errorf(fn.Pos(), "%s asks but does not answer, expected the answer as the text of its doc comment", fn.Name.Name)
	}
	if kind == Benchmark && !stated {
		p.errorf(fn.Pos(), "%s states nothing, expected at least one //claim:expect or //claim:profile", fn.Name.Name)
	}
	if kind == Example && !hasOutput(f, fn) {
		p.errorf(fn.Pos(), "%s never runs, expected an // Output: comment at its end", fn.Name.Name)
	}
}

// hasOutput reports whether an example has the comment that makes go test run it.
func hasOutput(f *ast.File, fn *ast.FuncDecl) bool {
	for _, g := range f.Comments {
		if g.Pos() > fn.Pos() && g.End() < fn.End() && outputComment.MatchString(g.Text()) {
			return true
		}
	}
	return false
}

var outputComment = regexp.MustCompile(`(?i)^[[:space:]]*(unordered )?output:`)

// directive reads one directive of a doc comment into the proof and its claim.
func (p *packageParser) directive(c *Claim, proof *Proof, d ast.Directive) {
	pos := p.at(d.Slash)
	switch d.Name {
	case "ask":
		if d.Args == "" {
			p.errorf(d.Slash, "//claim:ask without a question, expected //claim:ask QUESTION")
			return
		}
		if first, ok := p.asked[c]; ok {
			p.errorf(d.Slash, "%s is asked a second time, first at %s; expected one //claim:ask a claim", c.ID, first)
			return
		}
		p.asked[c] = pos
		c.Question, proof.asks = d.Args, true
	case "source":
		if d.Args == "" {
			p.errorf(d.Slash, "//claim:source says nothing, expected //claim:source WHERE")
			return
		}
		c.Sources = append(c.Sources, d.Args)
	case "needs":
		if a := p.args(d); a != nil {
			if cond, ok := a.cond(); ok && a.end() {
				proof.Needs = append(proof.Needs, Needs{pos, cond})
			}
		}
	case "vary":
		if a := p.args(d); a != nil {
			if v, ok := a.vary(); ok {
				v.Pos = pos
				if slices.ContainsFunc(proof.Vary, func(w Vary) bool { return w.Key == v.Key }) {
					p.errorf(d.Slash, "//claim:vary: %s is varied twice, expected one directive with all values", v.Key)
				}
				proof.Vary = append(proof.Vary, v)
			}
		}
	case "expect":
		if a := p.args(d); a != nil {
			if e, ok := a.expectation(); ok {
				e.Pos = pos
				proof.Expects = append(proof.Expects, e)
			}
		}
	case "profile":
		if a := p.args(d); a != nil {
			if pr, ok := a.profile(); ok {
				pr.Pos = pos
				proof.Profiles = append(proof.Profiles, pr)
			}
		}
	}
}

// comment reads a comment outside of the doc comments of proofs: a compiler
// comment, something misplaced, a near miss, or most often prose.
func (p *packageParser) comment(f *ast.File, c *ast.Comment, code map[int]lineCode) {
	d, ok := ast.ParseDirective(c.Slash, c.Text)
	if !ok || d.Tool != "claim" {
		if m := nearMiss.FindString(c.Text); m != "" {
			p.errorf(c.Slash, "%q is not a directive, expected //claim:NAME without spaces or capitals", strings.TrimSpace(firstLine(c.Text)))
		}
		return
	}
	place, known := home(d.Name)
	if !known {
		p.unknown(d)
		return
	}
	fn := p.enclosing(f, c)
	if !slices.Contains(CommentKinds, d.Name) {
		p.errorf(c.Slash, "//claim:%s %s, expected it %s", d.Name, p.whereabouts(f, c, fn), place)
		return
	}
	have, ok := code[p.at(c.Slash).Line]
	if !ok || fn == nil || fn.Body == nil {
		p.errorf(c.Slash, "//claim:%s stands alone, expected it %s", d.Name, place)
		return
	}
	if !have.has(d.Name) {
		p.errorf(c.Slash, "//claim:%s on a line without %s says nothing", d.Name, subject[d.Name])
		return
	}
	comment := Comment{Pos: p.at(c.Slash), What: d.Name}
	a := p.args(d)
	if a == nil || !a.condition(&comment.If) {
		return
	}
	p.compilerProof(fn).Comments = append(p.compilerProof(fn).Comments, comment)
}

// compilerProof returns the proof that the compiler comments in fn make up.
// Its claim has the name of fn, which for a method includes the type.
func (p *packageParser) compilerProof(fn *ast.FuncDecl) *Proof {
	name := fn.Name.Name
	if recv := receiver(fn); recv != "" {
		name = recv + "." + name
	} else if kind, reason := proofKind(p.at(fn.Pos()).Filename, fn); reason == "" {
		name = claimName(name, kind)
	}
	c := p.claim(name)
	for _, proof := range c.Proofs {
		if proof.Kind == Compiler && proof.Func == fn.Name.Name {
			return proof
		}
	}
	proof := &Proof{Kind: Compiler, Func: fn.Name.Name, Pos: p.at(fn.Pos()), End: p.at(fn.End())}
	c.Proofs = append(c.Proofs, proof)
	if c.Answer == "" {
		c.Answer = strings.TrimSpace(fn.Doc.Text())
	}
	return proof
}

// whereabouts says what is wrong with the place of a directive that belongs
// into a doc comment.
func (p *packageParser) whereabouts(f *ast.File, c *ast.Comment, fn *ast.FuncDecl) string {
	if fn != nil {
		if fn.Body != nil && c.Slash > fn.Body.Lbrace {
			return "stands inside " + fn.Name.Name
		}
		_, reason := proofKind(p.fset.Position(f.Pos()).Filename, fn)
		return fmt.Sprintf("stands on %s, but %s", fn.Name.Name, reason)
	}
	for _, decl := range f.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Pos() > c.End() {
			if p.at(fn.Pos()).Line-p.at(c.Slash).Line <= 20 && !anyDeclBetween(f, c.End(), fn.Pos()) {
				return "is detached from " + fn.Name.Name + " by a blank line"
			}
			break
		}
	}
	return "belongs to no function"
}

func anyDeclBetween(f *ast.File, from, to token.Pos) bool {
	return slices.ContainsFunc(f.Decls, func(d ast.Decl) bool { return d.Pos() > from && d.Pos() < to })
}

// enclosing returns the function whose lines, doc comment included, hold c.
func (p *packageParser) enclosing(f *ast.File, c *ast.Comment) *ast.FuncDecl {
	line := p.at(c.Slash).Line
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		start := fn.Pos()
		if fn.Doc != nil {
			start = fn.Doc.Pos()
		}
		if p.at(start).Line <= line && line <= p.at(fn.End()).Line {
			return fn
		}
	}
	return nil
}

// receiver returns the name of the type that fn is a method of.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return ""
	}
	name := ""
	ast.Inspect(fn.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return true
	})
	return name
}

// lineCode says what a line of code has that the compiler decides about.
type lineCode struct{ value, call, index bool }

// subject names, for every compiler comment, what its line must have.
var subject = map[string]string{
	"heap": "a value", "stack": "a value",
	"inlined": "a call", "called": "a call",
	"checked": "an index or slice expression", "unchecked": "an index or slice expression",
}

func (l lineCode) has(what string) bool {
	switch subject[what] {
	case "a value":
		return l.value
	case "a call":
		return l.call
	}
	return l.index
}

// codeLines maps the lines of f to what they have.
func (p *packageParser) codeLines(f *ast.File) map[int]lineCode {
	lines := map[int]lineCode{}
	at := func(pos token.Pos, set func(*lineCode)) {
		l := lines[p.at(pos).Line]
		set(&l)
		lines[p.at(pos).Line] = l
	}
	value := func(l *lineCode) { l.value = true }
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case ast.Stmt:
			at(n.Pos(), func(*lineCode) {})
			switch n.(type) {
			case *ast.AssignStmt, *ast.RangeStmt, *ast.ReturnStmt, *ast.SendStmt:
				at(n.Pos(), value)
			}
		case *ast.CallExpr:
			for _, pos := range []token.Pos{n.Pos(), n.Lparen} { // a call chain may span lines
				at(pos, func(l *lineCode) { l.value, l.call = true, true })
			}
		case *ast.IndexExpr:
			at(n.Lbrack, func(l *lineCode) { l.index = true })
		case *ast.SliceExpr:
			at(n.Lbrack, func(l *lineCode) { l.index = true })
		case *ast.UnaryExpr, *ast.BinaryExpr, *ast.CompositeLit, *ast.FuncLit, *ast.Field, *ast.ValueSpec:
			at(n.Pos(), value)
		}
		return true
	})
	return lines
}

func (p *packageParser) at(pos token.Pos) token.Position {
	position := p.fset.Position(pos)
	position.Filename = shorten(position.Filename)
	return position
}

func (p *packageParser) errorf(pos token.Pos, format string, args ...any) {
	p.errs.Add(p.at(pos), fmt.Sprintf(format, args...))
}

func (p *packageParser) unknown(d ast.Directive) {
	p.errorf(d.Slash, "unknown directive //claim:%s, expected one of %s", d.Name, strings.Join(names, ", "))
}

// shorten makes a file name relative to the working directory if it is below it.
func shorten(name string) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, name); err == nil && filepath.IsLocal(rel) {
			return rel
		}
	}
	return name
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
