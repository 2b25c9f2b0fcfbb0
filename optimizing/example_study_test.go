package optimizing_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleWriteStudyLog() {
	if err := optimizing.WriteStudyLog(os.Stdout, 3); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 203.0.113.16 - - [01/Mar/2026:12:00:00 +0000] "GET /products/784429 HTTP/1.1" 200 1024 0.064
	// 203.0.113.121 - - [01/Mar/2026:12:00:00 +0000] "POST /orders HTTP/1.1" 200 13438 0.050
	// 203.0.113.74 - - [01/Mar/2026:12:00:00 +0000] "GET /static/app.js HTTP/1.1" 200 15871 0.032
}

// A line that is no request is counted and left out, by every version.
func ExampleStudyStep() {
	step := optimizing.StudySteps()[4]
	log := strings.NewReader(`203.0.113.80 - - [01/Mar/2026:12:00:00 +0000] "PUT /users/616437 HTTP/1.1" 200 1024 0.099
no request
`)
	if err := step.Run(os.Stdout, log); err != nil {
		fmt.Println(err)
	}
	// Output:
	// route                         requests  errors        bytes  median     p99
	// PUT /users/{id}                      1       0         1024    99ms    99ms
	// busiest minute: 2026-03-01 12:00 with 1 requests
	// 1 lines left out
}

func ExampleStudySteps() {
	var log bytes.Buffer
	if err := optimizing.WriteStudyLog(&log, 1000); err != nil {
		fmt.Println(err)
	}
	reports := make(map[string]bool)
	for i, step := range optimizing.StudySteps() {
		var report strings.Builder
		if err := step.Run(&report, bytes.NewReader(log.Bytes())); err != nil {
			fmt.Println(err)
		}
		reports[report.String()] = true
		fmt.Printf("step %d: %s\n", i, step.Name)
	}
	fmt.Println("different reports:", len(reports))
	// Output:
	// step 0: plain
	// step 1: fields
	// step 2: minutes
	// step 3: bytes
	// step 4: counts
	// step 5: parallel
	// different reports: 1
}
