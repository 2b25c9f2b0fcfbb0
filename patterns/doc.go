// Package patterns holds concurrency patterns to copy, one file each, with the
// questions they answer as claims that are executed.
//
// Take a file, its test and its example, and change the package clause: each file
// needs the standard library only, two of them golang.org/x/sync, and nothing from
// the other files (StandAlone). The licence asks for no attribution. Every pattern
// takes a context where it can wait, carries errors and panics to the caller, and
// leaves no goroutine behind; its documentation says what it guarantees, what it
// costs and when something else is better. The module compare judges them beside
// the libraries that a user would import instead.
//
// A name in parentheses, such as (PoolRunsAll), is a claim: the doc comment of a
// Test, Example or Benchmark of this package. It answers one question in full,
// says when the answer does not hold, and is proven by the function it documents:
//
//	go run ./cmd/claims show patterns.PoolRunsAll    # question, answer, proof
//	make verify CLAIM=patterns.PoolQueue             # judge it on this machine
//	make verify TOPIC=patterns                       # judge all of them
//
// # Which pattern
//
//	many items at hand, a limit           ForEach, Map          foreach.go
//	items from an iterator                ForEachSeq, MapSeq    foreach.go
//	  results one by one, in order        MapOrdered            ordered.go
//	  results as they are ready           MapUnordered          ordered.go
//	tasks that come over time             Pool                  pool.go
//	tasks that create tasks               Walk                  walk.go
//	a limit in bytes, not in calls        ForEachWeighted       weighted.go
//	stages connected by channels          Pipeline              pipeline.go
//	sorted streams into one               MergeSorted           kmerge.go
//	one result, later                     Future                future.go
//	single calls into batches             Batcher               batcher.go
//	a burst of events into one            Debouncer, Throttler  debounce.go, throttle.go
//	one channel before another            Prioritize            priority.go
//	one message to many                   Topic                 pubsub.go
//	one goroutine owns the state          Actor                 actor.go
//	wait for each other, for an event     Barrier, Latch        barrier.go, latch.go
//
//	a call that fails now and then        Retry                 retry.go
//	a service that is down                Breaker               breaker.go
//	a service that is slow at times       Hedge                 hedge.go
//	a limit of time                       Timeout, Watch        timeout.go, heartbeat.go
//	a limit of calls in flight            Bulkhead              bulkhead.go
//	a limit of calls per second           RateLimiter           ratelimit.go
//	  exact in every window, or spaced    SlidingWindow         ratewindow.go
//	more than can be done                 ShedQueue             loadshed.go
//	requests that come twice              Idempotency           idempotency.go
//
//	the same call at the same time        Flight                flight.go
//	results worth keeping                 LRU, TTL              lru.go, ttl.go
//	  loaded once, kept fresh             LoadCache             loadcache.go
//	a map shared by goroutines            ShardedMap            shardedmap.go
//	a configuration that is replaced      Snapshot              snapshot.go
//	a value made on first use             Lazy                  lazy.go
//
//	a job every minute                    Every                 periodic.go
//	start and stop the parts of a server  RunServices           shutdown.go
//	wrap a function or handler            Chain                 middleware.go
//	a constructor with many settings      functional options    options.go
//
// # Many items, few goroutines
//
// Limit the calls that run at a time, not the goroutines for each item
// (ForEachLimit, ForEach). For work that waits, the limit is what the other side and
// your memory can bear; for work that computes, it is the number of processors
// (PoolSize, AmdahlLaw). Results belong at the index of their item (MapOrder). The first
// error ends the rest, and the function waits for what still runs
// (ForEachFirstError, PoolFaultError). A panic has to travel to the caller, because
// nobody else can recover it (ForEachFaultPanic, PoolFaultPanic).
//
// A worker pool is a queue and a few goroutines (PoolRunsAll, PoolQueue). The queue
// is bounded: a producer that waits is better than memory that runs out
// (PoolBackPressure). Tasks that submit tasks need another shape, or they wait for
// themselves (WalkLimit, WalkGroupDeadlock). If calls weigh differently, limit their
// weight (ForEachWeightedCapacity, ForEachWeightedOrder).
//
// Results in the order of the input cost a bounded window, because one slow call
// holds back those behind it (MapOrderedKeepsOrder, MapOrderedBounded,
// MapOrderedCost); results as they are ready do not (MapUnordered). A range loop over
// such results can own the goroutines: leaving it ends them (MapOrderedBreak,
// MapOrderedFaultPanic).
//
// # Streams
//
// The stage that sends closes its channel (PipelineCloses, PipelineMerge). A consumer
// that leaves early has to cancel and wait, or the stages leak (PipelineStop,
// PipelineNaiveLeaks). A closed channel looks like success, so errors and panics need
// a way of their own (PipelineFaultError, PipelineFaultPanic). Without buffers a slow
// stage slows the source (PipelineBackPressure, PipelineTee). Handing over single
// values costs many times a call, so send slices (PipelineHandover, PipelineBatch), and
// if the stages do not wait, call functions. Sorted streams are merged with a heap
// (MergeSorted, MergeSortedHeap).
//
// A future is a result behind a closed channel: start all, then await
// (FutureAwait, FutureStartFirst, FutureManyWaiters). Giving up the wait does not stop the
// work (FutureGiveUp). A batch that serves many callers needs a context of its own, and a
// result for each (BatcherFaultCancel, BatcherFaultError); it pays a delay to divide a
// fixed cost (BatcherLatency, Batcher). Debouncing waits for a pause and may wait
// for ever, throttling runs regularly, and both must not lose the last value at
// the end (DebounceEdges, DebounceMaxWait, ThrottleInterval, ThrottleFlush).
//
// For several receivers, decide for each what happens when it is slow
// (TopicSlowPolicies, TopicSlowBlock). A priority between channels takes a second
// select, and starves the rest unless you count (PrioritizeNestedSelect,
// PrioritizeStarvesLow, PrioritizeWeighted).
//
// # Calls that fail
//
// Retry only what may happen twice (RetryIdempotent, IdempotencyOnce), in one layer
// (RetryLayersMultiply), with growing delays and jitter (RetryBackoffDelays,
// JitterThunderingHerd), and with a budget that all callers share, or the retries keep
// the outage going (RetryBudgetStopsStorm). A breaker turns waiting into an immediate
// error, and belongs inside the retry (BreakerFaultSlow, BreakerInsideRetry). Not every
// error counts (BreakerWhichErrors).
//
// If replicas are slow now and then, send a second request when the first has taken
// longer than usual, and cancel the loser (HedgeTail, HedgeCancelsLosers). A timeout
// works on code that looks at its context; select and time.After bound the caller
// only (TimeoutAbandonedCallsGoOn, WatchFaultIgnoresContext). Tell your own timeout from
// the caller's by the cause (TimeoutWhose), and bound work of unknown length by its
// progress (WatchProgress).
//
// # Too much load
//
// A token bucket allows its burst and then its rate, by arithmetic and without a
// goroutine (RateLimiterBurst, RateLimiterNoGoroutine). A fixed window lets twice its limit
// pass at the border, a sliding one is exact and pays in memory (FixedWindowBorder,
// RateWindowPerSecond). A bulkhead keeps one slow dependency from taking all
// goroutines, and its limit is rate times duration (BulkheadIsolates,
// BulkheadLittlesLaw). An unbounded queue turns overload into answers that come too
// late (ShedQueueBounded, ShedQueueMaxAge): let the producer wait if it can, and reject
// if it cannot (ShedQueueBackpressure, ShedQueueWaitBudget).
//
// # Caches and shared state
//
// A cache that loads on a miss is asked for one key by a hundred requests at once, and
// loads a hundred times (LoadCacheStampede). Single flight makes that one call
// (FlightStampede), and shares its error, its result and, if done naively, the
// cancellation of its first caller (FlightSharesErrors, FlightSharesPointers,
// FlightCancelFirst). Serve the old entry while a new one is loaded (LoadCacheStale,
// LoadCacheFaultReload). Get of an LRU cache writes, so a read lock is wrong there
// (LRUGetWrites, LRUHit). Entries expire when they are read; what is never read has to be
// found (TTLExpires, TTLMemory, TTLTimerPerEntry).
//
// Readers of a configuration need no lock: swap a pointer to an immutable copy
// (SnapshotReload, SnapshotLoadOnce, SnapshotRead), one writer at a time
// (SnapshotWriters, SnapshotShallowCopy). The same idea makes a map whose readers never
// wait (ShardedMapReadersDoNotWait, ShardedMapLostUpdate, ShardedMapOps). A lazy value
// that can fail must be able to try again (LazySingleton, LazyRetries). State that changes
// in steps may belong to one goroutine, at a price (ActorOwnsState, Actor).
//
// # Programs
//
// A server stops in the reverse order of its start: no new requests, then the work,
// then what it used, within the time that the environment gives (ServicesOrder,
// ServicesFaultSlow, ServicesSignal). A periodic job runs in the loop that receives the
// ticks, so it cannot overlap (EverySlowJobSkipsTicks). A closed channel is the start
// signal for many (LatchStartSignal), and a barrier that cannot be broken is a
// deadlock (BarrierFaultPartyGivesUp).
package patterns
