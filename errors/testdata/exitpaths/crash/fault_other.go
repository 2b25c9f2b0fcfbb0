//go:build !linux

package main

func fault() {}
