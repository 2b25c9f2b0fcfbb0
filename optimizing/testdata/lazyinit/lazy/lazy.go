// Package lazy compiles its pattern when it is used for the first time.
package lazy

import (
	"regexp"
	"sync"
)

var date = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$`)
})

// Date reports whether s looks like a date.
func Date(s string) bool { return date().MatchString(s) }
