package claim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// A Package is what claims need to know of a package that the go command lists.
type Package struct {
	Path   string   // import path
	Rel    string   // path inside its module; for the module's root, the package's name
	Dir    string   // absolute
	Files  []string // Go files that belong to the build, tests included; absolute
	Module string   // root directory of its module

	Ignored []string // test files that build constraints leave out; absolute
}

// A Toolchain is a go command: the one on the PATH, or with Name set the one
// that GOTOOLCHAIN=Name selects.
type Toolchain struct {
	Name string
}

// Command returns a go command that runs in dir with the given settings
// ("KEY=value") added to the environment.
func (t Toolchain) Command(ctx context.Context, dir string, settings []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = os.Environ()
	if t.Name != "" {
		cmd.Env = append(cmd.Env, "GOTOOLCHAIN="+t.Name)
	}
	cmd.Env = append(cmd.Env, settings...)
	return cmd
}

// Env asks the toolchain for the version and platform that it builds for.
// CPUs is left zero.
func (t Toolchain) Env(ctx context.Context) (Env, error) {
	out, err := output(t.Command(ctx, "", nil, "env", "-json", "GOVERSION", "GOOS", "GOARCH"))
	if err != nil {
		return Env{}, fmt.Errorf("go toolchain %q: %w", t.Name, err)
	}
	var env struct{ GOVERSION, GOOS, GOARCH string }
	if err := json.Unmarshal(out, &env); err != nil {
		return Env{}, err
	}
	release, _, _ := strings.Cut(env.GOVERSION, "-X:") // experiments
	return Env{Go: release, GOOS: env.GOOS, GOARCH: env.GOARCH}, nil
}

// List returns the packages that match the patterns of the go command.
func (t Toolchain) List(ctx context.Context, patterns ...string) ([]*Package, error) {
	args := append([]string{"list", "-e", "-json=Dir,ImportPath,Name,Module,Standard,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,InvalidGoFiles,IgnoredGoFiles,Error", "--"}, patterns...)
	out, err := output(t.Command(ctx, "", nil, args...))
	if err != nil {
		return nil, err
	}
	var pkgs []*Package
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir, ImportPath, Name                                        string
			Module                                                       *struct{ Path, Dir string }
			GoFiles, CgoFiles, TestGoFiles, XTestGoFiles, InvalidGoFiles []string
			IgnoredGoFiles                                               []string
			Error                                                        *struct{ Err string }
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, err
		}
		pkg := &Package{Path: p.ImportPath, Rel: p.ImportPath, Dir: p.Dir, Module: p.Dir}
		if m := p.Module; m != nil {
			pkg.Module = m.Dir
			pkg.Rel = strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, m.Path), "/")
			if pkg.Rel == "" {
				pkg.Rel = p.Name
			}
		}
		if pkg.Rel == "" {
			pkg.Rel = path.Base(p.ImportPath)
		}
		seen := map[string]bool{}
		for _, files := range [][]string{p.GoFiles, p.CgoFiles, p.TestGoFiles, p.XTestGoFiles, p.InvalidGoFiles} {
			for _, f := range files {
				if !seen[f] {
					seen[f] = true
					pkg.Files = append(pkg.Files, filepath.Join(p.Dir, f))
				}
			}
		}
		for _, f := range p.IgnoredGoFiles {
			if strings.HasSuffix(f, "_test.go") && !strings.HasPrefix(f, "_") && !strings.HasPrefix(f, ".") {
				pkg.Ignored = append(pkg.Ignored, filepath.Join(p.Dir, f))
			}
		}
		if len(pkg.Files) == 0 && p.Error != nil {
			return nil, errors.New(strings.TrimSpace(p.Error.Err))
		}
		pkgs = append(pkgs, pkg)
	}
}

// Load finds the claims of the packages that match the patterns, in the order
// of packages and of positions. Malformed directives are returned as a
// [go/scanner.ErrorList] together with the claims that could be read. Of test
// files that the build leaves out, for instance because they are for a later
// release of Go, it returns the proofs that say so by an unmet //claim:needs:
// a claim that cannot be judged here can still be listed and read.
func (t Toolchain) Load(ctx context.Context, patterns ...string) ([]*Claim, error) {
	pkgs, err := t.List(ctx, patterns...)
	if err != nil {
		return nil, err
	}
	env, err := t.Env(ctx)
	if err != nil {
		return nil, err
	}
	env.CPUs = runtime.NumCPU()
	return parsePackages(pkgs, env)
}

// output runs cmd and returns its standard output; an error has the last line
// of its standard error.
func output(cmd *exec.Cmd) ([]byte, error) {
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		if msg := strings.TrimSpace(string(exit.Stderr)); msg != "" {
			return nil, errors.New(msg)
		}
	}
	return out, err
}
