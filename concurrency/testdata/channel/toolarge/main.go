// The compiler rejects this element type.
package main

func main() {
	_ = make(chan [1 << 16]byte)
}
