// Spin waits in loops that never give up the processor. Each loop ends by itself
// after some seconds, in case nobody kills the program.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
)

const enough = 1 << 33

func main() {
	switch os.Args[1] {
	case "flag":
		var flag atomic.Bool
		go flag.Store(true)
		for n := 0; !flag.Load(); n++ {
			if n > enough {
				panic("the flag was never set")
			}
		}
		fmt.Println("seen")
	case "gosched":
		var flag atomic.Bool
		go flag.Store(true)
		rounds := 0
		for ; !flag.Load(); rounds++ {
			runtime.Gosched()
		}
		fmt.Println("seen after rounds:", rounds)
	case "meet":
		var here atomic.Int32
		met := make(chan bool)
		for range 2 {
			go func() {
				here.Add(1)
				for n := 0; here.Load() < 2; n++ {
					if n > enough {
						panic("the other one never came")
					}
				}
				met <- true
			}()
		}
		<-met
		<-met
		fmt.Println("met")
	}
}
