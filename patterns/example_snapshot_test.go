package patterns_test

import (
	"errors"
	"fmt"
	"maps"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleSnapshot() {
	type config struct{ limit int }
	var current patterns.Snapshot[config]
	current.Store(config{limit: 10})

	request := current.Load()        // once for each request
	current.Store(config{limit: 20}) // a reload
	fmt.Println("running request:", request.limit)
	fmt.Println("next request:", current.Load().limit)
	// Output:
	// running request: 10
	// next request: 20
}

func ExampleSnapshot_Load() {
	var flags patterns.Snapshot[map[string]bool]
	fmt.Println((*flags.Load())["beta"]) // the zero map
	flags.Store(map[string]bool{"beta": true})
	fmt.Println((*flags.Load())["beta"])
	// Output:
	// false
	// true
}

func ExampleSnapshot_Store() {
	var level patterns.Snapshot[string]
	level.Store("info")
	level.Store("debug")
	fmt.Println(*level.Load())
	// Output:
	// debug
}

// Update clones the map before it changes it, and refuses what is invalid.
func ExampleSnapshot_Update() {
	type config struct{ limits map[string]int }
	var current patterns.Snapshot[config]
	setLimit := func(name string, limit int) error {
		return current.Update(func(next *config) error {
			if limit < 0 {
				return errors.New("negative limit")
			}
			limits := maps.Clone(next.limits)
			if limits == nil {
				limits = make(map[string]int)
			}
			limits[name] = limit
			next.limits = limits
			return nil
		})
	}
	fmt.Println(setLimit("requests", 100))
	fmt.Println(setLimit("requests", -1))
	fmt.Println(current.Load().limits)
	// Output:
	// <nil>
	// negative limit
	// map[requests:100]
}
