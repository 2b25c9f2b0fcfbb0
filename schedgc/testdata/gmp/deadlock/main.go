// Deadlock waits for ever, with a timer that is still to come.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	never := make(chan bool)
	switch os.Args[1] {
	case "func":
		time.AfterFunc(40*time.Millisecond, func() { fmt.Println("timer ran") })
	case "sleeper":
		go func() {
			time.Sleep(40 * time.Millisecond)
			fmt.Println("sleeper woke")
		}()
	case "channel": // nobody receives from it
		_ = time.NewTimer(time.Hour)
	}
	<-never
}
