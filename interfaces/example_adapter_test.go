package interfaces_test

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-deep-dive/godeep/interfaces"
)

func ExampleWriterFunc() {
	shout := interfaces.WriterFunc(func(p []byte) (int, error) {
		fmt.Print(strings.ToUpper(string(p)))
		return len(p), nil
	})
	fmt.Fprintln(shout, "a function takes the place of a type")
	// Output:
	// A FUNCTION TAKES THE PLACE OF A TYPE
}

func ExampleWriterFunc_Write() {
	var lengths []int
	w := interfaces.WriterFunc(func(p []byte) (int, error) {
		lengths = append(lengths, len(p))
		return len(p), nil
	})
	w.Write([]byte("four"))
	w.Write([]byte("seven.."))
	fmt.Println(lengths)
	// Output:
	// [4 7]
}

func ExampleReaderFunc() {
	zeros := interfaces.ReaderFunc(func(p []byte) (int, error) {
		for i := range p {
			p[i] = '0'
		}
		return len(p), nil
	})
	io.Copy(os.Stdout, io.LimitReader(zeros, 8))
	// Output:
	// 00000000
}

func ExampleReaderFunc_Read() {
	remaining := 2
	r := interfaces.ReaderFunc(func(p []byte) (int, error) {
		if remaining == 0 {
			return 0, io.EOF
		}
		remaining--
		return copy(p, "tick "), nil
	})
	text, err := io.ReadAll(r)
	fmt.Printf("%q %v\n", text, err)
	// Output:
	// "tick tick " <nil>
}
