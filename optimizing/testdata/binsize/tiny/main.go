// Command tiny prints without package fmt.
package main

func main() { println("hello") }
