package patterns

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// priorityFilled returns a closed channel that holds n times the value.
func priorityFilled(value string, n int) chan string {
	c := make(chan string, n)
	for range n {
		c <- value
	}
	close(c)
	return c
}

// No: if several cases are ready, select chooses among them at random with
// equal chances, wherever they stand in the source. Of 2000 values that are
// ready on two channels, the first thousand comes from both of them. The
// random choice keeps a busy channel from starving the others.
//
//claim:ask Does the order of the cases in a select give one channel priority?
//claim:source https://go.dev/ref/spec#Select_statements
func TestPriorityNotByCaseOrder(t *testing.T) {
	high, low := priorityFilled("high", 1000), priorityFilled("low", 1000)
	count := map[string]int{}
	for range 1000 {
		select {
		case value := <-high:
			count[value]++
		case value := <-low:
			count[value]++
		}
	}
	// 200 away from the expected 500 is more than ten standard deviations.
	if count["high"] < 300 || count["low"] < 300 {
		t.Errorf("%v, want both about 500", count)
	}
}

// Use two selects. The first one tries the important channel alone and has a
// default. Only if nothing is ready there, the second one waits for both. All
// values that are ready on the important channel then come first. The
// choice is made between values: one that becomes ready while the second
// select waits competes as in any select.
//
//claim:ask How do you give one channel priority over another in select?
//claim:source https://go.dev/ref/spec#Select_statements
func TestPrioritizeNestedSelect(t *testing.T) {
	high, low := priorityFilled("high", 50), priorityFilled("low", 50)
	got := slices.Collect(Prioritize(t.Context(), high, low))
	if want := append(slices.Repeat([]string{"high"}, 50), slices.Repeat([]string{"low"}, 50)...); !slices.Equal(got, want) {
		t.Errorf("order %v", got)
	}
}

// The usual slip is a second select that waits for the unimportant channel
// only. It is entered when the important one is empty, and then does not see
// what arrives there: here an alarm waits an hour, until the next routine value
// ends the wait. With both channels in the second select it is seen at
// once.
//
//claim:ask Why does the second select of a priority select need both channels?
//claim:source https://go.dev/ref/spec#Select_statements
func TestPriorityWaitsForBoth(t *testing.T) {
	onlyLow := func(high, low <-chan string) string {
		select {
		case value := <-high:
			return value
		default:
			return <-low
		}
	}
	both := func(high, low <-chan string) string {
		// Not t.Context: this t is not that of the bubble.
		for value := range Prioritize(context.Background(), high, low) {
			return value
		}
		return ""
	}
	for _, kind := range []struct {
		name  string
		next  func(high, low <-chan string) string
		first string
		after time.Duration
	}{
		{"only low", onlyLow, "routine", time.Hour},
		{"both", both, "alarm", time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			high, low := make(chan string, 1), make(chan string, 1)
			time.AfterFunc(time.Second, func() { high <- "alarm" })
			time.AfterFunc(time.Hour, func() { low <- "routine" })
			start := time.Now()
			if got := kind.next(high, low); got != kind.first || time.Since(start) != kind.after {
				t.Errorf("%s: %s after %v", kind.name, got, time.Since(start))
			}
		})
	}
}

// Another slip is a default in both selects: then nothing waits, and the loop
// uses a whole processor while both channels are empty. Here it turns a
// thousand times for one value, and would turn for ever if that did not come.
// A loop whose last select has no default sleeps instead.
//
//claim:ask Why does my priority loop use a whole CPU while nothing happens?
//claim:source https://go.dev/ref/spec#Select_statements
func TestPriorityDefaultSpins(t *testing.T) {
	spin := func(high, low <-chan string, idle func()) string {
		for {
			select {
			case value := <-high:
				return value
			default:
			}
			select {
			case value := <-low:
				return value
			default:
				idle()
			}
		}
	}
	low := make(chan string, 1)
	turns := 0
	got := spin(nil, low, func() {
		if turns++; turns == 1000 {
			low <- "late"
		}
	})
	if got != "late" || turns != 1000 {
		t.Errorf("%q after %d turns", got, turns)
	}

	synctest.Test(t, func(t *testing.T) {
		low := make(chan string)
		ended := make(chan bool, 1)
		go func() {
			for range Prioritize(t.Context(), nil, low) {
			}
			ended <- true
		}()
		synctest.Wait() // returns only because the loop is blocked
		select {
		case <-ended:
			t.Error("the loop ended")
		default:
		}
		close(low)
		<-ended
	})
}

