package reflection

import (
	"reflect"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// The cases are a slice, and one call is one select. The index says which case
// ran. A receive yields the Value and ok, as v, ok := <-c does; a send case has
// its value in Send, and after it the other results say nothing. A
// SelectDefault case makes the call return at once. Wrong combinations panic:
// two defaults, a receive with a Send, a zero Dir. Nothing is checked before
// run time, so build the cases in one place.
//
//claim:ask How do you use reflect.Select with send, receive and default cases?
//claim:source https://pkg.go.dev/reflect#SelectCase
func TestRSelectCases(t *testing.T) {
	in, out := make(chan int, 1), make(chan string, 1)
	cases := []reflect.SelectCase{
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(in)},
		{Dir: reflect.SelectSend, Chan: reflect.ValueOf(out), Send: reflect.ValueOf("x")},
		{Dir: reflect.SelectDefault},
	}
	chosen, v, ok := reflect.Select(cases)
	require.Equal(t, 1, chosen)
	require.False(t, v.IsValid() || ok, "sent")
	require.Equal(t, "x", <-out)
	out <- "full"
	chosen, v, ok = reflect.Select(cases)
	require.Equal(t, 2, chosen, "default")
	require.False(t, v.IsValid() || ok)
	in <- 7
	chosen, v, ok = reflect.Select(cases)
	require.Equal(t, 0, chosen)
	require.True(t, ok)
	require.EqualValues(t, 7, v.Int())
	close(in)
	_, v, ok = reflect.Select(cases[:1])
	require.False(t, ok)
	require.True(t, v.IsValid(), "the zero of the element type")

	for want, c := range map[string]reflect.SelectCase{
		"reflect.Select: multiple default cases":                             {Dir: reflect.SelectDefault},
		"reflect.Select: RecvDir case has Send value":                        {Dir: reflect.SelectRecv, Chan: reflect.ValueOf(in), Send: reflect.ValueOf(1)},
		"reflect.Select: invalid Dir":                                        {},
		"reflect.Select: default case has Chan value":                        {Dir: reflect.SelectDefault, Chan: reflect.ValueOf(in)},
		"reflect.Select: SendDir case using recv-only channel":               {Dir: reflect.SelectSend, Chan: reflect.ValueOf((<-chan int)(in)), Send: reflect.ValueOf(1)},
		"reflect.Select: value of type int is not assignable to type string": {Dir: reflect.SelectSend, Chan: reflect.ValueOf(out), Send: reflect.ValueOf(1)},
	} {
		others := []reflect.SelectCase{{Dir: reflect.SelectDefault}}
		if want == "reflect.Select: default case has Chan value" {
			others = nil
		}
		require.Equal(t, want, lawsPanic(func() { reflect.Select(append(others, c)) }))
	}
}

// A closed channel is always ready, so its case must be taken out, or the loop spins and
// starves the others. Set Chan to the zero Value: such a case is never ready, like a nil
// channel, and the indexes of the others stay. End the loop when no case is left.
//
//claim:ask My loop around reflect.Select spins after a channel was closed. What is missing?
//claim:source https://pkg.go.dev/reflect#Select
func TestRSelectClosed(t *testing.T) {
	closed, open := make(chan int), make(chan int, 1)
	close(closed)
	cases := rselectCases([]chan int{closed, open})
	for range 3 {
		chosen, _, ok := reflect.Select(cases)
		require.Equal(t, 0, chosen, "again and again")
		require.False(t, ok)
	}
	cases[0].Chan = reflect.Value{}
	open <- 5
	chosen, v, _ := reflect.Select(cases)
	require.Equal(t, 1, chosen)
	require.EqualValues(t, 5, v.Int())

	synctest.Test(t, func(t *testing.T) {
		c := make(chan int)
		returned := false
		go func() {
			reflect.Select(rselectCases([]chan int{nil, c}))
			returned = true
		}()
		synctest.Wait()
		require.False(t, returned, "blocked")
		close(c)
		synctest.Wait()
		require.True(t, returned)
	})
}

// Select and forwarding goroutines both deliver every value once, in the order
// of each channel, and end when all channels are closed. Select needs no
// further goroutine and takes a value only when the consumer asks for one; each
// forwarding goroutine takes a value ahead and holds it until it is asked for.
//
//claim:ask What are the differences in behaviour between reflect.Select and a goroutine per channel?
//claim:source https://go.dev/blog/pipelines
func TestRSelectMerge(t *testing.T) {
	filled := func() []chan int {
		channels := make([]chan int, 5)
		for i := range channels {
			channels[i] = make(chan int, 3)
			for k := range 3 {
				channels[i] <- 10*i + k
			}
			close(channels[i])
		}
		return channels
	}
	check := func(got []int) {
		for i := range 5 {
			own := slices.DeleteFunc(slices.Clone(got), func(v int) bool { return v/10 != i })
			require.Equal(t, []int{10 * i, 10*i + 1, 10*i + 2}, own)
		}
	}
	var selected, merged []int
	rselectAll(filled(), func(v int) { selected = append(selected, v) })
	check(selected)
	for v := range rselectMerge(filled()) {
		merged = append(merged, v)
	}
	check(merged)

	synctest.Test(t, func(t *testing.T) {
		c := []chan int{make(chan int, 1)}
		c[0] <- 1
		merged := rselectMerge(c)
		synctest.Wait()
		require.Empty(t, c[0], "taken before anybody asked")
		require.Equal(t, 1, <-merged)
		close(c[0])
		_, open := <-merged
		require.False(t, open)
	})
}

