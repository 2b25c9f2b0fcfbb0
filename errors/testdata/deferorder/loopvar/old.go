//go:build go1.21

package main

import "fmt"

func old() {
	for i := 0; i < 3; i++ {
		defer func() { fmt.Print(" ", i) }()
	}
}
