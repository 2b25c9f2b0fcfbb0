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
// # TODO-K
//
// # TODO-I
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
