// Package beta needs neither alpha nor zeta. Its table has to be filled when the
// program starts.
package beta

import "os"

func init() { os.Stdout.WriteString("beta\n") }

var Table = map[string]int{"x": len(os.Args)}
