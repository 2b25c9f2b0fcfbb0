package optimizing

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	runtimepprof "runtime/pprof"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func profVersions() (before, after *profile.Profile) {
	return profShape(time.Second, profStack{"main parse", 600, nil}, profStack{"main send", 400, nil}),
		profShape(time.Second, profStack{"main parse", 200, nil}, profStack{"main send", 400, nil}, profStack{"main cache", 100, nil})
}

// With go tool pprof -diff_base=OLD NEW. It subtracts the old profile: what has
// become cheaper is negative, what is new is positive, and the percentages,
// printed without a sign, are shares of the old total: here parse is down by 400
// ms of 1 s, 40%. For a change of the program use it on two profiles of the same
// work and length. A function that was renamed or is now inlined moves its time
// elsewhere, so look at the callers too.
//
//claim:ask How do I compare the profiles before and after an optimization?
//claim:source https://github.com/google/pprof/blob/main/doc/README.md
func TestProfBaseDiff(t *testing.T) {
	before, after := profVersions()
	diff := profPprof(t, "-top -nodefraction=0 -diff_base=PROFILEB", after, before)
	require.Regexp(t, "^-400ms 40.00% ", profTopRow(diff, "parse"))
	require.Regexp(t, "^100ms 10.00% ", profTopRow(diff, "cache"))
	require.Regexp(t, `^0 0% .* -300ms 30.00%$`, profTopRow(diff, "main"))
	require.Empty(t, profTopRow(diff, "send"), "unchanged")
}

// -base is for two snapshots of one program of which the later contains the
// earlier, such as heap, block or mutex profiles, whose numbers only grow: the
// difference is what happened between, and percentages are shares of that
// difference. -diff_base is for two versions: percentages are shares of the old
// profile. The subtraction is the same. With -normalize the old profile is first
// scaled to the total of the new one: then only shares are compared, which helps
// if the loads differ.
//
//claim:ask What is the difference between -base and -diff_base in pprof?
//claim:source https://github.com/google/pprof/blob/main/doc/README.md
func TestProfBaseOrDiffBase(t *testing.T) {
	early := profShape(time.Second, profStack{"main fill", 600, nil}, profStack{"main leak", 100, nil})
	late := profShape(time.Second, profStack{"main fill", 600, nil}, profStack{"main leak", 300, nil})
	require.Regexp(t, "^200ms 100% ", profTopRow(profPprof(t, "-top -base=PROFILEB", late, early), "leak"), "of the difference")
	require.Regexp(t, "^200ms 28.57% ", profTopRow(profPprof(t, "-top -diff_base=PROFILEB", late, early), "leak"), "of 700 ms")

	double := profShape(time.Second, profStack{"main fill", 1200, nil}, profStack{"main leak", 200, nil})
	require.NotEmpty(t, profTopRow(profPprof(t, "-top -diff_base=PROFILEB", double, early), "leak"))
	require.Empty(t, profTopRow(profPprof(t, "-top -normalize -diff_base=PROFILEB", double, early), "leak"), "twice the load, same shares")
}

// Pass them all to go tool pprof: their samples are added up. So profiles of
// several instances, or short ones from different hours, become one that is
// representative, which is also what profile-guided optimization wants (go tool
// pprof -proto a b > default.pgo). They must be of one kind.
//
//claim:ask Can profiles of several instances be combined?
//claim:source https://go.dev/doc/pgo
func TestProfBaseMerge(t *testing.T) {
	before, after := profVersions()
	require.Regexp(t, "^800ms 47.06% ", profTopRow(profPprof(t, "-top", before, after), "parse"))
	merged, err := profile.Merge([]*profile.Profile{before, after})
	require.NoError(t, err)
	require.EqualValues(t, 800e6, profSum(t, merged, "cpu", "^parse$"))
	_, err = profile.Merge([]*profile.Profile{before, profLookup(t, "goroutine")})
	require.Error(t, err, "another kind")
}

// Since the start of the process: allocs, block and mutex, and the alloc views of
// heap, count from the first moment on and are never reset. The startup is in
// them, and a burst of today is small beside the weeks before. For the present
// take two and subtract, or let the server do it with ?seconds=30. The inuse
// views and the goroutine profile are a state now; the CPU profile and the trace
// cover the time between start and stop.
//
//claim:ask Which time does a profile cover: since the start of the program, or the last seconds?
//claim:source https://pkg.go.dev/net/http/pprof
func TestProfBaseCumulative(t *testing.T) {
	proof.OnceUnderRace(t)
	profEvents(t)
	count := func() int64 {
		return profEventSum(t, "block", "contentions", `optimizing\.profWaitChannel$`)
	}
	wait := func(n int) {
		for range n {
			values, done := make(chan int), make(chan bool)
			go func() { profWaitChannel(values); done <- true }()
			profWaitIn(t, "profWaitChannel", "chan receive", 1)
			values <- 1
			<-done
		}
	}
	start := count()
	wait(3)
	require.EqualValues(t, 3, count()-start)
	wait(2)
	require.EqualValues(t, 5, count()-start, "writing it has not reset it")
	heap := profHeapOf(t, profFourViews)
	allocated := profSum(t, heap, "alloc_objects", `optimizing\.profDropSmall$`)
	heap = profHeapOf(t, profFourViews)
	require.Greater(t, profSum(t, heap, "alloc_objects", `optimizing\.profDropSmall$`), allocated)
	require.EqualValues(t, 1000, profSum(t, heap, "inuse_objects", `optimizing\.profKeepSmall$`)-1, "and the slice of them")
}

