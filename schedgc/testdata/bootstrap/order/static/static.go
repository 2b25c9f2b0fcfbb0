// Package static has variables that the compiler can lay out completely.
package static

var Table = [...]int{10, 20, 30}

var Names = []string{"a", "b"}

var Config = struct{ Port *int }{&Table[0]}
