package optimizing

import (
	"bufio"
	"io"
	"strings"
)

// A write to a file or a connection is a system call, whose cost hardly depends on
// the number of bytes. A buffer turns many small writes into few large ones.

// CallCounter is a Writer and Reader in front of another one that counts the calls,
// which for a file or a connection are the system calls. Only the one of R and W that
// is used must be set. It is not safe for concurrent use.
type CallCounter struct {
	R             io.Reader
	W             io.Writer
	Reads, Writes int
}

// Read counts and passes on.
func (c *CallCounter) Read(p []byte) (int, error) { c.Reads++; return c.R.Read(p) }

// Write counts and passes on.
func (c *CallCounter) Write(p []byte) (int, error) { c.Writes++; return c.W.Write(p) }

// bufferingWriteLines writes the line n times.
//
//go:noinline
func bufferingWriteLines(w io.Writer, line []byte, n int) error {
	for range n {
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// bufferingScan returns the number of lines and the bytes in them. The next ones
// give the same, for a text whose last line ends with \n.
//
//go:noinline
func bufferingScan(r io.Reader) (lines, bytes int) {
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		lines, bytes = lines+1, bytes+len(scanner.Bytes())
	}
	return lines, bytes
}

//go:noinline
func bufferingReadString(r io.Reader) (lines, bytes int) {
	reader := bufio.NewReader(r)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return lines, bytes
		}
		lines, bytes = lines+1, bytes+len(line)-1
	}
}

//go:noinline
func bufferingReadAll(r io.Reader) (lines, bytes int) {
	all, _ := io.ReadAll(r)
	for line := range strings.Lines(string(all)) {
		lines, bytes = lines+1, bytes+len(line)-1
	}
	return lines, bytes
}
