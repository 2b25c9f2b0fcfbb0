// Package patterns holds concurrency patterns to copy: one file each.
package patterns
