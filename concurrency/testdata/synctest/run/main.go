// Run uses the name that the experiment of Go 1.24 had.
package main

import "testing/synctest"

func main() {
	synctest.Run(func() {})
}
