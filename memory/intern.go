package memory

// Interning keeps one copy of each distinct text. It pays where the same few
// texts are read again and again and kept: column names, host names, labels.

// Interner returns the same string for the same text. The zero value is ready
// to use. An Interner keeps every text it has seen for as long as it lives, so
// it fits one batch of input, not a process; for that see package unique. It is
// not safe for concurrent use.
type Interner struct {
	texts map[string]string
}

// Intern returns the text of b as a string. It allocates only for a text it has
// not seen before, and takes time in proportion to len(b).
func (in *Interner) Intern(b []byte) string {
	if text, seen := in.texts[string(b)]; seen { //claim:stack
		return text
	}
	if in.texts == nil {
		in.texts = make(map[string]string) //claim:heap
	}
	text := string(b) //claim:heap
	in.texts[text] = text
	return text
}
