package interfaces_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"github.com/go-deep-dive/godeep/interfaces"
)

// One pass over the data: it is counted, hashed and copied.
func Example_ioComposeOnePass() {
	hash := sha256.New()
	counter := &interfaces.CountWriter{W: hash}
	var target strings.Builder
	io.Copy(&target, io.TeeReader(strings.NewReader("some data"), counter))
	fmt.Println("copied:", target.String())
	fmt.Println("counted:", counter.N)
	fmt.Printf("hashed: %x\n", hash.Sum(nil)[:4])
	// Output:
	// copied: some data
	// counted: 9
	// hashed: 1307990e
}