// Yes, strict priority can starve the other channel. If values arrive on the
// important channel as quickly as they are handled, the other one gets nothing
// at all: here none of its values in a thousand. That is right for a shutdown
// signal and wrong for two kinds of customers. Give the low channel a share, or
// a worker of its own.
//
//claim:ask Can strict priority starve the other channel?
//claim:source https://go.dev/ref/spec#Select_statements
func TestPrioritizeStarvesLow(t *testing.T) {
	count := func(weight int) map[string]int {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		// Whatever is taken is replaced at once.
		high, low := make(chan string, 1), make(chan string, 1)
		high <- "high"
		low <- "low"
		refill := map[string]chan string{"high": high, "low": low}
		count := map[string]int{}
		for value := range PrioritizeWeighted(ctx, weight, high, low) {
			refill[value] <- value
			if count[value]++; count["high"]+count["low"] == 1000 {
				break
			}
		}
		return count
	}
	if got := count(0); got["high"] != 1000 || got["low"] != 0 {
		t.Errorf("strict: %v", got)
	}
	if got := count(9); got["high"] != 900 || got["low"] != 100 {
		t.Errorf("weight 9: %v", got)
	}
}

// Count the important values in a row, and let one of the other channel go
// first after weight of them. With a weight of 3 every fourth value is a low
// one while both channels have values. A share that is not used costs nothing:
// if the low channel is empty, the high one gets every turn.
//
//claim:ask How do you give a channel priority without starving the other one?
//claim:source https://en.wikipedia.org/wiki/Weighted_round_robin
func TestPrioritizeWeighted(t *testing.T) {
	ctx := t.Context()
	got := slices.Collect(PrioritizeWeighted(ctx, 3, priorityFilled("h", 7), priorityFilled("l", 4)))
	if want := []string{"h", "h", "h", "l", "h", "h", "h", "l", "h", "l", "l"}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	if got := slices.Collect(PrioritizeWeighted(ctx, 3, priorityFilled("h", 100), nil)); len(got) != 100 {
		t.Errorf("%d values without a low channel", len(got))
	}

	// A low value that becomes ready after more than weight high ones is next.
	high, low := make(chan string, 10), make(chan string, 10)
	for range 10 {
		high <- "h"
	}
	var order []string
	for value := range PrioritizeWeighted(ctx, 3, high, low) {
		if order = append(order, value); len(order) == 6 {
			low <- "l"
		}
		if len(order) == 8 {
			break
		}
	}
	if want := []string{"h", "h", "h", "h", "h", "h", "l", "h"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

// Priority orders what waits, and never interrupts what runs. An alarm that
// arrives one second after a routine job of ten seconds has begun waits nine.
// If that is too long, cancel the running job by a context, cut it in shorter
// ones, or keep a worker for the important channel alone.
//
//claim:ask A high-priority job arrives while a low-priority one runs. How long does it wait?
//claim:source https://go.dev/ref/spec#Select_statements
func TestPriorityDoesNotInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		high, low := make(chan string, 1), make(chan string, 1)
		low <- "routine"
		close(low)
		var sent time.Time
		time.AfterFunc(time.Second, func() {
			sent = time.Now()
			high <- "alarm"
			close(high)
		})
		var waited time.Duration
		for job := range Prioritize(t.Context(), high, low) {
			if job == "alarm" {
				waited = time.Since(sent)
			} else {
				time.Sleep(10 * time.Second)
			}
		}
		if waited != 9*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

// A buffered channel behind the choice undoes it. The values in that buffer
// have their order already, so an alarm joins the end of the queue: here five
// routine values are handled before it, although it was forwarded before the
// others that still waited. Make the choice where a value is handled, and hand
// over without a buffer.
//
//claim:ask Why does an urgent value wait although the select prefers it?
//claim:source https://go.dev/ref/spec#Channel_types
func TestPriorityLostInBuffer(t *testing.T) {
	before := func(buffer int) (routine int) {
		synctest.Test(t, func(t *testing.T) {
			high, low := make(chan string, 1), priorityFilled("routine", 20)
			work := make(chan string, buffer)
			go func() {
				defer close(work)
				for value := range Prioritize(t.Context(), high, low) {
					work <- value
				}
			}()
			synctest.Wait() // the buffer is full, one more value is about to be sent
			high <- "alarm"
			close(high)
			alarm := false
			for value := range work {
				alarm = alarm || value == "alarm"
				if !alarm {
					routine++
				}
			}
		})
		return routine
	}
	if got := before(4); got != 5 {
		t.Errorf("buffer of 4: %d values before the alarm", got)
	}
	if got := before(0); got != 1 {
		t.Errorf("no buffer: %d values before the alarm", got)
	}
}

func TestPrioritizeEnds(t *testing.T) {
	for _, c := range []struct {
		name      string
		high, low chan string
		want      []string
	}{
		{"both nil", nil, nil, nil},
		{"both empty", priorityFilled("", 0), priorityFilled("", 0), nil},
		{"only high", priorityFilled("h", 2), nil, []string{"h", "h"}},
		{"only low", nil, priorityFilled("l", 2), []string{"l", "l"}},
		{"high closed first", priorityFilled("h", 1), priorityFilled("l", 2), []string{"h", "l", "l"}},
	} {
		if got := slices.Collect(Prioritize(t.Context(), c.high, c.low)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// The order is that of a plain model, for any filling and weight.
func TestPrioritizeModel(t *testing.T) {
	for range 200 {
		weight, highs, lows := rand.IntN(5)-1, rand.IntN(20), rand.IntN(20)
		got := slices.Collect(PrioritizeWeighted(t.Context(), weight, priorityFilled("h", highs), priorityFilled("l", lows)))
		var want []string
		for row, h, l := 0, highs, lows; h+l > 0; {
			if h > 0 && (l == 0 || weight <= 0 || row < weight) {
				want, h, row = append(want, "h"), h-1, row+1
			} else {
				want, l, row = append(want, "l"), l-1, 0
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("weight %d, %d high, %d low: %v, want %v", weight, highs, lows, got, want)
		}
	}
}

func TestPrioritizeFaultCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	high := priorityFilled("h", 10)
	got := 0
	for range Prioritize(ctx, high, nil) {
		if got++; got == 3 {
			cancel()
		}
	}
	if got != 3 || len(high) != 7 {
		t.Errorf("%d values taken after the cancellation, %d left", got-3, len(high))
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		for range Prioritize(ctx, make(chan int), make(chan int)) {
			t.Error("a value")
		}
		if time.Since(start) != time.Second {
			t.Errorf("ended after %v", time.Since(start))
		}
	})
}

// A break, a panic and Goexit of the body take no value that is not handled,
// and the iterator can be used again.
func TestPrioritizeFaultBody(t *testing.T) {
	high := priorityFilled("h", 5)
	seq := Prioritize(t.Context(), high, nil)
	for range seq {
		break
	}
	func() {
		defer func() {
			if value := recover(); value != "broken" {
				t.Errorf("recovered %v", value)
			}
		}()
		for range seq {
			panic("broken")
		}
	}()
	var wg sync.WaitGroup
	wg.Go(func() {
		for range seq {
			runtime.Goexit()
		}
	})
	wg.Wait()
	if rest := slices.Collect(seq); len(rest) != 2 {
		t.Errorf("%d values left of 5", len(rest))
	}
}

func TestPrioritizeConcurrent(t *testing.T) {
	high, low := make(chan int), make(chan int)
	var sum [4]int
	seq := PrioritizeWeighted(t.Context(), 2, high, low)
	var workers sync.WaitGroup
	for i := range sum {
		workers.Go(func() {
			for value := range seq {
				sum[i] += value
			}
		})
	}
	var senders sync.WaitGroup
	for _, c := range []chan int{high, low} {
		senders.Go(func() {
			defer close(c)
			for i := range 200 {
				c <- i
			}
		})
	}
	senders.Wait()
	workers.Wait()
	if total := sum[0] + sum[1] + sum[2] + sum[3]; total != 2*19900 {
		t.Errorf("sum %d", total)
	}
}

// A value of the important channel costs less than in a plain select: an attempt
// to receive from one channel is a single check, and a select over three cases
// is more than 1.5 times as slow. A value of the other channel pays for a failed
// attempt and a select, less than 2 times a plain one. Neither allocates. This
// is measured with values that are ready.
//
//claim:ask What does a priority select cost compared to a plain one?
//claim:expect ns/op of=plain > 1.5x of=high
//claim:expect ns/op of=low < 2x of=plain
//claim:expect allocs/op of=high == 0
//claim:expect allocs/op of=low == 0
//claim:source runtime/select.go
func BenchmarkPrioritize(b *testing.B) {
	b.Run("of=plain", func(b *testing.B) {
		high, low := make(chan int, 1), make(chan int, 1)
		done := b.Context().Done()
		b.ReportAllocs()
		for b.Loop() {
			high <- 1
			select {
			case <-high:
			case <-low:
			case <-done:
			}
		}
	})
	for _, of := range []string{"high", "low"} {
		b.Run("of="+of, func(b *testing.B) {
			channels := map[string]chan int{"high": make(chan int, 1), "low": make(chan int, 1)}
			c := channels[of]
			c <- 1
			b.ReportAllocs()
			for range Prioritize(b.Context(), channels["high"], channels["low"]) {
				if !b.Loop() {
					break
				}
				c <- 1
			}
		})
	}
}
