// Deadlock waits for ever, in the way that its argument names.
package main

import (
	"os"
	"sync"
)

func main() {
	var a, b sync.Mutex
	switch os.Args[1] {
	case "twice":
		a.Lock()
		a.Lock()
	case "order":
		var bothHold, done sync.WaitGroup
		bothHold.Add(2)
		transfer := func(from, to *sync.Mutex) {
			from.Lock()
			bothHold.Done()
			bothHold.Wait() // the unlucky moment
			to.Lock()
		}
		done.Go(func() { transfer(&a, &b) })
		done.Go(func() { transfer(&b, &a) })
		done.Wait()
	}
}
