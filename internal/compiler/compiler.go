// Package compiler judges comments such as //claim:heap: it asks the compiler
// what it decided on every source line of a package.
//
// Escapes and bounds checks come from the compiler's JSON diagnostics, which do
// not depend on the wording of messages. These have no record of the calls
// that were inlined, so inlining is read from the lines that -m prints; if the
// compiler prints none that can be read, no such comment is proven.
package compiler

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-deep-dive/godeep/internal/claim"
)

// A Line is a position in a source file; the file is absolute.
type Line struct {
	File string
	Line int
}

// Decisions are what the compiler decided in one package.
type Decisions struct {
	at       map[Line]map[string]string // by decision: "escape", …; the value is the compiler's message
	inlining bool                       // -m printed lines that were understood
}

// Ask compiles pkg, with its tests if tests is set, and returns the decisions.
// An error holds what the compiler printed.
func Ask(ctx context.Context, tc claim.Toolchain, pkg *claim.Package, tests bool) (*Decisions, error) {
	// The folder has a new name each time, so that the build cache, which does
	// not write diagnostics, cannot answer.
	dir, err := os.MkdirTemp("", "claims")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	target := &url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "diag"))}
	args := []string{"build", "-o", filepath.Join(dir, "bin")}
	if tests {
		args = []string{"test", "-c", "-o", filepath.Join(dir, "bin")}
	}
	overlay, err := writeOverlay(dir, pkg)
	if err != nil {
		return nil, err
	}
	args = append(args, "-overlay="+overlay, "-gcflags=-json=0,"+target.String()+" -m -d=ssa/check_bce", ".")
	if !strings.HasPrefix(target.Path, "/") { // C:/…
		target.Path = "/" + target.Path
	}
	out, err := tc.Command(ctx, pkg.Dir, nil, args...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("does not build: %w\n%s", err, bytes.ReplaceAll(bytes.TrimSpace(out), []byte(prefix), nil))
	}
	d := &Decisions{at: map[Line]map[string]string{}}
	d.readMessages(out, pkg.Dir)
	err = filepath.WalkDir(filepath.Join(dir, "diag"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return d.readDiagnostics(json.NewDecoder(bufio.NewReader(f)))
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("the compiler wrote no diagnostics")
	}
	return d, err
}

// prefix makes the names of pkg's files unique while they are compiled. The
// compiler writes the diagnostics of a.go to a.json, and when it inlines a
// function from the a.go of another package (internal/abi has an escape.go) it
// writes those to the same a.json, over the others.
const prefix = "zclaims"

// writeOverlay writes a file for the -overlay flag that renames pkg's files.
func writeOverlay(dir string, pkg *claim.Package) (string, error) {
	replace := map[string]string{}
	for _, file := range pkg.Files {
		replace[file] = "" // as if it did not exist
		replace[filepath.Join(filepath.Dir(file), prefix+filepath.Base(file))] = file
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, data, 0o666)
}

func (d *Decisions) set(l Line, decision, message string) {
	if d.at[l] == nil {
		d.at[l] = map[string]string{}
	}
	if message != "" || d.at[l][decision] == "" {
		d.at[l][decision] = message
	}
}

// readDiagnostics reads one file of JSON diagnostics: a header, then one
// diagnostic in the form of the language server protocol a line.
func (d *Decisions) readDiagnostics(dec *json.Decoder) error {
	var header struct {
		Version int
		File    string
	}
	if err := dec.Decode(&header); err != nil {
		return err
	}
	if header.Version != 0 {
		return fmt.Errorf("compiler diagnostics have version %d, expected 0", header.Version)
	}
	for dec.More() {
		var diag struct {
			Range   struct{ Start struct{ Line int } }
			Code    string
			Message string
		}
		if err := dec.Decode(&diag); err != nil {
			return err
		}
		if diag.Code == "escapes" { // an address that flows straight to the heap
			diag.Code = "escape"
		}
		d.set(Line{realPath(header.File), diag.Range.Start.Line}, diag.Code, diag.Message)
	}
	return nil
}

// realPath returns the name of a file before it was renamed, without symbolic
// links, which the compiler may or may not resolve.
func realPath(file string) string {
	file = filepath.Join(filepath.Dir(file), strings.TrimPrefix(filepath.Base(file), prefix))
	if real, err := filepath.EvalSymlinks(file); err == nil {
		return real
	}
	return file
}

var message = regexp.MustCompile(`^(.+?\.go):(\d+):(?:\d+:)? (can inline|inlining call to|Found IsInBounds|Found IsSliceInBounds)(.*)$`)

// readMessages reads what -m and check_bce print.
func (d *Decisions) readMessages(out []byte, dir string) {
	for line := range strings.SplitSeq(string(out), "\n") {
		m := message.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		file := m[1]
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		n, _ := strconv.Atoi(m[2]) // the pattern is digits
		at := Line{realPath(file), n}
		switch m[3] {
		case "can inline":
			d.inlining = true
		case "inlining call to":
			d.inlining = true
			d.set(at, "inlined", "inlining call to"+m[4])
		case "Found IsInBounds":
			d.set(at, "isInBounds", "")
		case "Found IsSliceInBounds":
			d.set(at, "isSliceInBounds", "")
		}
	}
}

// Judge reports whether the compiler decided on the line as the comment says;
// why is what it decided.
func (d *Decisions) Judge(what string, at Line) (holds bool, why string, err error) {
	at.File = realPath(at.File)
	decided := func(name string) (string, bool) { msg, ok := d.at[at][name]; return msg, ok }
	switch what {
	case "heap", "stack":
		msg, escapes := decided("escape")
		if !escapes {
			msg = "nothing on the line escapes to the heap"
		}
		return escapes == (what == "heap"), msg, nil
	case "inlined", "called":
		if !d.inlining {
			return false, "", errors.New("the compiler's -m output has no line about inlining that can be read")
		}
		msg, inlined := decided("inlined")
		if !inlined {
			msg = "no call on the line is inlined"
		}
		return inlined == (what == "inlined"), msg, nil
	case "checked", "unchecked":
		_, index := decided("isInBounds")
		_, slice := decided("isSliceInBounds")
		msg := "no bounds check on the line"
		if index || slice {
			msg = "a bounds check stays on the line"
		}
		return (index || slice) == (what == "checked"), msg, nil
	}
	return false, "", fmt.Errorf("unknown compiler comment %q", what)
}
