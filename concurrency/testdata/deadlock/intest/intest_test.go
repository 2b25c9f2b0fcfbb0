// Package intest has a test that waits for ever.
package intest

import "testing"

func TestHang(t *testing.T) {
	<-make(chan int)
}
