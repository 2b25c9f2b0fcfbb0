package schedgc

import (
	"strconv"
	"strings"
)

// The memory limit (GOMEMLIMIT, Go 1.19) is a second heap goal: the heap may grow until
// all memory that the runtime has mapped reaches the limit. The lower goal of the two
// counts.

// ContainerMemoryLimit returns percent percent of a memory limit as control groups of
// Linux write it, in bytes: the content of /sys/fs/cgroup/memory.max. It reports false
// if there is no limit ("max") or the text is not a number of bytes, and the caller
// then leaves the setting alone. The rest is for what the limit of Go does not count.
// It is safe for concurrent use.
func ContainerMemoryLimit(memoryMax string, percent int) (limit int64, ok bool) {
	bytes, err := strconv.ParseInt(strings.TrimSpace(memoryMax), 10, 64)
	if err != nil || bytes <= 0 {
		return 0, false
	}
	return bytes/100*int64(percent) + bytes%100*int64(percent)/100, true
}
