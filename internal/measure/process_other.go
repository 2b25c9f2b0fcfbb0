//go:build !unix

package measure

import (
	"errors"
	"os/exec"
)

func ownGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func askForStacks(*exec.Cmd) error { return errors.ErrUnsupported }
