package optimizing_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleByteLoopRun() {
	fmt.Println(optimizing.ByteLoopRun("if a < b && b > c"))
	fmt.Println(optimizing.ByteLoopRun("nothing to do"))
	// Output:
	// if a &lt; b &amp;&amp; b &gt; c
	// nothing to do
}

func ExampleAppendByteLoopRun() {
	line := []byte("title: ")
	line = optimizing.AppendByteLoopRun(line, "<Go>")
	fmt.Printf("%s\n", line)
	// Output:
	// title: &lt;Go&gt;
}
