package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

// A source, two workers and a filter. The consumer ranges over the last channel and
// then asks whether anything is missing.
func ExamplePipeline() {
	p := patterns.NewPipeline(context.Background())
	words := patterns.PipelineGenerate(p, slices.Values([]string{"7", "12", "9", "30"}))
	numbers := patterns.PipelineMap(p, 2, words, func(ctx context.Context, word string) (int, error) {
		return strconv.Atoi(word)
	})
	sum := 0
	for n := range patterns.PipelineFilter(p, numbers, func(n int) bool { return n%2 == 0 }) {
		sum += n
	}
	fmt.Println("sum:", sum, "error:", p.Wait())
	// Output:
	// sum: 42 error: <nil>
}

// The owner of the stages is made first, so that every stage belongs to it.
func ExampleNewPipeline() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	p := patterns.NewPipeline(ctx)
	for v := range patterns.PipelineGenerate(p, slices.Values([]int{1, 2})) {
		fmt.Println("value:", v)
	}
	fmt.Println("error:", p.Wait())
	// Output:
	// value: 1
	// value: 2
	// error: <nil>
}

// The loop ends because of the error, and looks as if all were done: Wait tells.
func ExamplePipeline_Wait() {
	p := patterns.NewPipeline(context.Background())
	words := patterns.PipelineGenerate(p, slices.Values([]string{"1", "two", "3"}))
	numbers := patterns.PipelineMap(p, 1, words, func(ctx context.Context, word string) (int, error) {
		return strconv.Atoi(word)
	})
	for n := range numbers {
		fmt.Println("number:", n)
	}
	fmt.Println("error:", p.Wait())
	// Output:
	// number: 1
	// error: strconv.Atoi: parsing "two": invalid syntax
}

// A deferred Stop ends the stages on every way out of the function.
func ExamplePipeline_Stop() {
	firstAbove := func(limit int) int {
		p := patterns.NewPipeline(context.Background())
		defer p.Stop()
		squares := patterns.PipelineGenerate(p, func(yield func(int) bool) {
			for i := 0; yield(i * i); i++ { // has no end
			}
		})
		for square := range squares {
			if square > limit {
				return square
			}
		}
		return 0
	}
	fmt.Println("first square above 50:", firstAbove(50))
	// Output:
	// first square above 50: 64
}

// A source that can fail, and needs a select for its sends.
func ExamplePipeline_Go() {
	p := patterns.NewPipeline(context.Background())
	lines := make(chan string)
	p.Go(func(ctx context.Context) error {
		defer close(lines)
		for _, line := range []string{"a", "b"} {
			select {
			case lines <- line:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return errors.New("connection lost")
	})
	for line := range lines {
		fmt.Println("line:", line)
	}
	fmt.Println("error:", p.Wait())
	// Output:
	// line: a
	// line: b
	// error: connection lost
}

func ExamplePipelineOrDone() {
	ctx, cancel := context.WithCancel(context.Background())
	never := make(chan int) // never closed, nobody sends
	time.AfterFunc(time.Millisecond, cancel)
	for v := range patterns.PipelineOrDone(ctx, never) {
		fmt.Println("value:", v)
	}
	fmt.Println("error:", ctx.Err())
	// Output:
	// error: context canceled
}

func ExamplePipelineGenerate() {
	p := patterns.NewPipeline(context.Background())
	for v := range patterns.PipelineGenerate(p, slices.Values([]string{"a", "b"})) {
		fmt.Println(v)
	}
	fmt.Println(p.Wait())
	// Output:
	// a
	// b
	// <nil>
}

func ExamplePipelineMap() {
	p := patterns.NewPipeline(context.Background())
	numbers := patterns.PipelineGenerate(p, slices.Values([]int{1, 2, 3}))
	squares := patterns.PipelineMap(p, 3, numbers, func(_ context.Context, n int) (int, error) { return n * n, nil })
	sum := 0
	for square := range squares { // in any order
		sum += square
	}
	fmt.Println(sum, p.Wait())
	// Output:
	// 14 <nil>
}

func ExamplePipelineFilter() {
	p := patterns.NewPipeline(context.Background())
	numbers := patterns.PipelineGenerate(p, slices.Values([]int{1, 2, 3, 4}))
	for n := range patterns.PipelineFilter(p, numbers, func(n int) bool { return n%2 == 0 }) {
		fmt.Println(n)
	}
	fmt.Println(p.Wait())
	// Output:
	// 2
	// 4
	// <nil>
}

func ExamplePipelineBatch() {
	p := patterns.NewPipeline(context.Background())
	numbers := patterns.PipelineGenerate(p, slices.Values([]int{1, 2, 3, 4, 5}))
	for batch := range patterns.PipelineBatch(p, numbers, 2, time.Minute) {
		fmt.Println("insert", batch)
	}
	fmt.Println(p.Wait())
	// Output:
	// insert [1 2]
	// insert [3 4]
	// insert [5]
	// <nil>
}

func ExamplePipelineMerge() {
	p := patterns.NewPipeline(context.Background())
	merged := patterns.PipelineMerge(p,
		patterns.PipelineGenerate(p, slices.Values([]int{1, 2})),
		patterns.PipelineGenerate(p, slices.Values([]int{30, 40})))
	sum := 0
	for v := range merged { // in any order
		sum += v
	}
	fmt.Println(sum, p.Wait())
	// Output:
	// 73 <nil>
}

func ExamplePipelineTee() {
	p := patterns.NewPipeline(context.Background())
	toStore, toCount := patterns.PipelineTee(p, patterns.PipelineGenerate(p, slices.Values([]string{"a", "b"})))
	count := 0
	p.Go(func(ctx context.Context) error {
		for range patterns.PipelineOrDone(ctx, toCount) {
			count++
		}
		return nil
	})
	for v := range toStore {
		fmt.Println("store", v)
	}
	fmt.Println("error:", p.Wait(), "count:", count)
	// Output:
	// store a
	// store b
	// error: <nil> count: 2
}

func ExamplePipelineBridge() {
	p := patterns.NewPipeline(context.Background())
	numbers := patterns.PipelineGenerate(p, slices.Values([]int{1, 2}))
	pages := patterns.PipelineMap(p, 1, numbers, func(_ context.Context, page int) (<-chan int, error) {
		return patterns.PipelineGenerate(p, slices.Values([]int{10 * page, 10*page + 1})), nil
	})
	for item := range patterns.PipelineBridge(p, pages) {
		fmt.Println(item)
	}
	fmt.Println(p.Wait())
	// Output:
	// 10
	// 11
	// 20
	// 21
	// <nil>
}
