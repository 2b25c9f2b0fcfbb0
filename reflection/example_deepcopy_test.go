package reflection_test

import (
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/go-deep-dive/godeep/reflection"
)

func ExampleDeepCopy() {
	type server struct {
		Name string
		Tags []string
		Peer *server
	}
	a := server{Name: "a", Tags: []string{"old"}}
	a.Peer = &a // the value contains itself

	assigned := a
	copied, err := reflection.DeepCopy(&a)
	a.Tags[0] = "new"
	fmt.Println("assigned:", assigned.Tags, "copied:", copied.Tags, "error:", err)
	fmt.Println("cycle kept:", copied.Peer == copied)
	// Output:
	// assigned: [new] copied: [old] error: <nil>
	// cycle kept: true
}

func ExampleCopyWith() {
	type account struct{ Balance *big.Int }
	a := account{big.NewInt(100)}

	_, err := reflection.DeepCopy(a)
	fmt.Println(err)

	copyInt := reflection.CopyWith(func(x *big.Int) *big.Int { return new(big.Int).Set(x) })
	b, err := reflection.DeepCopy(a, copyInt)
	b.Balance.Add(b.Balance, big.NewInt(1))
	fmt.Println(a.Balance, b.Balance, err)
	// Output:
	// reflection.DeepCopy: Balance.abs: an unexported field shares memory with the original; want a function for big.Int made by CopyWith
	// 100 101 <nil>
}

// A CopyFunc may return its argument: then the value is shared on purpose.
func ExampleCopyFunc() {
	type job struct {
		Zone *time.Location
		Args []string
	}
	var share reflection.CopyFunc = reflection.CopyWith(func(l *time.Location) *time.Location { return l })
	j := job{time.UTC, []string{"a"}}
	copied, err := reflection.DeepCopy(j, share)
	fmt.Println(copied.Zone == j.Zone, &copied.Args[0] == &j.Args[0], err)
	// Output: true false <nil>
}

func ExampleDiff() {
	type item struct {
		SKU   string
		Price int
	}
	type order struct {
		Items  []item
		Labels map[string]string
		At     time.Time
	}
	day := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	before := order{[]item{{"a", 3}}, map[string]string{"x": "1"}, day}
	after := order{[]item{{"a", 4}, {"b", 1}}, nil, day.In(time.FixedZone("other", 3600))}
	for _, change := range reflection.Diff(before, after) {
		fmt.Println(change)
	}
	// Output:
	// Items[0].Price: 3 -> 4
	// Items[1]: absent -> reflection_test.item
	// Labels: map[string]string of length 1 -> nil
}

func ExampleChange() {
	changes := reflection.Diff(map[string]any{"port": 80}, map[string]any{"port": "80"})
	fmt.Printf("path %s, before %s, after %s\n", changes[0].Path, changes[0].Before, changes[0].After)
	// Output: path ["port"], before int(80), after string("80")
}

func ExampleChange_String() {
	fmt.Println(reflection.Change{Path: "Retry.Times", Before: "3", After: "5"})
	// Output: Retry.Times: 3 -> 5
}

type clock interface{ Now() string }

type fixedClock string

func (c fixedClock) Now() string { return string(c) }

type greeter struct{ clock clock }

func newGreeter(c clock) *greeter { return &greeter{c} }

func ExampleContainer() {
	var c reflection.Container
	err := c.Provide(newGreeter, func() clock { return fixedClock("noon") })
	g, err2 := reflection.Resolve[*greeter](&c)
	fmt.Println("it is", g.clock.Now(), errors.Join(err, err2))
	// Output: it is noon <nil>
}

func ExampleContainer_Provide() {
	var c reflection.Container
	fmt.Println(c.Provide(newGreeter))
	fmt.Println(c.Provide(func(clock) {}))
	// Output:
	// <nil>
	// reflection.Container.Provide: argument 1: func(reflection_test.clock), want the results T or (T, error)
}

func ExampleContainer_Check() {
	var c reflection.Container
	_ = c.Provide(newGreeter)
	fmt.Println(c.Check())
	// Output: nothing provides reflection_test.clock: *reflection_test.greeter needs reflection_test.clock
}

func ExampleContainer_Invoke() {
	var c reflection.Container
	_ = c.Provide(newGreeter, func() clock { return fixedClock("midnight") })
	err := c.Invoke(func(g *greeter, now clock) error {
		fmt.Println(g.clock == now, now.Now())
		return errors.New("the error of the function")
	})
	fmt.Println(err)
	// Output:
	// true midnight
	// the error of the function
}

func ExampleResolve() {
	var c reflection.Container
	_ = c.Provide(func() (clock, error) { return nil, errors.New("no battery") }, newGreeter)
	_, err := reflection.Resolve[*greeter](&c)
	fmt.Println(err)
	// Output: reflection.Container.Invoke: *reflection_test.greeter needs reflection_test.clock: no battery
}
