package patterns_test

import (
	"context"
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleRunServices() {
	// In main: signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer stop()

	service := func(name string) patterns.Service {
		return patterns.Service{Name: name, Run: func(ctx context.Context) error {
			<-ctx.Done()
			fmt.Println(name, "has ended")
			return nil
		}}
	}
	err := patterns.RunServices(ctx, 5*time.Second, service("database"), service("worker"), service("server"))
	fmt.Println("error:", err)
	// Output:
	// server has ended
	// worker has ended
	// database has ended
	// error: <nil>
}

// A service that fails stops the others.
func ExampleService() {
	err := patterns.RunServices(context.Background(), time.Second,
		patterns.Service{Name: "cache", Run: func(ctx context.Context) error { <-ctx.Done(); return nil }},
		patterns.Service{Name: "queue", Run: func(context.Context) error { return fmt.Errorf("connection lost") }})
	fmt.Println(err)
	// Output: queue: connection lost
}
