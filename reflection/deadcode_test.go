package reflection

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// deadcodeKept runs the program that tells which of its methods the linker has kept.
func deadcodeKept(t *testing.T, tag string) string {
	t.Helper()
	proof.OnceUnderRace(t)
	out, err := proof.Go(t, "run", "-buildvcs=false", "-tags="+tag, "./testdata/deadcode")
	require.NoError(t, err, out)
	return out
}

// It keeps a method for three reasons: it is called directly, its name and
// signature are those of a method of an interface in use, or reflection may
// want it. Without reflection on methods a method that is only declared is
// removed, although the type is stored in an interface. MethodByName with a
// constant name keeps the methods of that name. With a name that is known at
// run time only, all exported methods of all types that reach an interface
// stay, with all that they call. Unexported methods are removed in any case,
// because reflection does not see them. NumMethod alone keeps nothing: it
// counts methods that are not there.
//
//claim:ask Which methods does the linker remove, and what does MethodByName change?
//claim:source cmd/link/internal/ld/deadcode.go
//claim:source https://pkg.go.dev/reflect#Value.MethodByName
func TestDeadCodeMethods(t *testing.T) {
	const calls = "called 1\ninterface 1\n"
	assert.Equal(t, calls+"look 4\nInterface true\nNamed false\nUnused false\nhidden false\n", deadcodeKept(t, "none"))
	assert.Equal(t, calls+"look 1\nInterface true\nNamed true\nUnused false\nhidden false\n", deadcodeKept(t, "named"))
	assert.Equal(t, calls+"look 0\nInterface true\nNamed true\nUnused true\nhidden false\n", deadcodeKept(t, "dynamic"))
}
