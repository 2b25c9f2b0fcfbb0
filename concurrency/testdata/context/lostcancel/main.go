// Lostcancel forgets cancel functions in the two ways that go vet can see.
package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

func discarded() context.Context {
	ctx, _ := context.WithTimeout(context.Background(), time.Minute)
	return ctx
}

func onOnePath() error {
	ctx, cancel := context.WithCancel(context.Background())
	if len(os.Args) > 1 {
		return fmt.Errorf("unused: %v", ctx)
	}
	cancel()
	return nil
}

func main() {
	fmt.Println(discarded().Err(), onOnePath())
}
