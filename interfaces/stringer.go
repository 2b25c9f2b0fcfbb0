package interfaces

import (
	"fmt"
	"io"
	"log/slog"
)

// The package fmt asks every operand for four optional interfaces. The types here implement
// them in the ways that go wrong, and one that does not.

type stringerKelvin int

func (k stringerKelvin) String() string { return fmt.Sprintf("%dK", int(k)) }

// Secret is a text that does not show itself: not to fmt with any verb, not to log/slog,
// not to encoding/json or what else asks for MarshalText. Expose is the only way to read
// it. As a defined string type it can be the type of a field that a decoder fills, a
// constant can be assigned to it, and the conversion string(s) reveals it too.
type Secret string

const secretMask = "***"

// Expose returns the text.
func (s Secret) Expose() string { return string(s) }

// Format writes the mask, whatever the verb and the flags are.
func (Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, secretMask) }

// String returns the mask, for callers that ask for a [fmt.Stringer] themselves.
func (Secret) String() string { return secretMask }

// MarshalText returns the mask and no error.
func (Secret) MarshalText() ([]byte, error) { return []byte(secretMask), nil }

// LogValue returns the mask as a string value.
func (Secret) LogValue() slog.Value { return slog.StringValue(secretMask) }
