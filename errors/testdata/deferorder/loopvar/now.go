//go:build go1.22

package main

import "fmt"

func now() {
	for i := 0; i < 3; i++ {
		defer func() { fmt.Print(" ", i) }()
	}
}
