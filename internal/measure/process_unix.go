//go:build unix

package measure

import (
	"os/exec"
	"syscall"
)

// ownGroup gives cmd a process group, so that what it starts can be ended too
// and Ctrl-C in a terminal reaches only us.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// askForStacks makes a Go program print its goroutines and exit.
func askForStacks(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGQUIT) }
