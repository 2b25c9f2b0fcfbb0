package patterns_test

import (
	"context"
	"fmt"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleActor() {
	ctx := context.Background()
	stock := patterns.NewActor(map[string]int{"apple": 2})
	defer stock.Stop()

	// Look and take are one step: nobody can come between.
	take := func(name string) (ok bool) {
		err := stock.Do(ctx, func(items *map[string]int) {
			if ok = (*items)[name] > 0; ok {
				(*items)[name]--
			}
		})
		return ok && err == nil
	}
	fmt.Println(take("apple"), take("apple"), take("apple"))
	// Output: true true false
}

func ExampleNewActor() {
	counter := patterns.NewActor(41)
	defer counter.Stop()
	_ = counter.Do(context.Background(), func(n *int) {
		*n++
		fmt.Println(*n)
	})
	// Output: 42
}

func ExampleActor_Do() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	counter := patterns.NewActor(0)
	defer counter.Stop()
	err := counter.Do(ctx, func(n *int) { fmt.Println("not reached") })
	fmt.Println(err)
	// Output: context canceled
}

func ExampleActor_Stop() {
	counter := patterns.NewActor(0)
	counter.Stop()
	fmt.Println(counter.Do(context.Background(), func(*int) {}))
	// Output: actor has stopped
}
