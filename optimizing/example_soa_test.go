package optimizing_test

import (
	"fmt"
	"sort"
)

// soaTable has columns that must stay side by side: what sorts one, sorts all.
type soaTable struct {
	names []string
	ages  []int
}

func (t soaTable) Len() int           { return len(t.ages) }
func (t soaTable) Less(i, j int) bool { return t.ages[i] < t.ages[j] }
func (t soaTable) Swap(i, j int) {
	t.ages[i], t.ages[j] = t.ages[j], t.ages[i]
	t.names[i], t.names[j] = t.names[j], t.names[i]
}

func Example_soaSort() {
	table := soaTable{[]string{"Ada", "Bob", "Cleo"}, []int{36, 19, 28}}
	sort.Sort(table)
	fmt.Println(table.names, table.ages)
	// Output: [Bob Cleo Ada] [19 28 36]
}
