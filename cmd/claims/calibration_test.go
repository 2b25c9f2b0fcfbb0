package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Measuring wants the machine for itself, which go test ./... does not give.
var calibrate = flag.Bool("calibrate", false, "judge benchmarks whose true ratio is known; run nothing else meanwhile")

// spinVariable makes the test binary a program that keeps one core busy.
const spinVariable = "CLAIMS_TEST_SPIN"

func spin() {
	for n := 0; ; n++ {
	}
}

// TestCalibration judges benchmarks whose true ratio is known: the same work
// twice must be inconclusive, and an effect of 1.25x must be proven against a
// claim of 1.1x, every time, also while something else keeps a core busy.
func TestCalibration(t *testing.T) {
	if !*calibrate {
		t.Skip("needs -calibrate and a machine that does nothing else")
	}
	t.Chdir("testdata/calibration")
	verify := func(claim string, seed int) (int, string) {
		var stdout, stderr bytes.Buffer
		status := run(context.Background(), &stdout, &stderr, []string{"verify", "-v", "-seed", strconv.Itoa(seed), "-run", claim})
		return status, stdout.String() + stderr.String()
	}
	for _, name := range []string{"quiet", "busy"} {
		t.Run(name, func(t *testing.T) {
			if name == "busy" {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), spinVariable+"=1")
				require.NoError(t, cmd.Start())
				t.Cleanup(func() {
					assert.NoError(t, cmd.Process.Kill())
					_ = cmd.Wait() // killed
				})
			}
			for seed := 1; seed <= 20; seed++ {
				status, out := verify("Quarter", seed)
				assert.Equal(t, exitProven, status, out)
			}
			for seed := 1; seed <= 5; seed++ {
				status, out := verify("Same", seed)
				assert.Equal(t, exitInconclusive, status, out)
			}
		})
	}
}
