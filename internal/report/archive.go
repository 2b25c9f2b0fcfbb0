package report

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/go-deep-dive/godeep/internal/measure"
	"golang.org/x/perf/benchfmt"
)

// An Archive is a directory with what a run measured. Files appear in it
// whole or not at all.
type Archive struct {
	Dir     string
	records []*benchfmt.Result
}

// Add keeps a sample for samples.txt.
func (a *Archive) Add(s measure.Sample, toolchain string) {
	if a != nil {
		a.records = append(a.records, s.Record(toolchain))
	}
}

// ProfilePath is where the profile of a variant is kept, relative to the directory.
func ProfilePath(c *claim.Claim, v *measure.Variant, kind, toolchain string) string {
	_, rest, _ := strings.Cut(v.Label(), "/")
	name := strings.Join(strings.FieldsFunc(c.ID+" "+rest+" "+kind+" "+toolchain, func(r rune) bool { return strings.ContainsRune(` /\:*?"<>|`, r) }), "-")
	return filepath.Join("profiles", name+".pb.gz")
}

// Profile copies a profile into the directory.
func (a *Archive) Profile(from, path string) error {
	if a == nil {
		return nil
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(a.Dir, path), data)
}

// Write writes samples.txt and verdicts.json.
func (a *Archive) Write(results []Result) error {
	if a == nil {
		return nil
	}
	var samples bytes.Buffer
	w := benchfmt.NewWriter(&samples)
	for _, r := range a.records {
		if err := w.Write(r); err != nil {
			return err
		}
	}
	var verdicts bytes.Buffer
	enc := json.NewEncoder(&verdicts)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	list := make([]Record, len(results))
	for i, r := range results {
		list[i] = r.Record()
	}
	if err := enc.Encode(list); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(a.Dir, "samples.txt"), samples.Bytes()); err != nil {
		return err
	}
	return writeFile(filepath.Join(a.Dir, "verdicts.json"), verdicts.Bytes())
}

// ReadVerdicts reads the verdicts.json of an archive.
func ReadVerdicts(dir string) ([]Record, error) {
	data, err := os.ReadFile(filepath.Join(dir, "verdicts.json"))
	if err != nil {
		return nil, err
	}
	var records []Record
	return records, json.Unmarshal(data, &records)
}

// writeFile writes a file under a temporary name and renames it.
func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".claims-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	if _, err := io.Copy(f, bytes.NewReader(data)); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
