package interfaces

import "io"

// An optional interface is one that a value may have beside the one it is asked for:
// io.Copy asks for a Reader and a Writer, and takes a shorter way if it finds a WriterTo or
// a ReaderFrom in them. Here are a search through wrappers and a wrapper that keeps the
// shorter ways open.

// Find returns v as a T, or else the first value that is a T among those that v wraps. A
// wrapper of a W shows what it wraps by a method Unwrap() W, as those of a
// [net/http.ResponseWriter] do. The static type of v must be that W: the argument has to be
// a variable of the interface type, not of a wrapper's type.
//
// Find takes time in proportion to the number of wrappers, and does not return from a chain
// that contains itself. It is safe for concurrent use if the Unwrap methods are.
func Find[T, W any](v W) (found T, ok bool) {
	for {
		if found, ok := any(v).(T); ok {
			return found, true
		}
		wrapper, ok := any(v).(interface{ Unwrap() W })
		if !ok {
			return found, false
		}
		v = wrapper.Unwrap()
	}
}

// CountWriter writes to W and counts the bytes that W has taken. It keeps what W can do
// beyond Write: [io.WriteString] and [io.Copy] reach the methods WriteString and ReadFrom
// of W if W has them. W must not be nil. A CountWriter must not be used by several
// goroutines at the same time.
type CountWriter struct {
	W io.Writer
	N int64 // bytes written
}

// Write writes p to W, and returns what W returns.
func (c *CountWriter) Write(p []byte) (n int, err error) {
	n, err = c.W.Write(p)
	c.N += int64(n)
	return n, err
}

// WriteString writes s to W, without a copy of s if W has a method WriteString.
func (c *CountWriter) WriteString(s string) (n int, err error) {
	n, err = io.WriteString(c.W, s)
	c.N += int64(n)
	return n, err
}

// ReadFrom copies from r to W until the end of r, by the shortest way that [io.Copy] finds
// for the two, and returns the number of bytes.
func (c *CountWriter) ReadFrom(r io.Reader) (n int64, err error) {
	n, err = io.Copy(c.W, r)
	c.N += n
	return n, err
}

// Unwrap returns W, for [Find]. What is written to W directly is not counted.
func (c *CountWriter) Unwrap() io.Writer { return c.W }

// optionalTally is a writer that counts the calls of each of its methods. It keeps nothing
// of what is written.
type optionalTally struct{ write, writeString, readFrom int }

func (w *optionalTally) Write(p []byte) (int, error) {
	w.write++
	return len(p), nil
}

// optionalFullTally has the two optional methods in addition.
type optionalFullTally struct{ optionalTally }

func (w *optionalFullTally) WriteString(s string) (int, error) {
	w.writeString++
	return len(s), nil
}

func (w *optionalFullTally) ReadFrom(r io.Reader) (int64, error) {
	w.readFrom++
	return io.Copy(io.Discard, r)
}

// optionalReaderOnly hides everything but Read, as most wrappers of a reader do.
type optionalReaderOnly struct{ io.Reader }

// optionalWriterOnly hides everything but Write.
type optionalWriterOnly struct{ io.Writer }
