package interfaces_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/go-deep-dive/godeep/interfaces"
)

// statusWriter remembers the status, and shows what it wraps by Unwrap.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func ExampleFind() {
	var w http.ResponseWriter = &statusWriter{ResponseWriter: httptest.NewRecorder()}
	_, ok := w.(http.Flusher)
	fmt.Println("the wrapper is a Flusher:", ok)
	_, ok = interfaces.Find[http.Flusher](w)
	fmt.Println("something below is:", ok)
	_, ok = interfaces.Find[http.Hijacker](w)
	fmt.Println("something is a Hijacker:", ok)
	// Output:
	// the wrapper is a Flusher: false
	// something below is: true
	// something is a Hijacker: false
}

func ExampleCountWriter() {
	counter := &interfaces.CountWriter{W: os.Stdout}
	fmt.Fprintf(counter, "%d %s\n", 3, "words here")
	fmt.Println("bytes:", counter.N)
	// Output:
	// 3 words here
	// bytes: 13
}

func ExampleCountWriter_Write() {
	counter := &interfaces.CountWriter{W: io.Discard}
	counter.Write([]byte("some"))
	counter.Write([]byte("thing"))
	fmt.Println("bytes:", counter.N)
	// Output:
	// bytes: 9
}

func ExampleCountWriter_WriteString() {
	var text strings.Builder
	counter := &interfaces.CountWriter{W: &text}
	io.WriteString(counter, "no copy of the string") // calls WriteString of both
	fmt.Println(counter.N == int64(text.Len()))
	// Output:
	// true
}

// The source is a file or a connection in real programs; the buffer reads it by its own
// method ReadFrom, through the counter.
func ExampleCountWriter_ReadFrom() {
	var buffer bytes.Buffer
	counter := &interfaces.CountWriter{W: &buffer}
	n, err := counter.ReadFrom(io.LimitReader(strings.NewReader("1234567890"), 4))
	fmt.Println(n, err, counter.N, buffer.String())
	// Output:
	// 4 <nil> 4 1234
}

func ExampleCountWriter_Unwrap() {
	var w io.Writer = &interfaces.CountWriter{W: new(bytes.Buffer)}
	buffer, ok := interfaces.Find[*bytes.Buffer](w)
	fmt.Println("found the buffer:", ok)
	fmt.Fprint(w, "text")
	fmt.Println(buffer)
	// Output:
	// found the buffer: true
	// text
}
