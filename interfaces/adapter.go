package interfaces

// An adapter gives a value the methods that somebody else asks for. A function type with a
// method is the smallest: it makes every function with the right signature an
// implementation.

// WriterFunc is a function that is an [io.Writer]. It is as safe for concurrent use as the
// function.
type WriterFunc func(p []byte) (n int, err error)

// Write returns f(p). It panics if f is nil.
func (f WriterFunc) Write(p []byte) (n int, err error) { return f(p) }

// ReaderFunc is a function that is an [io.Reader]. It is as safe for concurrent use as the
// function.
type ReaderFunc func(p []byte) (n int, err error)

// Read returns f(p). It panics if f is nil.
func (f ReaderFunc) Read(p []byte) (n int, err error) { return f(p) }
