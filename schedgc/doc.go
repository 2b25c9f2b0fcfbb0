// Package schedgc shows how the scheduler runs goroutines and how the collector
// finds garbage, as claims that are executed.
package schedgc