// ?seconds=N on heap, allocs, block, mutex, goroutine or threadcreate waits N
// seconds and sends the difference, so the counters since the start of the
// process do not hide the present. For profile and trace it is the length of the
// recording, 30 seconds and 1 second by default. With debug=1 a difference is
// refused.
//
//claim:ask How do I get the allocations or lock waits of only the last 30 seconds from a running server?
//claim:source https://pkg.go.dev/net/http/pprof
func TestProfHTTPSeconds(t *testing.T) {
	profEvents(t)
	synctest.Test(t, func(t *testing.T) {
		get := func(query string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			pprof.Handler("block").ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/debug/pprof/block"+query, nil))
			return w
		}
		profDelayed(time.Second)
		done := make(chan *httptest.ResponseRecorder)
		start := time.Now()
		go func() { done <- get("?seconds=30") }()
		synctest.Wait()
		profDelayed(5 * time.Second)
		profDelayed(5 * time.Second)
		delta := <-done
		require.GreaterOrEqual(t, time.Since(start), 30*time.Second)
		p, err := profile.ParseData(delta.Body.Bytes())
		require.NoError(t, err)
		require.EqualValues(t, 2, profSum(t, p, "contentions", `optimizing\.profDelayed$`), "not the one before")
		require.Equal(t, http.StatusBadRequest, get("?seconds=30&debug=1").Code)
	})
}

// profDelayed waits for a channel that another goroutine closes.
//
//go:noinline
func profDelayed(d time.Duration) {
	done := make(chan bool)
	go func() { time.Sleep(d); close(done) }()
	<-done
}

// Importing net/http/pprof registers /debug/pprof/ in http.DefaultServeMux and
// nowhere else. If the public server uses that mux, anybody can read the command
// line, see the names of your functions and start recordings. So give the public
// server a mux of its own, register the handlers in another mux, and serve that
// at an address that only operators reach. Index serves every named profile below
// /debug/pprof/; cmdline, profile, symbol and trace need a line each. Keep that
// path, Index cuts it off.
//
//claim:ask Is it safe to import net/http/pprof in production, and how do I put it on another port?
//claim:source https://pkg.go.dev/net/http/pprof
func TestProfHTTPMux(t *testing.T) {
	get := func(h http.Handler, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		return w
	}
	require.Equal(t, http.StatusOK, get(http.DefaultServeMux, "/debug/pprof/cmdline").Code, "by the import alone")
	public := http.NewServeMux()
	require.Equal(t, http.StatusNotFound, get(public, "/debug/pprof/cmdline").Code)

	operators := http.NewServeMux()
	operators.HandleFunc("/debug/pprof/", pprof.Index)
	operators.HandleFunc("/debug/pprof/profile", pprof.Profile)
	operators.HandleFunc("/debug/pprof/trace", pprof.Trace)
	for _, p := range runtimepprof.Profiles() {
		if p.Name() == "goroutineleak" || strings.Contains(p.Name(), "/") {
			continue // a collection, and profiles of our own
		}
		reply := get(operators, "/debug/pprof/"+p.Name())
		require.Equal(t, http.StatusOK, reply.Code, p.Name())
		_, err := profile.ParseData(reply.Body.Bytes())
		require.NoError(t, err, p.Name())
	}
	require.Contains(t, get(operators, "/debug/pprof/").Body.String(), "goroutine?debug=1")
	require.Equal(t, http.StatusNotFound, get(operators, "/debug/pprof/cmdline").Code, "not registered")

	moved := http.NewServeMux()
	moved.HandleFunc("/internal/", pprof.Index)
	require.NotContains(t, get(moved, "/internal/heap").Header().Get("Content-Type"), "octet-stream", "not a profile")
}

// The profiles tell where something happens, by stack. CPU: where the CPU time
// goes. heap: what holds memory now; allocs: what allocates. goroutine: what
// every goroutine is doing now. block: where goroutines waited for channels and
// locks; mutex: who made others wait for a lock. threadcreate: the number of
// threads. goroutineleak (Go 1.27): goroutines that nothing can wake. All but CPU
// are found by pprof.Lookup; block and mutex have to be switched on. Besides them
// there is the execution trace, which tells when and why.
//
//claim:ask What is pprof, which kinds of profile are there, and what does each answer?
//claim:source https://pkg.go.dev/runtime/pprof#Profile
func TestProfKinds(t *testing.T) {
	proof.OnceUnderRace(t)
	var names []string
	for _, p := range runtimepprof.Profiles() {
		names = append(names, p.Name())
	}
	require.Subset(t, names, []string{"allocs", "block", "goroutine", "heap", "mutex", "threadcreate"})
	require.True(t, slices.IsSorted(names))
	require.Nil(t, runtimepprof.Lookup("cpu"), "it has functions of its own")

	profEvents(t)
	heap := profHeapOf(t, profFourViews)
	require.Positive(t, profSum(t, heap, "inuse_space", `optimizing\.profKeepLarge$`))
	require.Positive(t, profSum(t, profLookup(t, "allocs"), "alloc_space", `optimizing\.profDropLarge$`))
	profCrowd(t, newProfTally(1), 4)
	require.Positive(t, profEventSum(t, "block", "delay", `\(\*profTally\)\.add$`))
	require.Positive(t, profEventSum(t, "mutex", "delay", `\(\*profTally\)\.add$`))
	require.Positive(t, profSum(t, profLookup(t, "goroutine"), "goroutine", `optimizing\.TestProfKinds$`))
	require.Positive(t, profSumAll(profLookup(t, "threadcreate")))
	var text bytes.Buffer
	require.NoError(t, runtimepprof.Lookup("goroutine").WriteTo(&text, 1))
	require.Contains(t, text.String(), "goroutine profile: total")
}
