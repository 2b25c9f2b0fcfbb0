// Command tool prints its version, for which it needs none of its packages.
package main

import (
	"os"

	"github.com/go-deep-dive/godeep/optimizing/testdata/lazyinit/eager"
	"github.com/go-deep-dive/godeep/optimizing/testdata/lazyinit/lazy"
)

func main() {
	if len(os.Args) == 1 {
		os.Stdout.WriteString("tool 1.0\n")
		return
	}
	println(eager.Date(os.Args[1]), lazy.Date(os.Args[1]))
}
