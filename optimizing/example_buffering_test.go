package optimizing_test

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleCallCounter() {
	file := &optimizing.CallCounter{W: io.Discard}
	for i := range 100 {
		fmt.Fprintln(file, "line", i)
	}
	fmt.Println("writes without a buffer:", file.Writes)
	// Output: writes without a buffer: 100
}

func ExampleCallCounter_Write() {
	file := &optimizing.CallCounter{W: io.Discard}
	w := bufio.NewWriter(file)
	for i := range 100 {
		fmt.Fprintln(w, "line", i)
	}
	fmt.Println("writes before Flush:", file.Writes)
	w.Flush()
	fmt.Println("writes after Flush:", file.Writes)
	// Output:
	// writes before Flush: 0
	// writes after Flush: 1
}

func ExampleCallCounter_Read() {
	file := &optimizing.CallCounter{R: strings.NewReader(strings.Repeat("line\n", 1000))}
	lines := 0
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		lines++
	}
	fmt.Println("lines:", lines, "reads:", file.Reads)
	// Output: lines: 1000 reads: 3
}
