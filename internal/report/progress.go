package report

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Progress shows on a terminal how many claims are done, which one runs and
// how long the rest takes. In a pipe, and where CI is set, it shows nothing.
type Progress struct {
	bar *progressbar.ProgressBar
}

// NewProgress starts a progress display on w for n claims.
func NewProgress(w io.Writer, n int) *Progress {
	if !IsTerminal(w) || os.Getenv("CI") != "" {
		return &Progress{}
	}
	return &Progress{progressbar.NewOptions(n,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(20),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionEnableColorCodes(false),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// Now says what runs.
func (p *Progress) Now(what string) {
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%-30s", clip(what, 30)))
	}
}

// Done counts one claim.
func (p *Progress) Done() {
	if p.bar != nil {
		_ = p.bar.Add(1) // a bar that cannot be drawn is not worth an error
	}
}

// Clear removes the display, so that a line can be printed in its place.
func (p *Progress) Clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
