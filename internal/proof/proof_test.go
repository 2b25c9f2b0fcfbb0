package proof

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { Main(m) }

func TestOnceUnderRace(t *testing.T) {
	want := 2
	if RaceEnabled {
		want = 0 // the name is known
		ranUnderRace[t.Name()+"/same"], ranUnderRace[t.Name()+"/same#01"] = true, true
	}
	runs := 0
	for range 2 {
		t.Run("same", func(t *testing.T) {
			OnceUnderRace(t)
			runs++
		})
	}
	assert.Equal(t, want, runs)
}

var kept []byte

func TestWantAllocs(t *testing.T) {
	WantAllocs(t, 1, func() { kept = make([]byte, 64) })
}

func TestLiveHeap(t *testing.T) {
	kept = nil
	before := LiveHeap()
	kept = make([]byte, 1<<20)
	assert.InDelta(t, 1<<20, float64(LiveHeap()-before), 1<<18)
	kept = nil
}

func TestAllocatedBytes(t *testing.T) {
	got := AllocatedBytes(func() { kept = make([]byte, 1<<20) })
	kept = nil
	assert.InDelta(t, 1<<20, float64(got), 1<<16)
}

func TestGoAtLeast(t *testing.T) {
	assert.True(t, GoAtLeast("go1.26"), runtime.Version())
	assert.False(t, GoAtLeast("go1.999"), runtime.Version())
}

func TestChild(t *testing.T) {
	if InChild(t) {
		println("setting is", os.Getenv("PROOF_SETTING"))
		os.Exit(3)
	}
	out, err := Child(t, "PROOF_SETTING=x")
	require.ErrorContains(t, err, "exit status 3")
	assert.Contains(t, out, "setting is x")
}

func TestGo(t *testing.T) {
	out, err := Go(t, "vet", "./nowhere")
	require.Error(t, err)
	assert.Contains(t, out, "nowhere")
}

func TestBuild(t *testing.T) {
	program, out, err := Build(t, "test", "-c", ".")
	require.NoError(t, err, out)
	again, _, _ := Build(t, "test", "-c", ".")
	assert.Equal(t, program, again)
	assert.FileExists(t, program)
	t.Setenv("GOFLAGS", "-tags=another")
	other, _, _ := Build(t, "test", "-c", ".")
	assert.NotEqual(t, program, other)
}
