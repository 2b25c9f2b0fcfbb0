package memory_test

import (
	"fmt"
	"strings"

	"github.com/go-deep-dive/godeep/memory"
)

func ExampleSharesText() {
	line := "id=42 name=gopher"
	field := strings.Fields(line)[0]
	fmt.Println("field:", memory.SharesText(line, field))
	fmt.Println("clone:", memory.SharesText(line, strings.Clone(field)))
	// Output:
	// field: true
	// clone: false
}
