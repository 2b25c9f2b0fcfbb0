package optimizing_test

import (
	"fmt"
	"strings"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleTexts() {
	texts := optimizing.NewTexts(strings.Fields("to be or not to be"))
	for i := range texts.Len() {
		fmt.Print(texts.At(i), ".")
	}
	fmt.Println()
	// Output: to.be.or.not.to.be.
}

func ExampleNewTexts() {
	texts := optimizing.NewTexts([]string{"red", "green"})
	fmt.Println(texts.Len())
	// Output: 2
}

func ExampleTexts_Len() {
	var texts optimizing.Texts
	fmt.Println(texts.Len())
	// Output: 0
}

// A string that outlives the block is cloned, or it would keep the whole block.
func ExampleTexts_At() {
	texts := optimizing.NewTexts([]string{"red", "green", "blue"})
	favourite := strings.Clone(texts.At(1))
	fmt.Println(favourite)
	// Output: green
}
