// Package alpha is imported first and needs zeta.
package alpha

import "github.com/go-deep-dive/godeep/schedgc/testdata/bootstrap/order/zeta"

var Name = name()

func name() string {
	zeta.Say("alpha")
	return "alpha"
}
