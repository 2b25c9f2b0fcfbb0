package optimizing_test

import (
	"fmt"
	"strings"
)

// A separator before every part but the first, as strings.Join does it, for parts
// that are not in a slice of strings.
func Example_stringBuildSeparator() {
	ports := []int{80, 443, 8080}
	var list strings.Builder
	for i, port := range ports {
		if i > 0 {
			list.WriteString(", ")
		}
		fmt.Fprint(&list, port)
	}
	fmt.Println(list.String())
	// Output: 80, 443, 8080
}
