// Package eager compiles its pattern when the program starts.
package eager

import "regexp"

var date = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$`)

// Date reports whether s looks like a date.
func Date(s string) bool { return date.MatchString(s) }
