// Package optimizing shows how to make Go code faster, one measured step at a
// time, as claims that are executed.
//
// A name in parentheses, such as (StudyFields), is a claim: the doc comment of a
// Test, Example or Benchmark of this package. It answers one question in full,
// says when the answer does not hold, and is proven by the function it documents:
//
//	go run ./cmd/claims show optimizing.StudyFields    # question, answer, proof
//	make verify CLAIM=optimizing.StudyFields           # judge it on this machine
//	make verify TOPIC=optimizing                       # judge all of them
//
// The lesson begins with a method, applied to a whole program with commands to
// paste. Then it goes through what the method finds: a catalogue of pairs,
// before and after, each with the ratio that it must keep. A ratio belongs to a
// mechanism, not to a machine; where the hardware decides, the claim says so.
//
// # The case study: a program becomes faster
//
// Package [github.com/go-deep-dive/godeep/optimizing/accesslog] is a program that
// summarizes the access log of a web server. All its versions are in
// [StudySteps], and -step chooses one. Build it, make a log of a million lines, and
// look at how long the first version takes:
//
//	go build -o out/ ./optimizing/accesslog
//	out/accesslog -generate 1000000 > out/access.log
//	time out/accesslog -step 0 out/access.log
//
// That is the measurement. Every change is judged by it, not by how the code looks.
// Now the profile, which says where the time goes:
//
//	out/accesslog -step 0 -cpuprofile out/cpu0.pb.gz out/access.log > out/report0
//	go tool pprof -top -cum -nodecount 15 out/accesslog out/cpu0.pb.gz
//
// The column cum is the time in a function and in all it calls. Package regexp has
// more than half of it, so the hypothesis is that a line can be taken apart in a
// cheaper way. What has a small share cannot matter yet (StudyShareLimits). The
// change is bytes.Cut at fixed delimiters; the whole program is more than 1.5
// times faster (StudyFields), and the report must be the same (StudySameReport):
//
//	out/accesslog -step 1 out/access.log | cmp - out/report0
//	out/accesslog -step 1 -cpuprofile out/cpu1.pb.gz out/access.log > out/report1
//	go tool pprof -top -cum -nodecount 15 out/accesslog out/cpu1.pb.gz
//
// The new profile is another one. time.Parse, which was small beside regexp, is now a
// tenth or more. It is called for each line although almost all lines lie in the same
// minute as the line before, so step 2 keeps the last minute (StudyMinutes). After
// that no function stands out, but the allocator is everywhere. Which code makes
// the garbage is what the allocation profile says, in objects:
//
//	out/accesslog -step 2 -memprofile out/mem2.pb.gz out/access.log > out/report2
//	go tool pprof -top -sample_index=alloc_objects out/accesslog out/mem2.pb.gz
//	go tool pprof -list studyPath -sample_index=alloc_objects out/accesslog out/mem2.pb.gz
//
// A string is built for each line, only to be looked up in a map. Step 3 does
// that in a buffer that is used again (StudyBytes). What is left, now in bytes, are
// the durations that are kept for their percentiles:
//
//	out/accesslog -step 3 -memprofile out/mem3.pb.gz out/access.log > out/report3
//	go tool pprof -top -sample_index=alloc_space out/accesslog out/mem3.pb.gz
//
// Step 4 counts them instead of keeping them, so that memory no longer grows with
// the log (StudyCounts). Then one core does its work well, and it is time to use the
// others (StudyParallel). The result, against the first version: more than 3 times
// faster on one core, with less than a twentieth of the allocations (Study):
//
//	time out/accesslog -step 4 out/access.log
//	time out/accesslog -step 5 out/access.log
//	go run ./cmd/claims verify -run 'optimizing\.Study' ./optimizing
//
// It ends here because the profile is flat: reading the file and finding the
// delimiters, which are the task itself, have the largest shares (StudyStop):
//
//	out/accesslog -step 4 -cpuprofile out/cpu4.pb.gz out/access.log > out/report4
//	go tool pprof -top -nodecount 15 out/accesslog out/cpu4.pb.gz
//
// # Profiles
//
// Every profile counts stacks and answers one question: the CPU profile where
// time goes, heap what is held, allocs what is made, goroutine what is
// happening now, block who waits, mutex who makes others wait (ProfKinds). Read
// the header first: a total far below the duration means that the program waits
// (ProfReadTotal, ProfCPUOnlyRunning). Flat is the time in a function itself,
// cum adds what it calls. From a high flat go to its callers with -peek, and to
// lines with -list (ProfReadFlatCum, ProfReadPeek, ProfReadList). The width in
// a flame graph is a share, and its order is not time (ProfReadFlame). If
// mallocgc, memmove or gcBgMarkWorker are on top, the answer is in the code
// that calls them, and in the allocation profile (ProfCPURuntimeOnTop,
// ProfHeapViews).
//
// The four views of the heap can name four different functions. They are as of the last
// collection, they are samples, and they name the maker and not the holder (ProfHeapViews,
// ProfHeapLag, ProfHeapSampling, ProfHeapHolder). Block and mutex profiles are
// off and have to be switched on before the load comes (ProfMutexOff,
// ProfBlockRate). The mutex profile names the holder and the block profile the
// victim; sharding must make the sample disappear (ProfMutex, ProfMutexSharded).
// Labels divide profiles by route or customer; keep their values
// few, and set them again in workers (ProfLabels, ProfLabelsInherited,
// ProfLabelsCardinality).
//
// For latency with an idle CPU, for the time spent runnable, and for when and why, take an
// execution trace of a few seconds (ProfTraceWaiting, ProfTraceRunnable,
// ProfTraceSize). Prove the improvement with -diff_base; subtract cumulative
// profiles with -base or ?seconds (ProfBaseDiff, ProfBaseOrDiffBase,
// ProfBaseCumulative, ProfHTTPSeconds). A CPU profile is cheap enough for production;
// serve the handlers from a mux of their own (ProfCPUCost, ProfHTTPMux).
//
// # Measuring
//
// The algorithm comes first (MethodologyAlgorithm), then the stage that is the
// slowest (MethodologyBottleneck), after you know whether the program computes or
// waits (MethodologyCPUTime). Report percentiles (MethodologyMean,
// MethodologyFanOut) of enough requests (MethodologySamples), never their average
// (MethodologyAveragePercentile), from the time that was planned
// (MethodologyCoordinatedOmission), at the load of production (MethodologyQueue,
// MethodologyLatencyThroughput). Guard what you won by counts
// (MethodologyCounts), time many operations at once (MethodologyTimeEach), and
// judge a cache by its misses (MethodologyCache, MethodologyHitRate).
//
// # Benchmarks that lie
//
// The compiler removes work whose result nobody uses (BenchLieDeadCode), and
// since Go 1.27 it also moves work that is the same in each iteration out of a
// b.Loop (BenchLieInvariant). What is in the loop is what is measured: a regular
// expression that is compiled there (BenchLieRegexp), an array that is copied
// (BenchLieArray). It is not the work you meant if the input is sorted after the
// first iteration (BenchLieSorted), small enough to be learned by the processor
// (BenchLieWarm) or of size b.N (BenchLieSize). Setup counts unless the timer is
// reset or b.Loop is used (BenchLieSetup, BenchLieCalls, BenchLieStopTimer). The
// result of a parallel benchmark is no latency (BenchLieParallel), and 0
// allocs/op is rounded (BenchLieRounding). One run before and one after say
// nothing; compare medians of several (BenchLieOneRun, BenchLieMean).
//
// # Pools, the collector, unsafe
//
// A pool comes after the stack (PoolRightStackFirst) and after a variable before
// the loop (PoolRightLoop). It pays for large objects with a Reset
// (PoolRightCompressor), and a single goroutine has something faster
// (PoolRightFreeList). What goes wrong with pools is data of others
// (PoolRightReset), objects held (PoolRightHolds), two owners (PoolRightTwice)
// and mixed sizes (PoolRightSizes); arenas are no way out (PoolRightArena).
//
// Look for the collector in the profile (ProfCPURuntimeOnTop), allocate less
// first (GCTuneFewerAllocs), then trade memory with GOGC (GCTuneGOGC), and never
// call runtime.GC for each request (GCTuneForced).
//
// Package unsafe saves a copy (UnsafeTrickString), and nothing where the
// compiler does it already (UnsafeTrickLookup, UnsafeTrickBounds,
// UnsafeTrickCast). Its price is keys that change (UnsafeTrickMapKey) and buffers
// that are held (UnsafeTrickHolds).
//
// # Start-up and size
//
// Do not compute what nobody asked for (LazyInitArgument, LazyInitPackageLevel),
// warm up before you report ready (LazyInitFirstCall), and connect at the same
// time (LazyInitStartTogether). A smaller binary is not faster (BinSizeLoaded):
// -s removes symbols and debug information, and panics stay readable
// (BinSizeStripped, BinSizeTrimpath, BinSizeBuildInfo). Size comes from imports
// (BinSizeImports), methods found by name (BinSizeMethodByName), what init
// reaches (BinSizeDeadCode), shapes of generic code (BinSizeGenerics) and
// embedded files (BinSizeEmbed).
//
// # Concurrency
//
// A goroutine needs work that is worth it (ConcurrencyCostBreakEven,
// ConcurrencyCostRecursion). Share once per worker and not per item
// (ConcurrencyCostLocal, ConcurrencyCostResults, ConcurrencyCostCopy).
//
// # Memory and strings
//
// Give make the number you know: append alone leaves arrays behind, and a map
// that grows hashes its entries again (PreallocSlice, PreallocMap,
// PreallocCollections). A guess that is too small costs little, one that is far
// too large costs more than none, and a number from outside needs a limit
// (PreallocWrongGuess, PreallocMapTooLarge, PreallocUntrusted). Better still is
// to keep the memory: s[:0] and the Append functions leave no allocation, while
// Reset of a Builder drops its memory (PreallocReuse, StringBuildReset,
// StringBuildAppenders).
//
// One expression of + is the best for a few parts, and + in a loop copies with
// the square of the parts; use Join or a Builder that was grown there
// (StringBuildFewParts, StringBuildQuadratic, StringBuildLadder). Write string(b)
// directly where it is used, in an index or a switch; in a variable it may copy,
// and m[string(b)]++ always allocates (ConvertDirectly, ConvertIncrement). Stay
// with one type and use the twin package; strconv.Atoi(string(b)) needs no trick
// (ConvertTwin, ConvertAtoi, ConvertWriteString). In hot code strconv replaces
// fmt; measure with numbers above 255, because small ones are free
// (StrconvFmtInt, StrconvFmtScan, StrconvFmtSmall, StrconvFmtAppendf).
//
// # Bytes, bits and patterns
//
// Search bytes with the functions of bytes and strings, test sets of bytes with
// a table, and take one field with Cut; none of these needs the runes of a text
// if what you look for is ASCII (ByteLoopIndexByte, ByteLoopTable, ByteLoopSplit,
// ByteLoopRange). The functions of strings return their argument if nothing
// changes, len([]rune(s)) does not allocate, EqualFold compares without a copy,
// and a Replacer is made once (ByteLoopUnchanged, ByteLoopRuneCount,
// ByteLoopFold, ByteLoopReplacer). For small integers a bitset replaces a map: 64
// elements for each instruction, ordered iteration, but memory for the largest
// number (Bitset, BitsetIntersect, BitsetAll, BitsetMemory, BitsetTricks).
// Compile a regular expression once and share it, begin it with a literal, ask
// only for what you need; its time is linear in the text, but grows with
// written-out repetitions (RegexCostCompile, RegexCostShared, RegexCostPrefix,
// RegexCostAllocs, RegexCostLinear, RegexCostRepeat).
//
// # Sorting, keys and caches
//
// Sort with slices.Sort or SortFunc; sort.Slice is slower and allocates, while
// sort.Ints has become the same (SortCost, SortCostInts). For the k largest keep
// a heap of k, and compute expensive keys once (SortCostTop, SortCostDecorate).
// Stability costs comparisons, and a second key may replace it (SortCostSorted,
// SortCostStable). Compare with cmp.Compare, not with a subtraction
// (SortCostSubtract). Take a struct or an array as the key of a map: a joined
// string is built for each lookup, and two keys may collide (MapKeyCost,
// MapKeyCostCollision, MapKeyCostNested, MapKeyCostArray). A cache in front of a
// cheap function makes it slower; memoization changes the order of growth, and a
// loop may do without it (MemoCost, MemoCostRecursion). Hash with maphash in
// memory and with a fixed function for what is stored (HashCost, HashCostSeed,
// HashCostAllocs, HashCostComparable).
//
// # Buffers, batches, time and logs
//
// Small writes cost system calls: a few KiB of buffer remove nearly all of them,
// the error appears at Flush, and a second buffer or a Flush for each line
// undoes the gain (Buffering, BufferingSize, BufferingError, BufferingTwice,
// BufferingFprintf). Read lines with the Bytes of a Scanner, and let io.Copy use
// WriteTo or ReadFrom before you think of its buffer (BufferingLines,
// BufferingCopy). Have one bufio.Reader per connection, use it again with Reset,
// and copy scanned bytes that you keep (BufferingTrapLost, BufferingTrapReset,
// BufferingTrapBytes). A batch pays a fixed cost once: share one sync between the
// records that wait, ask for many items in one round trip, take the smallest
// batch that makes the fixed cost small, and do not reuse a batch that somebody
// else still has (BatchingGroupCommit, BatchingRoundTrips, BatchingSize,
// BatchingChunk, BatchingReuse, BatchingBuffers).
//
// Ask for the time once for a batch, append it as RFC 3339, and load a location
// once (TimeCostNow, TimeCostFormat, TimeCostLocation). A disabled log line
// still computes its arguments and boxes them; pass values, use LogAttrs in hot
// paths, and turn logs off with slog.DiscardHandler (LogCostDisabled,
// LogCostAttrs, LogCostDiscard). Each log line is one system call: give common
// attributes once with With, and log less before you buffer (LogCostWith,
// LogCostWrites, LogCostSource).
//
// # Layout and data structures
//
// Before you change a layout, count the cache lines that the loop touches
// (LayoutLines). Splitting hot from cold fields pays for large records
// (LayoutHotCold, LayoutTogether). Columns suit scans over one field, structs
// suit access to whole records, and small structs gain little (SoaOrStructs,
// SoaSmall, SoaMemory). A []*T costs when it is built, when it is read out of
// order and at each collection (PointerSliceBuild, PointerSliceIterate,
// PointerSliceGC); for some things you need it (PointerSliceWhen,
// PointerSliceSort). Pointers to small structs save nothing: returning them
// allocates, and a value receiver of a few words is cheap (LayoutReturn,
// LayoutReceiver, LayoutOptional).
//
// Addresses that are known early matter more than the number of accesses
// (LocalityDependent, LinkedListInsert), real data sizes more than small ones
// (LocalityWorkingSet), and loops go along rows (LocalityLoopOrder,
// LocalityPowerOfTwo, LocalityMatrix).
//
// A map is for many or unknown keys; a few keys fit a slice, small integers an
// array, constants a switch (MapSliceCrossover, MapSliceArray, SwitchMapStrings,
// SwitchMapTable). Do not pay for a map twice: one lookup per update, no set for
// one question, no clear of a map that once was huge (MapSliceUpdate,
// MapSliceOneLookup, MapSliceClear).
//
// The same code depends on its data: branches that cannot be guessed and mixed
// types are slow (BranchSorted, BranchFilter, BranchMixedTypes), checks that
// never fail are nearly free (BranchNeverTaken), and often the compiler has
// removed the branch already (BranchCompiler). Iterators and functions of
// package slices cost nothing where they are inlined (RangeFunc,
// GenericsContains); iter.Pull, nested iterators and chains over slices do
// (RangePull, RangeTree, GenericsChain), and a function parameter beats a
// method of a type parameter (GenericsFunction).
//
// Replace pointers in large data by indexes, offsets and numbers
// (FewPointersObjects, FewPointersTree, FewPointersDictionary), and pay with
// stale indexes that nobody checks (FewPointersStale). Before sharding, take
// the lock less often or give each worker its own part (ShardBatch,
// ShardPerWorker); shards do not help with a hot key or on one core
// (ShardHotKey, ShardOneCore, ShardConflict). Divide slices in pieces and add
// in local variables, so that no cache line is written by two cores
// (FalseShareChunks, FalseShareNeighbours, FalseShareLocal).
//
// # What the compiler does by itself
//
// A function whose cost is at most 80 disappears into its callers, and what that makes
// possible often matters more than the call (InlineCall, InlineBudget). Loops, closures
// and switches no longer prevent it; go, defer, recover and size do
// (InlinePrevented). Put the usual case into a small function and the rest into
// another one (InlineFastPath). A method of an interface is called directly, and
// inlined, where the compiler sees the type; elsewhere a type assertion to the usual
// type does the same (Devirtualization, InterfaceCall, GuardedCall). The compiler neither
// vectorizes nor unrolls. It does turn constants, divisors and small ifs into
// cheap instructions (NoAutoVectorization, ConstantBranch, Division,
// BranchlessMin). Know what to call instead of writing a loop: copy, math/bits
// (CopyLoop, CountBits, LoopIdioms).
//
// # Helping the compiler
//
// A profile in default.pgo raises the budget for hot calls and guesses types. It
// never changes results and survives most edits (PGO, PGOInlines,
// PGODevirtualizes, PGOStale, PGOAuto). A bounds check is cheap unless it
// prevents something better; cut the slice before the loop, and mind that this
// checks the capacity (BoundsCheck, BoundsKnown, BoundsHint). An allocation goes
// away if the value does not leave the function: return it, append to the
// buffer of the caller, keep scratch space in the object (EscapeFix, EscapeAppend,
// EscapeScratch, EscapeCallback). A defer is cheap outside of loops, a recovered
// panic never (DeferCost, DeferKinds, PanicCost). GOAMD64, SIMD and several
// accumulators pay only where arithmetic is the bottleneck, and depend on
// the processor (GOAMD64Levels, CPUFeatures, SIMD, Accumulators).
package optimizing
