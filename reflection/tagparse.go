package reflection

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// TagPair is one pair of a struct tag. The value is unquoted.
type TagPair struct{ Key, Value string }

// ParseTag splits a struct tag into its pairs, in their order.
// [reflect.StructTag.Get] is silent about a tag that it cannot read: the pairs
// behind a mistake do not exist. ParseTag returns the pairs before the mistake
// and an error that says what is wrong: a key without a quoted value, no space
// between two pairs, a key that comes twice. It takes time proportional to the
// length of the tag, and for the search of repeated keys to the square of the
// number of pairs.
func ParseTag(tag reflect.StructTag) ([]TagPair, error) {
	var pairs []TagPair
	rest := string(tag)
	for {
		trimmed := strings.TrimLeft(rest, " ")
		if trimmed == "" {
			return pairs, nil
		}
		at := len(tag) - len(trimmed)
		if len(pairs) > 0 && len(trimmed) == len(rest) {
			return pairs, fmt.Errorf("struct tag %q, byte %d: no space between two pairs", string(tag), at)
		}
		pair, after, err := cutTagPair(trimmed)
		if err != nil {
			return pairs, fmt.Errorf("struct tag %q, byte %d: %w", string(tag), at, err)
		}
		for _, other := range pairs {
			if other.Key == pair.Key {
				return pairs, fmt.Errorf("struct tag %q, byte %d: key %s is repeated", string(tag), at, pair.Key)
			}
		}
		pairs = append(pairs, pair)
		rest = after
	}
}

// cutTagPair cuts the first pair from a text that does not start with a space.
func cutTagPair(text string) (pair TagPair, rest string, err error) {
	key := strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r == ':' || r == '"' || r == 0x7f })
	switch {
	case key == 0:
		return TagPair{}, "", errors.New("a key is expected")
	case key < 0 || !strings.HasPrefix(text[key:], `:"`):
		return TagPair{}, "", errors.New(`a key must be followed by :"`)
	}
	pair.Key, rest = text[:key], text[key+1:]
	end := 1
	for end < len(rest) && rest[end] != '"' {
		if rest[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(rest) {
		return TagPair{}, "", fmt.Errorf("the value of %s has no closing quote", pair.Key)
	}
	pair.Value, err = strconv.Unquote(rest[:end+1])
	if err != nil {
		return TagPair{}, "", fmt.Errorf("the value of %s is not a string of Go", pair.Key)
	}
	return pair, rest[end+1:], nil
}

// cutTagOptions splits the value of a tag in the form that most libraries have:
// a name, then options, all separated by commas.
func cutTagOptions(value string) (name string, options []string) {
	name, rest, found := strings.Cut(value, ",")
	if !found {
		return name, nil
	}
	return name, strings.Split(rest, ",")
}
