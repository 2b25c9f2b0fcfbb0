// Directive asks for a gctrace in its source, which the go command does not allow.

//go:debug gctrace=1
package main

func main() {}
