package memory_test

import "fmt"

func Example_convertCopies() {
	b := []byte("gopher")
	s := string(b)
	b[0] = 'G'
	fmt.Println("string:", s)
	fmt.Println("bytes: ", string(b))
	// Output:
	// string: gopher
	// bytes:  Gopher
}

func Example_convertRunes() {
	s := "aя世"
	fmt.Println("bytes:", []byte(s))
	fmt.Println("runes:", []rune(s))
	fmt.Println("back: ", string([]rune(s)))
	fmt.Println("rune 65 as a string:", string(rune(65)))
	// Output:
	// bytes: [97 209 143 228 184 150]
	// runes: [97 1103 19990]
	// back:  aя世
	// rune 65 as a string: A
}
