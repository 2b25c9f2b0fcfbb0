// Value keeps pointers in a sync.Map and changes what they point to.
package main

import "sync"

type visits struct{ n int }

func main() {
	var m sync.Map
	m.Store("page", new(visits))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			v, _ := m.Load("page")
			v.(*visits).n++
		})
	}
	wg.Wait()
}
