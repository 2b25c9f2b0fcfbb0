package schedgc_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime/trace"

	xtrace "golang.org/x/exp/trace"
)

// Record, annotate, and read the trace with a program instead of with go tool
// trace.
func Example_execTrace() {
	var file bytes.Buffer
	if err := trace.Start(&file); err != nil {
		fmt.Println(err)
		return
	}
	ctx, task := trace.NewTask(context.Background(), "request")
	trace.Log(ctx, "id", "42")
	trace.WithRegion(ctx, "query", func() {})
	task.End()
	trace.Stop()

	reader, err := xtrace.NewReader(&file)
	for err == nil {
		var event xtrace.Event
		if event, err = reader.ReadEvent(); err != nil {
			break
		}
		switch event.Kind() {
		case xtrace.EventTaskBegin:
			fmt.Println("task", event.Task().Type)
		case xtrace.EventLog:
			fmt.Println("log", event.Log().Category, event.Log().Message)
		case xtrace.EventRegionBegin:
			fmt.Println("region", event.Region().Type)
		}
	}
	fmt.Println("read to the end:", err == io.EOF)
	// Output:
	// task request
	// log id 42
	// region query
	// read to the end: true
}
