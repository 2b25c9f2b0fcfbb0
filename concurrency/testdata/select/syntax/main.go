// The compiler rejects every marked line.
package main

func main() {
	c := make(chan int)
	select {
	case <-c:
		fallthrough // want: fallthrough statement out of place
	case c: // want: must be receive, send or assign recv
	default:
	default: // want: multiple defaults
	}
}
