//go:build race

package proof

// RaceEnabled reports whether the race detector is built in.
const RaceEnabled = true
