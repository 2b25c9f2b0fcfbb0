// Package memory shows where Go values live and what they cost.
package memory
