// Package orders needs billing.
package orders

import "github.com/go-deep-dive/godeep/interfaces/testdata/consumer/cycle/billing"

func Address(id int) string { return "street" }

func Close(id int) { billing.Invoice(id) }
