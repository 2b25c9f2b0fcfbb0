package interfaces_test

import (
	"fmt"
	"sort"
)

type animal struct{}

func (animal) Sound() string   { return "..." }
func (a animal) Speak() string { return "it says " + a.Sound() }

type dog struct{ animal }

func (dog) Sound() string { return "woof" }

// Speak belongs to animal and calls the Sound of animal.
func Example_embedding() {
	d := dog{}
	fmt.Println("Sound:", d.Sound())
	fmt.Println("Speak:", d.Speak())
	fmt.Println("hidden:", d.animal.Sound())
	// Output:
	// Sound: woof
	// Speak: it says ...
	// hidden: ...
}

// byLast keeps Len and Swap of the value inside and changes Less.
type byLast struct{ sort.StringSlice }

func (s byLast) Less(i, j int) bool {
	a, b := s.StringSlice[i], s.StringSlice[j]
	return a[len(a)-1] < b[len(b)-1]
}

func Example_embeddingOneMethod() {
	words := []string{"ac", "ba", "cb"}
	sort.Sort(byLast{words})
	fmt.Println("by last letter:", words)
	sort.Sort(sort.Reverse(byLast{words}))
	fmt.Println("reversed:", words)
	// Output:
	// by last letter: [ba cb ac]
	// reversed: [ac cb ba]
}
