// Recursion has the methods that call themselves through fmt.
package main

import "fmt"

type celsius float64

func (c celsius) String() string { return fmt.Sprintf("%v degrees", c) }

type failure struct{ code int }

func (f *failure) Error() string { return fmt.Sprintf("failed: %s", f) }

// Of its base type: no recursion, no report.
type kelvin float64

func (k kelvin) String() string { return fmt.Sprintf("%v degrees", float64(k)) }

func main() { fmt.Println(celsius(1), &failure{1}, kelvin(1)) }
