// Package billing needs orders.
package billing

import "github.com/go-deep-dive/godeep/interfaces/testdata/consumer/cycle/orders"

func Invoice(order int) string { return orders.Address(order) }
