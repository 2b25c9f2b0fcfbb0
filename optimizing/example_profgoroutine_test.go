package optimizing_test

import (
	"fmt"
	"runtime/pprof"
)

// connectionProfile is served by net/http/pprof too, under its name.
var connectionProfile = pprof.NewProfile("example.com/db.connections")

type profiledConnection struct{ id int }

func dialProfiled(id int) *profiledConnection {
	c := &profiledConnection{id}
	connectionProfile.Add(c, 2) // 2 leaves this function out of the stack
	return c
}

func (c *profiledConnection) Close() { connectionProfile.Remove(c) }

// A profile of our own lists what is open, with the stack that opened it.
func Example_profCustomProfile() {
	first := dialProfiled(1)
	second := dialProfiled(2)
	first.Close()
	fmt.Println("open connections:", connectionProfile.Count())
	second.Close()
	fmt.Println("open connections:", connectionProfile.Count())
	// Output:
	// open connections: 1
	// open connections: 0
}
