package main

import (
	"fmt"
	"syscall"
)

func fault() {
	defer func() { fmt.Println("recovered:", recover()) }()
	page, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	page[100]++
}
