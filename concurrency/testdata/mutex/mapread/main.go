// Mapread guards a map when it writes and not when it reads.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

type registry struct {
	mu    sync.Mutex
	names map[int]string
}

func (r *registry) set(id int, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[id] = name
}

// name looks harmless: it only reads.
func (r *registry) name(id int) string { return r.names[id] }

func main() {
	defer func() {
		if err := recover(); err != nil {
			fmt.Println("recovered:", err)
		}
	}()
	runtime.GOMAXPROCS(4)
	r := &registry{names: make(map[int]string)}
	if len(os.Args) > 1 { // once each: enough for the race detector
		go r.set(1, "name")
		time.Sleep(10 * time.Millisecond)
		fmt.Println(r.name(1))
		return
	}
	go func() {
		for i := 0; ; i++ {
			r.set(i%1000, "name")
		}
	}()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		for i := range 1000 {
			_ = r.name(i)
		}
	}
}
