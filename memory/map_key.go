package memory

// A map finds a key by its hash. That decides what a key may be, and what has
// to stay in one place while it is a key.

// visitOnce stores the address of a local variable as a key. A key is hashed by
// its address, so it may not move as stacks do: it goes to the heap.
func visitOnce(visited map[*int]bool) bool {
	place := 1 //claim:heap
	visited[&place] = true
	return visited[&place]
}

// wasVisited only looks the address up and keeps nothing.
func wasVisited(visited map[*int]bool) bool {
	place := 1 //claim:stack
	return visited[&place]
}

// endpoint is a key of two parts.
type endpoint struct {
	host string
	port int
}
