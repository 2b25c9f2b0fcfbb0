//go:build go1.27

package concurrency

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// Since Go 1.27 synctest.Sleep(d) is time.Sleep(d) followed by synctest.Wait:
// when it returns, the other goroutines have done all that they do at that
// instant. It can only be called in a bubble. With Go 1.25 and 1.26 write the
// two calls.
//
//claim:ask What does synctest.Sleep do that time.Sleep does not?
//claim:needs go>=1.27
//claim:source https://pkg.go.dev/testing/synctest#Sleep
func TestSynctestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		handled := 0
		for range 20 {
			time.AfterFunc(time.Second, func() { handled++ })
			synctest.Sleep(time.Second)
		}
		assert.Equal(t, 20, handled)
		assert.Equal(t, 20*time.Second, time.Since(start))
	})
	assert.Panics(t, func() { synctest.Sleep(1) })
}
