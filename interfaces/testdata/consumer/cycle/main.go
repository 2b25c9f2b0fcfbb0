// Cycle does not compile: its two packages import each other.
package main

import "github.com/go-deep-dive/godeep/interfaces/testdata/consumer/cycle/orders"

func main() { orders.Close(1) }
