// Package schedgc shows how the scheduler runs goroutines and how the collector
// finds garbage, as claims that are executed.
//
// A name in parentheses, such as (WorkStealing), is a claim: the doc comment of a
// Test, Example or Benchmark of this package. It answers one question in full,
// says when the answer does not hold, and is proven by the function it documents:
//
//	go run ./cmd/claims show schedgc.WorkStealing    # question, answer, proof
//	make verify CLAIM=schedgc.WorkStealing           # judge it on this machine
//	make verify TOPIC=schedgc                        # judge all of them
//
// The proofs look at the runtime from outside, with what you can use in your own
// programs: execution traces, runtime/metrics, GODEBUG=schedtrace and gctrace,
// profiles. Everything that could run away, such as an endless loop, a process out of
// memory or one with too many threads, happens in a child process that is
// ended after a while.
//
// The first half of the lesson follows a goroutine through the scheduler, the second an
// object through the collector.
//
// # From the entry point to main
//
// The entry point of a program is in the runtime. main.main is called by
// runtime.main in goroutine 1 (BootstrapToMain, BootstrapMainGoroutine), after
// all packages in the order of import paths and of what they need
// (BootstrapOrder, BootstrapCycle, BootstrapInitFunction), one after the other
// (BootstrapSequential, BootstrapInitFails). GODEBUG=inittrace=1 finds the
// package that is slow (BootstrapInitTrace); constant data costs nothing
// (BootstrapStatic). Settings in the environment are read before main
// (BootstrapEnvironment). The runtime is linked into every binary
// (BootstrapRuntimeLinked, BootstrapSize, BootstrapNoLibraries). Stripping
// keeps tracebacks (BootstrapStripped) and build information
// (BootstrapBuildInfo).
//
// # G, M and P
//
// A goroutine (G) runs on a thread (M) that holds a P, and there are GOMAXPROCS
// Ps (GmpWhatAre, GmpBinding, GmpHowMany). The P owns the run queue, the timers
// and the caches, and a thread that blocks leaves them behind (GmpWhyP). Since
// Go 1.26 it has no state for system calls (GmpPStates).
//
// A waiting goroutine is in no run queue and costs the scheduler nothing
// (GmpBlocked). The traceback names what it waits for (GmpStates, GmpSyscall,
// GmpDurable). Numbers of goroutines tell no order (GmpNumbers). Nobody can end
// a goroutine from outside, because it may hold a lock (GmpNoKill). A switch
// costs more than ten calls, and a switch of threads more than three times as
// much again (GmpSwitch). The scheduler itself runs on a stack of its own, g0
// (GmpG0), and beside yours there are goroutines of the runtime
// (GmpSystemGoroutines).
//
// # Run queues
//
// With one P the order follows from four rules: the newest first, then the local
// queue of 256, half of it to the global queue when it is full, and the global
// queue first at every 61st turn (RunQueueOrder, RunQueueLastFirst,
// SchedTraceQueues, RunQueueGlobalTurn). A goroutine gives way where it has to
// wait, and nowhere else by itself (RunQueueYieldPoints). Waking another does not
// switch to it (RunQueueWakerGoesOn), so prints on both sides of a channel come in pairs
// (RunQueueProducerConsumer, RunQueueCloseOrder). Two that wake each other
// share one time slice (RunQueueTimeSlice). Otherwise everyone has a turn,
// without priorities (RunQueueRoundRobin), and Gosched is a hint only
// (RunQueueGosched). One P still needs locks (RunQueueStillLocks). It gives
// concurrency and no parallelism (RunQueueParallel), and a busy loop ends only
// because it is preempted (RunQueueBusyFlag).
//
// GODEBUG=schedtrace tells waiting for a processor from waiting for something
// else (SchedTraceFields, SchedTraceBusy, SchedTraceDetail), and only from the
// start of the program (SchedTraceLate); [ParseSchedTrace] reads it. The
// deadlock report waits for pending timers (GmpDeadlockTimer).
//
// # Stealing work
//
// An idle P takes goroutines from busy ones, so nobody needs to spread new
// goroutines by hand (WorkStealing, StealBalance). Even the one that is to run
// next is taken, as a last resort (StealRunnext). A thief looks into its own
// queue, the global one, the network poller and then the other Ps (StealOrder),
// and takes half of a queue (StealHalf). A goroutine that is woken runs on the P
// of its waker (StealWakeupPlace), so two that hand values over to each other hardly run in
// parallel (StealPingPong). In an idle program no thread spins (StealIdle).
//
// # Blocking: system calls and the network
//
// A goroutine in a blocking system call keeps its thread, and its P goes to
// another one (SyscallHandoff). A short call costs neither (SyscallShort), and
// a raw one keeps the P (SyscallRaw). On return the goroutine needs a P again
// (SyscallReturn). Files, calls of C and waiting for processes hold threads
// (SyscallFiles, ThreadsInC, SyscallProcessWait), so you have to limit them yourself
// (SyscallLimit).
//
// A goroutine that waits for a socket is parked in the poller and needs no
// thread (NetpollConnections). The poller has no thread of its own
// (NetpollNoThread) and is also served when all Ps are busy (NetpollBusy). A
// deadline wakes a parked reader (NetpollDeadline, NetpollInterrupt), but not
// one on a descriptor in blocking mode (NetpollFd, NetpollNewFile).
//
// # Threads
//
// There are always more threads than GOMAXPROCS (ThreadsAtStart). Idle ones
// stay (ThreadsStay), and too many end the program (ThreadsExhausted).
// LockOSThread reserves one for a goroutine (LockThreadSame, LockThreadHeld),
// at the price of a thread switch for each goroutine switch (LockThreadSwitch).
// If the goroutine ends without unlocking, the thread ends too
// (LockThreadExit).
//
// # Preemption
//
// A signal stops even an empty loop (PreemptEmptyLoop, PreemptSignal), not
// before 10 ms have passed (PreemptQuantum) and not in assembly
// (PreemptUnsafePoint). Without signals, only function prologues are places to
// stop (PreemptPrologue). One P makes nothing atomic (PreemptLostUpdate), and a
// mutex does not stop preemption (PreemptInCriticalSection). The thread that
// watches over all this, sysmon, works without a P (SysmonNeedsNoP) and sleeps
// when the program does (SysmonSleeps).
//
// # GOMAXPROCS
//
// It limits the running of Go code and nothing else (GomaxprocsLimit). It is
// what the number of CPUs, the affinity and the quota allow
// (GomaxprocsEnvironment, GomaxprocsAffinity, GomaxprocsQuota), and follows
// their changes unless you have set it by hand (GomaxprocsFollows,
// GomaxprocsSetDefault). Changing it stops the world (GomaxprocsStopsTheWorld),
// and more than the CPUs gains nothing (GomaxprocsAboveCPUs).
//
// # Timers
//
// They live in the Ps and need no thread (SchedtimerSleep). Another P steals
// them (SchedtimerStolen). They are as late as the scheduler (SchedtimerLate)
// and come in no promised order (SchedtimerOrder).
//
// # What a goroutine costs
//
// Starting and ending one is much cheaper than a thread (GoroutineThread),
// because a dead goroutine is used again (GoroutineReuse). After a spike the
// stacks come back, and the descriptors stay (GoroutineSpike). Stacks are
// beside the heap and not in it (StackNotHeap), begin with what the collector
// saw on average (StackStart) and have a limit (StackLimit). Goroutines that
// wait do not slow down those that run (GoroutineParked), but every one makes a
// collection longer (GCParked), by the frames that it has in use
// (GCStackDepth).
//
// # Execution traces
//
// A trace has every change of state, with reason and stack (ExecTraceContents,
// ExecTraceStates, ExecTraceReasons), and who woke whom (ExecTraceWaker). It
// splits a request into running, runnable, waiting and system calls with
// nothing left over (ExecTraceBreakdown). Runnable time is in no profile of
// pprof (ExecTraceRunnable), but go tool trace makes one (ExecTracePprof). It shows
// preemption, network waits, collections and every stop of the world
// (ExecTracePreempted, ExecTraceNetwork, ExecTraceGC, ExecTraceStopTheWorld), and
// whether goroutines run in parallel (ExecTraceParallelism); running means a P
// and not a CPU (ExecTraceRunningWithoutCPU). Tasks cross goroutines, regions
// nest in one (ExecTraceTasks, ExecTraceRegionMisuse). Regions and logs do not allocate
// when no trace is taken (ExecTraceAnnotations); cost and size follow the events
// (ExecTraceOverhead, ExecTraceSize).
//
// The flight recorder keeps the last seconds of a trace, so the cause is in the
// snapshot that the effect triggers (FlightRecorder, FlightSlow). There is one
// per process, beside any trace (FlightOneAtATime). Its window consists of whole
// pieces, MaxBytes wins over MinAge (FlightWindow), and Stop discards it
// (FlightStopDiscards).
//
// # Scheduler metrics
//
// Since Go 1.26 runtime/metrics counts goroutines by state, system goroutines
// included (SchedMetricStates, SchedMetricNotInGo,
// SchedMetricSystemGoroutines), those created, and threads (SchedMetricCreated,
// SchedMetricThreads), without stopping the world (SchedMetricCost). The metric
// /sched/latencies is a sampled histogram of runnable time
// (SchedLatencySampled, SchedLatencyUnderLoad). Subtract two readings, each
// with a histogram of its own (SchedHistogramQuantile, SchedHistogramReused).
//
// # The collector
//
// A cycle is sweep termination, concurrent mark, mark termination and concurrent
// sweep. The world stands still in the first and the third only (GCPhases,
// TwoPauses), and goroutines run in between (ConcurrentMark). It starts near the
// heap goal, near the memory limit, by a call, or two minutes after the last one
// (GCTriggers, FirstCycle, PeriodicGC).
//
// Marking starts from globals, stacks and tables of the runtime (GCRoots). It is
// precise, except in the frame of a goroutine that was interrupted at an
// arbitrary instruction (PreciseStacks), and it frees rings of objects
// (ReferenceCycle). Objects do not move and have no generations, so every
// cycle marks all that is live (NonMoving, NoGenerations).
//
// [Tricolor] is a model of the marker. White is not seen, grey is seen, black is
// done (TricolorColors). Without a write barrier a live object can be lost
// (TricolorLostObject). Each half of the barrier alone loses objects if stacks
// are scanned one by one (TricolorInsertionBarrier, TricolorDeletionBarrier);
// the hybrid barrier of Go has both (TricolorHybridBarrier, TricolorInvariants).
// What dies or is born during a cycle waits for the next one
// (TricolorFloatingGarbage, AllocatedBlack).
//
// The compiler adds the barrier to stores of pointers outside the stack, and
// never to loads (WhichStoresHaveBarrier, BarrierCode, NoReadBarrier). Whole
// ranges share one (BulkBarrier, BarrierCopy). It costs little unless the
// collector marks (Barrier).
//
// Marking takes a quarter of the Ps, and those that are idle (MarkWorkers,
// GCGoroutines). Sweeping is done in the background and by whoever allocates
// (LazySweep).
//
// # Pauses
//
// They do not grow with the heap (PauseHeap). They grow if a goroutine is
// slow to stop (SlowToStop), but not with system calls (SyscallDoesNotDelay).
//
// # Observing the collector
//
// Watch it with runtime/metrics, which stops nothing (ObserveGC, ReadStats,
// MemStatsFields, LiveMetric). ReadMemStats and goroutine profiles stop the
// world themselves (WhatStopsTheWorld). A line of GODEBUG=gctrace=1 shows clock
// and CPU times of the phases and three heap sizes (GCTraceLine,
// GCTraceHeapSizes, GCTraceCPUTimes); [ParseGCTrace] reads it. Its percentage
// is an average since the start (GCTracePercent), and it can be switched on at
// the start only (GCTraceAtStart).
//
// # Pacing
//
// The heap goal is the live heap plus GOGC percent of live heap, stacks and
// globals, and at least 4 MiB times GOGC/100 (PacingGoalFormula, PacingMinimum,
// PacingStacks, PacingGlobals). A cycle starts before the goal (PacingTrigger).
// Only live data moves the goal, one cycle later (PacingLag); the rate of
// allocation decides how often it is reached (PacingRateNotGoal,
// PacingCycleCount). GOGC trades memory for processor time (PacingAxis). With
// GOGC=off there is no goal, but runtime.GC and a memory limit still collect
// (PacingOff, PacingZero).
//
// # The memory limit
//
// GOMEMLIMIT is a second, soft goal. It counts all memory that the runtime has
// mapped, stacks included, but not that of C or mmap (MemlimitCounts,
// MemlimitGoal, MemlimitForeign, MemlimitSoft). It reserves nothing and costs
// nothing far from the limit (MemlimitReserves, MemlimitFar). Go does not read
// the limit of the container (MemlimitContainer). Near the limit, collections
// follow one another; a limiter holds them to about half of the processor time
// and gives up the limit for it (DeathSpiralRoom, DeathSpiralLimiter,
// DeathSpiralNotice, DeathSpiralGOGC).
//
// # Who pays
//
// A goroutine that allocates while marking runs has to help. That time, and not
// the pauses, is what requests feel (AssistMetric, AssistWhoPays,
// AssistOverPauses, AssistRoom). GCCPUFraction is an average since the start;
// take the difference of two readings of /cpu/classes, which change only when a
// cycle ends (AssistFraction, AssistStale, GCTuningWorth).
//
// # Returning memory
//
// Freed pages go back to the system through the background scavenger, the memory limit or
// FreeOSMemory, and only if no live object is left in them (ScavengeSteps,
// ScavengeBackground, MemlimitLower, ScavengeSparse). On Linux the resident set
// follows, the address space does not, and using the pages again costs page
// faults (ScavengeResident, ScavengeFaults, ScavengeUntouched).
//
// # Tuning
//
// Make less garbage first, then raise GOGC (GCTuningLessGarbage,
// GCTuningWorth). A ballast is replaced by the limit (GCTuningBallast,
// GCTuningBallastLimit), a command that ends soon may do without collections
// (GCTuningCommand), and a forced collection per request is the worst choice
// (GCTuningForced, GCTuningBetween).
//
// # What marking costs
//
// Marking costs what is live and reached by pointers; garbage costs it nothing
// (MarkGarbage, MarkPointers). A type is free to the collector only if it has
// no pointer; a string, an interface and a time.Time have one (MarkTypes).
// Large data that lives long is cheap as slices of values that refer to each
// other by index, and as maps without pointers, as long as keys and values have
// at most 128 bytes (MarkIndexes, MarkMap). A long list is the worst shape
// (MarkList). A pointer hidden in a uintptr or off the heap hides the object
// from the collector too (MarkUintptr, MarkOffHeap).
//
// Since Go 1.26 the collector, called Green Tea, scans small objects a page at a time
// and not in the order of pointers (GreenTea, GreenTeaModel, GreenTeaQueue,
// GreenTeaMarkBits). It does not help lists, large objects or data without
// pointers; GODEBUG=gctrace=2 shows how your heap does, and a build setting
// switches it off (GreenTeaLimits, GreenTeaTrace, GreenTeaSwitch).
//
// # Allocation, pools and the end of objects
//
// Small objects come from a cache of the P without a lock (SizeclassPaths,
// SizeclassPerP), and a dead slot is used again, cleared, after a
// collection only (SizeclassReuse, SizeclassSpanChange). Clearing is a good part of what a
// large block costs (SizeclassZero). Go 1.27 has functions of their own for small
// sizes (SizeclassSpecialized). A sync.Pool is emptied by collections only, in
// two steps, so its values are live heap meanwhile, and with rare use it does
// not help (PoolgcLive, PoolgcBurst, PoolgcOff, PoolgcMisses, PoolgcDropped).
//
// Finalizers and cleanups are queued by the sweeper and run later
// (FinalizerAfterGC, FinalizerGoroutine, CleanupParallel). A stuck finalizer
// leaks its object, a stuck cleanup does not, and the backlog can be read since
// Go 1.26 (FinalizerStuck, FinalizerBacklog). Weak pointers turn nil first, then
// the finalizer runs, then the cleanup (FinalizerWeakCleanup). Each makes every collection
// longer (FinalizerGC).
package schedgc
