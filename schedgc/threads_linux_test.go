package schedgc

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A cgo call is treated like a system call: the goroutine keeps its thread
// until C returns, and the P is taken away if that lasts. So 20 goroutines that
// wait in C need 20 threads, with GOMAXPROCS=1 too. C code cannot be preempted
// and does not see a context; limit the number of such calls yourself. Lookups
// of names through the resolver of the C library are calls of this kind.
//
//claim:ask How does a cgo call look to the scheduler?
//claim:needs goos=linux
//claim:source runtime/cgocall.go
func TestThreadsInC(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/threads/cgo")
	for _, missing := range []string{"build constraints exclude", "C compiler", "cgo: "} {
		if strings.Contains(out, missing) {
			t.Skip("needs cgo: ", out)
		}
	}
	require.NoError(t, err, out)
	assert.Greater(t, parseChildFacts(out)["threads"], 20)
}
