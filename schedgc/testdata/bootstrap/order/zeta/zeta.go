// Package zeta is imported by alpha and by main.
package zeta

import (
	"fmt"
	"runtime"
	"strings"
)

func init() { Say("zeta") }

// Say prints a text and the goroutine that calls it.
func Say(what string) {
	var buf [64]byte
	header, _, _ := strings.Cut(string(buf[:runtime.Stack(buf[:], false)]), " [")
	fmt.Println(what+":", header)
}
