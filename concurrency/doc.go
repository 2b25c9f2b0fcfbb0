// Package concurrency shows how goroutines communicate, wait and end, as claims
// that are executed.
//
// A name in parentheses, such as (ChannelTable), is a claim: the doc comment of a
// Test, Example or Benchmark of this package. It answers one question in full,
// says when the answer does not hold, and is proven by the function it documents:
//
//	go run ./cmd/claims show concurrency.ChannelTable    # question, answer, proof
//	make verify CLAIM=concurrency.ChannelCapacity        # judge it on this machine
//	make verify TOPIC=concurrency                        # judge all of them
//
// The lesson explains the primitives. Package patterns has code to copy that is
// made of them. Where Go 1.26 and Go 1.27 differ, the claim has both answers.
//
// # Goroutines
//
// A go statement evaluates the function and its arguments at once, in the
// goroutine that executes it, and runs the call in a new goroutine
// (GoroutineArguments, GoroutineNilFunc). Concurrent is what may overlap, parallel
// what does (GoroutineConcurrency): without synchronisation no order is promised
// (GoroutineOrder). A goroutine shares the variables that its function names
// (GoroutineSharesVariables). Since Go 1.22 each turn of a loop has a variable of
// its own, which ended the oldest puzzle about them (GoroutineLoopVariable,
// GoroutineLoopCopies).
//
// Starting one costs many times a call (GoroutineStart) and a few kilobytes
// (GoroutineMemory). So there can be very many, and one for each element of a
// slice is still a bad idea (GoroutinePerElement).
//
// Goroutines have no parents, no names and no handle (GoroutineNoParent,
// GoroutineNoID). Nobody can end one from outside: it has to look at a channel or
// a context (GoroutineStop). All of them end when main returns or anybody calls
// os.Exit, whatever they are doing and without their deferred calls
// (GoroutineMainReturns, GoroutineExit). A go statement has no result, so results,
// errors and panics have to be handed back (GoroutineStatement, GoroutineOutcome).
//
// A panic that no deferred function of the same goroutine recovers ends the
// program (GoroutinePanic). Code that recovers for you, such as net/http, does so in
// its own goroutine only (GoroutineInHandler). runtime.Goexit ends a goroutine
// with its deferred calls, and recover does not see it (GoroutineGoexit,
// GoroutineGoexitMain).
//
// # Leaks
//
// A goroutine that waits for something that never comes is never collected, nor
// is anything it refers to (LeakKinds, LeakHolds). The usual causes have usual
// cures:
//
//   - A result nobody receives any more: a buffer for every send that may be left
//     over (LeakAfterTimeout, LeakFirstError, CloseByReceiver).
//   - A generator whose consumer breaks: a context, and a send that selects on it
//     (LeakGenerator, SelectSendContext, LeakDespiteContext).
//   - Workers that range over a channel which nobody closes, or over the channel of
//     a stopped ticker (LeakWorkers, LeakTickerLoop).
//   - A lock that a goroutine took with it (LeakMutexPile).
//   - A forgotten cancel or Close (ContextForgottenCancel, LeakPipe,
//     LeakHTTPConnection).
//
// Whatever has a goroutine should have a method that ends it and waits for the end
// (LeakStopWaits). In tests, count goroutines or use goleak (LeakCount,
// LeakGoleak); in production, compare goroutine profiles (LeakProfile). Since
// Go 1.27 the runtime itself finds goroutines that can never go on, because
// nothing reachable could wake them (LeakDetector, LeakDetectorMisses).
//
// # Channels
//
// A channel is a queue, a lock and two lists of waiting goroutines
// (ChannelLayout). Without a buffer, a send and a receive happen together. A
// buffer of n lets the sender run ahead by n values (ChannelBuffered,
// PingPongAhead). One table answers most questions (ChannelTable):
//
//	         nil      empty    full     closed
//	send     blocks   sends    blocks   panics
//	receive  blocks   blocks   receives zero value, false, after what is buffered
//	close    panics   closes   closes   panics
//
// The rows one by one: (ChannelNil), (ChannelPanics), (ChannelReceiveClosed). Values
// are copied, come in order, and go straight to a receiver that waits
// (ChannelCopies, ChannelFIFO, ChannelHandoff). A channel itself is a reference and
// can be compared or be a key (ChannelReference). Direction is part of the type and
// catches mistakes at compile time (ChannelDirections, ChannelArrow). len and cap
// are for statistics: the answer is old when you read it (ChannelLen).
//
// Sending a value costs more than a lock, and far more than a call of an iterator
// (ChannelOrMutex, ChannelGenerator). A buffer helps, and slices of values
// help much more (ChannelCapacity, ChannelBatch). Nothing is allocated for an
// operation (ChannelAllocs); large elements are copied, so send pointers to them
// (ChannelElement). A goroutine that waits for a channel holds no thread
// (ChannelThreads).
//
// # Closing
//
// Closing is a message, "no more values", and not a release of memory
// (ChannelNeedNotClose). It ends a range loop (ChannelRange), and it is the only
// message that all receivers get (ChannelSignal). The sending side gives it, once:
//
//   - One sender: defer close (CloseDeferred).
//   - Several senders: one more goroutine, which waits for them all
//     (CloseBySenders). Closing earlier makes a sender panic (CloseTooEarly), waiting
//     before receiving blocks all (CloseWaitFirst, WaitGroupResults).
//   - A receiver that has had enough closes another channel, or cancels a context
//     (CloseByReceiver, CloseOnce, CloseAnytime).
//
// Asking whether a channel is closed, or recovering from the panic, does not make a
// wrong protocol right (CloseCheck, CloseRecover). A closed channel stays closed
// (CloseRepeated), and says nothing about errors (CloseError).
//
// # Select
//
// A select evaluates the operands of all cases once, in order (SelectEvaluation,
// SelectNestedReceive), and then executes one case that is ready, chosen at random
// (SelectRandom, SelectOne). So a closed done channel does not win against work that
// is ready (SelectDone, ContextSelectBothReady). Priority takes a second select, and
// can starve the rest (SelectPriority, DeadlockStarvation).
//
// With default a select does not wait (SelectDefault); in a loop it then burns a
// processor (SelectBusyLoop). A nil channel switches its case off, a closed one is
// always ready (SelectNil, SelectClosed). break leaves the select and not the loop
// (SelectBreak). A single case costs what the plain operation costs, and more cases
// cost more (SelectSingle, SelectCost). A number of cases that is known only at run
// time needs reflection or one goroutine for each channel (SelectReflect).
//
// # Mutexes
//
// A mutex guards data and not code: every access takes it, also a read
// (MutexMapRead), for the whole step (MutexCheckThenAct), and what it guards does
// not leave (MutexLeakyGetter). Its zero value is unlocked (MutexZeroValue). It
// knows no owner, so another goroutine may unlock it (MutexOwner), locking twice
// waits for ever (MutexNotRecursive), and unlocking twice ends the program, whatever
// you recover (MutexUnlockUnlocked). It must not be copied, which value receivers do
// silently and vet reports (MutexCopy, MutexValueReceiver), and embedding it makes
// Lock part of your API (MutexEmbedded).
//
// Defer the Unlock, which is nearly free (MutexDefer). Under a lock, call no
// callback (MutexCallback), do nothing slow (MutexSlowWork) and wait for no channel
// (DeadlockWaitUnderLock). Waiters queue in order, but a running goroutine may
// overtake them until one has waited for a millisecond (MutexQueue, MutexModes).
//
// An RWMutex pays if readers stay long and writers are few; taking it is not
// cheaper (RWMutexShares, RWMutexCost). Neither side starves
// (RWMutexWriterPriority, RWMutexReaderBatch). That is why a second RLock in the same
// goroutine can deadlock (RWMutexRecursiveRead), as an upgrade always does
// (RWMutexUpgrade).
//
// # Waiting and doing once
//
// A WaitGroup counts (WaitGroupCounter). Start goroutines with its method Go, since
// Go 1.25, and Add cannot come too late (WaitGroupGo, WaitGroupAddInside). It carries
// no error, no limit and no panic; errgroup carries the first error and a limit
// (WaitGroupErrgroup, WaitGroupLimit, WaitGroupPanic, ErrgroupFirstError,
// ErrgroupLimit), but no panic either (ErrgroupPanic). The context of an errgroup ends
// with Wait, also without an error (ErrgroupContextAfterWait).
//
// sync.Once makes all callers wait for the first (OnceWaits). A panic counts as done,
// and so does an error (OncePanic, OnceError). Afterwards it costs next to nothing
// (OnceCost). The same without an atomic, double-checked locking, is a race
// (OnceDoubleChecked).
//
// A Cond is for conditions that come and go (CondOrChannel). Wait in a loop, change
// the condition under the lock, and use one Cond for each condition (CondWaitLoop,
// CondLostWakeup, CondWrongWaiter).
//
// A sync.Pool promises nothing: a value survives one collection, and what it drops
// nobody closes (PoolVictim, PoolOrder, PoolConnections). It saves large buffers and
// makes small objects slower (PoolBuffer, PoolSmall). A sync.Map makes single calls
// atomic, not two of them (SyncMapCheckThenAct, SyncMapRange). Since Go 1.24 it is a
// hash trie, which also takes writes well, at some allocations each
// (SyncMapTrie, SyncMapCost).
//
// # Atomics
//
// An atomic operation is indivisible, and orders the memory around it
// (AtomicGuarantees, AtomicPublishes). Use the typed ones: nobody can access them
// without (AtomicTypes, AtomicMixedAccess). Two operations are not one: a load and a
// store lose updates, a check is old when you act (AtomicLoadStore,
// AtomicCheckThenAct, AtomicUniqueID), and two fields do not change together
// (AtomicPair, CASPair). To replace several values at once, swap a pointer to a new
// struct (AtomicConfigSwap, AtomicCopyOnWriteLost).
//
// Compare-and-swap builds every other operation, in a loop that loads again
// (CASLoop, CASReload, CASBounded, CASFloat). It compares values, so a value that came
// back looks unchanged (ABAProblem). A pointer to a fresh object cannot come back
// while somebody holds the old one, which is what garbage collection adds
// (ABAWithGC, ABACounter). Lock-free says that somebody makes progress, and not
// that it is fast (ProgressGuarantees, LockFreeCost, SpinLock).
//
// For one counter an atomic is the cheapest, a mutex costs more and a channel much more
// (CounterKinds). A counter that many cores write scales if each has a cache line of
// its own, and then reading it costs (ShardedCounter, ShardLayout, ShardCost). What to
// say decides, though: a mutex guards state, a channel hands over or signals
// (MutexOrChannel, PrimitiveChoice).
//
// # The memory model
//
// A write is visible to a read if it happens before it, and only synchronisation
// makes that so (HappensBefore, ChannelHappensBefore, PrimitiveOrder). Starting a
// goroutine does, its end does not, and time does not (GoroutineVisibility,
// GoroutineExitNoEdge, SleepNoEdge). Atomic operations have one order that all
// goroutines agree on (AtomicTotalOrder, StoreBuffering, AtomicCoherence).
//
// Without such an edge there is a data race. The compiler may then hoist a load out
// of a loop (SpinOnFlag) or drop a store (LostStores), the processor may let a load
// overtake a store (LoadOvertakesStore), and a value of several words can be read half
// changed (TornValue). There are no benign races (BenignRace). The race
// detector reports those that it sees happen (RaceReport, RaceOptions), at a price
// (RaceCost), and neither those in code that did not run nor errors of logic
// (RaceNotExecuted, RaceHiddenByLog, RaceCondition). Different elements and fields are
// different variables, an append and a map are not (RaceAppend, RaceAppendShared,
// RaceMapWrites, RaceMapReads).
//
// # Deadlocks
//
// The runtime ends the program if no goroutine can ever run again
// (DeadlockDetected, DeadlockNotRecoverable). One goroutine that waits for a timer or a
// socket is enough to prevent that (DeadlockMissed, DeadlockCgo). Then the stacks
// tell: by SIGQUIT, or by the goroutine profile (DeadlockQuit, DeadlockPartial,
// DeadlockReport). Lock in one order, and do not wait while holding (DeadlockOrder,
// MutexLockOrder, DeadlockConditions, DeadlockTryLock). Workers that feed their own
// queue, and tasks that wait for subtasks under the same limit, are deadlocks that
// wait for load (DeadlockQueue, DeadlockNestedSlots).
//
// # Contexts and time
//
// Cancelling a context walks down its tree, and is done when cancel returns
// (ContextPropagation); below a context type of your own it takes a goroutine for
// each child (ContextCustomGoroutine). The first end wins, Err says that it ended and
// Cause says why (ContextFirstEnd, ContextCause, ContextTimeoutCause). A child can
// only shorten the time (ContextEarlierDeadline), WithoutCancel leaves the tree for
// work that outlives a request (ContextWithoutCancel, ContextDetachedWork).
// Cancelling stops nothing by itself: code must look, often enough and not too often
// (ContextDoesNotStop, ContextCheck, ContextConnRead).
//
// Values of a context are a linked list, for data of the request and with a key type
// of your own (ContextValueUse, ContextValueKeyCollision, ContextValueDepth).
//
// Since Go 1.23 a timer leaves no old value behind and is collected without Stop;
// time.After in a loop costs allocations and leaks nothing (TimerStaleValue,
// TimerCollected, TimerAfterLoop). Inside a loop it limits each turn and not the loop
// (TimerPerRound). A ticker drops what a slow receiver misses (TickerSlowReceiver).
// Test all of this in a bubble of testing/synctest, where time passes only when
// everybody waits, and waiting for a mutex does not count (SynctestTimeout,
// SynctestClock, SynctestDurable, SynctestMutexHangs).
//
// # golang.org/x/sync
//
// A weighted semaphore serves in order, so a large request is not starved
// (SemaphoreFair, SemaphoreChannel). singleflight shares one call among those that ask
// at the same time: its value, its error, and the cancellation of the first
// (SingleflightShared, SingleflightCancelled, SingleflightPanic).
package concurrency
