package patterns_test

import (
	"context"
	"fmt"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExamplePrioritize() {
	alarms, routine := make(chan string, 2), make(chan string, 2)
	routine <- "clean up"
	routine <- "write report"
	alarms <- "disk full"
	close(alarms)
	close(routine)
	for job := range patterns.Prioritize(context.Background(), alarms, routine) {
		fmt.Println(job)
	}
	// Output:
	// disk full
	// clean up
	// write report
}

// Both channels always have values, and the second one gets a quarter.
func ExamplePrioritizeWeighted() {
	paid, free := make(chan string, 6), make(chan string, 6)
	for range 6 {
		paid <- "paid"
		free <- "free"
	}
	served := 0
	for customer := range patterns.PrioritizeWeighted(context.Background(), 3, paid, free) {
		fmt.Print(customer, " ")
		if served++; served == 8 {
			break
		}
	}
	// Output: paid paid paid free paid paid paid free
}

// The loop ends when the context does, and what is left stays in the channels.
func ExamplePrioritize_cancel() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	jobs := make(chan int, 3)
	for i := range 3 {
		jobs <- i
	}
	for job := range patterns.Prioritize(ctx, jobs, nil) {
		fmt.Println("job", job)
		cancel()
	}
	fmt.Println("left:", len(jobs), ctx.Err())
	// Output:
	// job 0
	// left: 2 context canceled
}
