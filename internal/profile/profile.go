// Package profile turns a profile written by a test binary into a number: the
// share of it that lies under given functions.
package profile

import (
	"fmt"
	"os"
	"regexp"

	"github.com/google/pprof/profile"
)

// A Share is the part of a profile that lies under matching functions.
type Share struct {
	Percent float64 // of the value, 0 to 100
	Events  int64   // how many events the whole profile recorded
	Top     string  // the function with the most of the value itself, for messages
}

// sampleTypes names, for every kind of profile a claim can name, the value
// that is summed and the one that counts events.
var sampleTypes = map[string]struct{ value, events string }{
	"cpu":           {"cpu", "samples"},
	"alloc_space":   {"alloc_space", "alloc_objects"},
	"alloc_objects": {"alloc_objects", "alloc_objects"},
	"mutex":         {"delay", "contentions"},
	"block":         {"delay", "contentions"},
}

// Read reads the profile in file and returns the share of the given kind of
// value under functions that match frame, anywhere on the stack.
func Read(file, kind string, frame *regexp.Regexp) (Share, error) {
	f, err := os.Open(file)
	if err != nil {
		return Share{}, err
	}
	defer f.Close()
	p, err := profile.Parse(f)
	if err != nil {
		return Share{}, err
	}
	types, ok := sampleTypes[kind]
	if !ok {
		return Share{}, fmt.Errorf("unknown kind of profile %q", kind)
	}
	value, err := p.SampleIndexByName(types.value)
	if err != nil {
		return Share{}, err
	}
	events, err := p.SampleIndexByName(types.events)
	if err != nil {
		return Share{}, err
	}
	var s Share
	var total, under int64
	self := map[string]int64{}
	for _, sample := range p.Sample {
		total += sample.Value[value]
		s.Events += sample.Value[events]
		if matches(sample, frame) {
			under += sample.Value[value]
		}
		if name := leaf(sample); name != "" {
			if self[name] += sample.Value[value]; s.Top == "" || self[name] > self[s.Top] {
				s.Top = name
			}
		}
	}
	if total > 0 {
		s.Percent = 100 * float64(under) / float64(total)
	}
	return s, nil
}

func matches(s *profile.Sample, frame *regexp.Regexp) bool {
	for _, loc := range s.Location {
		for _, line := range loc.Line { // inlined functions have lines of their own
			if line.Function != nil && frame.MatchString(line.Function.Name) {
				return true
			}
		}
	}
	return false
}

func leaf(s *profile.Sample) string {
	if len(s.Location) == 0 || len(s.Location[0].Line) == 0 || s.Location[0].Line[0].Function == nil {
		return ""
	}
	return s.Location[0].Line[0].Function.Name
}