// The select statement does not allocate; reflect.Select allocates for every
// received value, because it returns the value as a Value. With more than four
// cases it allocates a list of them for every call as well, and a small object
// per receive case. Keep the slice of cases between calls; the rest cannot be
// avoided.
//
//claim:ask Does reflect.Select allocate?
//claim:source reflect/value.go
func TestRSelectAllocs(t *testing.T) {
	c := make(chan int, 1)
	other := make(chan int)
	proof.WantAllocs(t, 0, func() {
		c <- 1
		select {
		case <-c:
		case <-other:
		}
	})
	perCall := func(n int) float64 {
		channels := []chan int{c}
		for len(channels) < n {
			channels = append(channels, other)
		}
		cases := rselectCases(channels)
		return testing.AllocsPerRun(20, func() {
			c <- 1
			reflect.Select(cases)
		})
	}
	require.GreaterOrEqual(t, perCall(1), 1.0)
	require.Greater(t, perCall(64), 64.0)
	require.Greater(t, perCall(5)-perCall(4), 1.0, "the case and the list")
}

// Goroutines are the faster way for many channels: each call of reflect.Select
// sorts all channels and locks them, so a value costs time in proportion to the
// number of channels. At 512 it is more than 10 times the price of a value that
// passes through one of 512 goroutines, which hardly depends on the number. For
// 8 channels reflect.Select costs more than 1.5 times as much as a select
// statement. On the other side, goroutines take a stack each and must be ended;
// for a handful of channels or rare events, take what is simpler. The times are
// those of one processor.
//
//claim:ask How does reflect.Select compare with fan-in by one goroutine per channel in speed?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=reflect grows n^1
//claim:expect ns/op of=reflect,n=512 > 10x of=goroutines,n=512
//claim:expect ns/op of=goroutines,n=512 < 4x of=goroutines,n=8
//claim:expect ns/op of=reflect,n=8 > 1.5x of=statement,n=8
//claim:source runtime/select.go
func BenchmarkRSelectCost(b *testing.B) {
	newChannels := func(n int) []chan int {
		channels := make([]chan int, n)
		for i := range channels {
			channels[i] = make(chan int, 1)
		}
		return channels
	}
	b.Run("of=statement/n=8", func(b *testing.B) {
		c := newChannels(8)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c[i%8] <- i
			rselectStatement(c)
		}
	})
	viaReflect := func(b *testing.B, n int) {
		c := newChannels(n)
		cases := rselectCases(c)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c[i%n] <- i
			reflect.Select(cases)
		}
	}
	b.Run("of=reflect/n=8", func(b *testing.B) { viaReflect(b, 8) })
	b.Run("of=reflect/n=64", func(b *testing.B) { viaReflect(b, 64) })
	b.Run("of=reflect/n=512", func(b *testing.B) { viaReflect(b, 512) })
	viaGoroutines := func(b *testing.B, n int) {
		c := newChannels(n)
		merged := rselectMerge(c)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c[i%n] <- i
			<-merged
		}
		for i := range c {
			close(c[i])
		}
		<-merged
	}
	b.Run("of=goroutines/n=8", func(b *testing.B) { viaGoroutines(b, 8) })
	b.Run("of=goroutines/n=512", func(b *testing.B) { viaGoroutines(b, 512) })
}

// rselectStatement receives from one of eight channels.
func rselectStatement(c []chan int) (v int) {
	select {
	case v = <-c[0]:
	case v = <-c[1]:
	case v = <-c[2]:
	case v = <-c[3]:
	case v = <-c[4]:
	case v = <-c[5]:
	case v = <-c[6]:
	case v = <-c[7]:
	}
	return v
}

func TestRSelectStatement(t *testing.T) {
	channels := make([]chan int, 8)
	for i := range channels {
		channels[i] = make(chan int, 1)
	}
	cases := rselectCases(channels)
	for i, c := range channels {
		c <- 10 * i
		require.Equal(t, 10*i, rselectStatement(channels))
		c <- 10 * i
		chosen, v, ok := reflect.Select(cases)
		require.True(t, ok)
		require.Equal(t, i, chosen)
		require.EqualValues(t, 10*i, v.Int())
	}
}
