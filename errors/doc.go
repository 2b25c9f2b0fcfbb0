// Package errors shows how Go reports what went wrong, by values and by panics, as
// claims that are executed.
//
// A name in parentheses, such as (WrapVerb), is a claim: the doc comment of a Test,
// Example or Benchmark of this package. It answers one question in full, says when the
// answer does not hold, and is proven by the function it documents:
//
//	go run ./cmd/claims show errors.WrapVerb    # question, answer, proof
//	make verify CLAIM=errors.WrapVerb           # judge it on this machine
//	make verify TOPIC=errors                    # judge all of them
//
// The lesson goes from a single error to the tree that wrapping makes, from there to
// the boundaries where errors are translated, and then to the other way out of a
// function: defer, panic and recover. The package has the name of the standard one on
// purpose; its examples import it as deep:
//
//	import deep "github.com/go-deep-dive/godeep/errors"
//
// # An error is a value
//
// The type error is an interface with one method (ErrtypeInterface). An error is
// returned, stored, compared and passed on like any value (ErrorsAreValues), and
// nothing forces anybody to look at it (UncheckedErr). Two errors with the same text
// are two errors, because errors.New returns a new pointer each time
// (SentinelIdentity); a pointer to an empty struct does not promise that
// (SentinelZeroSize). So the text is no identity: not for ==, not in a test
// (CompareText, CompareDeepEqual).
//
// What you export decides what callers may depend on. A sentinel says which error it
// is, a type carries details (SentinelOrType, SentinelDetail), and an opaque error
// promises nothing (Opaque). Package variables can be assigned to by anybody
// (ConstReassigned), a constant cannot (Const). Error types are used as pointers unless
// they are small and comparable (ErrtypeValueOrPointer, CompareErrorsPanic,
// CompareMapKey), and a function returns error and never a pointer type
// (ErrtypeReturned): a nil pointer in an interface is not nil (TypednilWays), is found
// only by those who know its type or use reflection (TypednilDetect) and prints as if
// it were (TypednilPrinted).
//
// Success costs a comparison with nil (AllocSuccess). A sentinel costs nothing,
// errors.New and fmt.Errorf allocate (AllocKinds, AllocLocal, AllocSprintf), so that
// errors are cheap enough for expected results if they are made in advance
// (AllocControlFlow).
//
// # Wrapping makes a tree
//
// The verb %w keeps the cause for programs, %v only for readers (WrapVerb); both make
// their text at once (WrapTextEarly), which a wrap on each level of a deep recursion
// pays for (WrapDeepText, WrapCost). It can be used several times (WrapSeveral), makes
// an error of nil (WrapNil) and does not check what it is given (WrapNonError).
// errors.Join drops nil errors (JoinNil, JoinSingle), keeps the nesting (JoinNested)
// and is the choice for several causes of equal rank (JoinOrWrap), but not step by step
// in a long loop (JoinLoop).
//
// An error is then the root of a tree (TreeWalk, UnwrapJoined). It is searched in
// pre-order (TreeOrder), once for every path (TreeShared), and without end if it
// contains itself (TreeCycle). [All], [AllAs] and [Tree] walk and print it. Embedding
// an error in a struct promotes Error and not Unwrap (UnwrapEmbedded); the types of the
// standard library wrap theirs (UnwrapStandard).
//
// # Asking: Is, As and ==
//
// errors.Is looks for a value in the tree, == at the root only (IsOrEqual,
// CompareWrapped, CompareContains). A method Is adds matches (IsMethod, IsErrno) and
// must not search by itself (IsMethodShallow). Traps: a target that is a new pointer
// (IsTarget), nil (IsNil), types that cannot be compared (IsUncomparable), and the old
// functions of package os (IsNotExist). It costs time by the size of the tree, and no
// memory (IsCost).
//
// errors.As looks for a type (AsOrAssert, AsInterface, AsMethod). T and *T are two
// types (AsPointerLevel), a wrong target panics (AsPanics), and after a miss the target
// holds what it held before (AsStale). errors.AsType, since Go 1.26, has none of these
// traps and allocates nothing (AsTypeCost). A switch over errors needs errors.Is in its
// cases (Matchswitch), the special before the general (MatchswitchOrder,
// MatchswitchBoth).
//
// io.EOF is the exception: readers return it bare, and their callers compare with ==
// (EOFBare, EOFSocket, EOFFile). It is not an error but the end; an end in the middle
// is io.ErrUnexpectedEOF (EOFUnexpected). Data may come with it (EOFWithData), and a
// bufio.Scanner hides it (EOFScanner).
//
// # What to add, and what not
//
// Each layer adds the operation and the key that only it knows, once and in few words
// (ContextOnce, WrapText), nothing that the cause says already (ContextTwice,
// WrapTwice), and nothing at all if it knows nothing more (ContextNothingToAdd).
// Foreign strings are quoted (ContextQuote), secrets never get in (ContextSecret), and
// what machines read goes into attributes (ContextStructured). Formatting has its own
// rules: which methods are called (FormatVerbs, FormatUnexported), what happens if they
// panic (FormatPanics), and that an error is {} in JSON (FormatErrorJSON).
//
// An error has no stack. runtime.Callers takes one, [Trace] attaches it (StackTrace),
// once (TraceOnce), where the error came up and not in a package variable
// (TraceSentinel). It ends where the goroutine began (TraceOtherGoroutine), %+v of a
// wrapper does not show it (TraceWrappedHidesFormat), and log/slog does, only if the
// record is wanted (TraceLogValue, TraceInlined). It costs many times what the error
// costs (StackTraceCost); a chain of texts often says more (TraceOrContext).
//
// The usual accident of all this is an err declared twice (ShadowedErr,
// ShadowedResult).
//
// # Boundaries
//
// Callers need few classes: who may retry, who must change the request, whose bug it is.
// A code gives the class and leaves the cause (CodeOf, CodeIs); the outermost counts
// (CodeOutermost, CodeOKNotNil). It is translated once, at the edge: to an HTTP status
// (HTTPStatusTable, HTTPContextErrors), to an exit code (CodeExit), to another process,
// where nothing but numbers and texts arrives (CodeOverTheWire, FormatBoundary). Users
// get a text that was written for them (CodePublicText, HTTPLeak), before the first byte
// of the answer (HTTPErrorAfterWrite).
//
// Behaviour is the other classification: ask for a method (RetryableBehaviour), in one
// function (BehaviourPredicate, BehaviourRetryAfter), such as Timeout
// (RetryableTimeout, RetryableIsTimeout). An outer error can hide it (BehaviourHidden),
// and no tool checks it (BehaviourSignature, BehaviourErrno). Retry what passes
// (CodeTemporary), while the caller still waits (RetryableDeadline), in one layer
// (RetryableOnce), and keep the cause (RetryableResult).
//
// # Across an API
//
// What you wrap is promised: translate the errors of a driver, and cut off the rest
// with %v (ApiDriver, ApiFS); let every implementation pass one test of the contract
// (ApiContract), and refine a sentinel by wrapping it (ApiHierarchy). A result beside
// an error means nothing unless it is documented (ApiValueAndError, ApiConstructor,
// ApiShortWrite), nil and nil together are a trap (ApiNilNil), and one expected reason
// is a bool (ApiOk). A Result type is not checked by the compiler as two results are
// (ApiResult).
//
// Errors in input carry the path of their field, all at once (ApiFieldPaths). Codes
// keep their numbers (ApiStableCodes), sentences are translated at the edge
// (ApiLanguages), and what can fail belongs in a constructor (ApiInit). A remote call
// that failed may have taken effect (ApiUnknownOutcome).
//
// # Many errors, and why it stopped
//
// An errgroup keeps one error; [Collector] keeps all, in order and limited
// (JoinGroupAll, JoinGroupLimit, JoinGroupLost, JoinGroupItems, JoinGroupPartial,
// JoinGroupStop). errors.Is of a joined error means some and not all
// (JoinGroupAnyMatches), and most errors of a canceled group are echoes
// (JoinGroupEchoes).
//
// ctx.Err says what, context.Cause says why, and [ContextErr] says both (CauseLost,
// CauseBoth, CauseDirection, CauseGroup), for example which timeout it was
// (CauseWhichDeadline). Libraries differ (CauseLibrary), cleaning up needs a context of
// its own (CauseCleanup), and a tree has no single root (CauseRoot).
//
// Iterators yield pairs (IterateHow, IterateGoOn, IterateAdapter), of which a loop with
// one variable drops the error (IterateForgotten). Nothing may be yielded after a break
// (IterateAfterBreak, IterateClose), sticky errors wait to be asked for
// (IterateSticky), and fs.SkipDir must stay bare (IterateWalk).
//
// # Logging, ignoring, testing
//
// Log an error or return it, not both (LogOnce, LogOnceGoroutine, LogOnceHandled).
// Level and label come from its class (LogOnceLevel, LogOnceLabels), the value and not
// its text goes to slog (LogOnceValue), the request comes from the context
// (LogOnceRequest), floods are counted (LogOnceFlood), and a log that fails is silent
// (LogOnceFails).
//
// Ignore on purpose what cannot fail or changes nothing (IgnoreOnPurpose,
// IgnoreNeverFails, IgnorePrintln, IgnoreMarshal), filter what is no failure
// (IgnoreExpected), and do not expect a zero beside an error (IgnoreAtoi). go vet finds
// an unused fmt.Errorf, and go test does not look (IgnoreUnusedResult).
//
// Test what is promised and not the text (TesterrCompare, TesterrText, TesterrBool,
// TesterrSwapped, TesterrTypedNil). Let each step fail once with [EachFault], and look
// at what is left behind (TesterrSwallowed, TesterrState), with bad readers, real
// faults and a fake clock (TesterrReaders, TesterrRealFault, TesterrTimeout).
//
// # Cleaning up
//
// A deferred Close throws its error away, which may be the only sign that data was lost
// (CloseLost). It must change a named result (CloseUnnamedResult) and keep the first
// error too (CloseJoin); [Close] does. What was only read may be closed without a look
// (CloseReadOnly), nothing is closed twice (CloseTwice), buffers are flushed before
// (CleanupFlush), and a transaction is rolled back by default (CleanupRollback). A
// constructor that fails half-way undoes what it did (CleanupConstructor), all of it
// (CleanupAll).
//
// # Defer
//
// The function, its receiver and its arguments are evaluated at the defer statement
// (DeferArgsOrder, DeferArgsReceiver, DeferArgsChain, DeferArgsTime), and also when
// that turns out to be nil (DeferArgsNil); not everything can be deferred
// (DeferArgsBuiltins). The calls run when the function ends, not the block
// (DeferOrderBlock, DeferOrderFiles, DeferOrderRangeFunc), after the return expression
// (DeferOrderReturn), the last one first (DeferOrderPuzzle, DeferOrderWhyReverse,
// DeferOrderLoopVariable), all of them even if one panics (DeferOrderPanicInDefer).
// Only a named result can be changed (NamedResultThree, NamedResultUnnamed); a deferred
// closure sees its final value (NamedResultFinal), may overwrite it
// (NamedResultOverwritten) and may miss it (NamedResultShadow). Up to eight defers
// outside of loops are nearly free (DeferCostNinth, DeferCostAllocs).
//
// # Panic and recover
//
// recover works only where a deferred function of the panicking goroutine calls it
// directly (RecoverRules, RecoverRulesBuiltin, RecoverRulesWrappers,
// RecoverRulesRangeFunc, RecoverRulesInline). It returns what was given to panic
// (RecoverRulesResult, PanicValueIdentity); panic(nil) is an error of its own
// (PanicValueNil). The program goes on in the caller (RecoverRulesContinue) with the
// results as they are, and that is nil for an error that nobody set
// (NamedResultRecoverNil). Locks stay held and data half changed (RecoverRulesLocked,
// PanicBoundaryShared).
//
// A panic in a deferred function replaces the first (RepanicReplaces), context can be
// added (RepanicWrap) and only certain panics recovered (RepanicSelective); the stack
// is still there (RepanicStack, RecoverRulesStack, RepanicText). runtime.Goexit runs
// the deferred calls and cannot be recovered (GoexitDefers, GoexitDistinguish); it even
// ends a panic (GoexitAbortsPanic), and main or a waiting goroutine may not expect it
// (GoexitMain, GoexitSync).
//
// The runtime panics with values of type runtime.Error (RuntimeErrTexts,
// RuntimeErrDetect, RuntimeErrAssertion, RuntimeErrFault), in a defined order
// (RuntimeErrOrder), where the compiler could not say no (RuntimeErrCompile,
// RuntimeErrDivision). The standard library panics for mistakes of the caller
// (RuntimeErrLibrary, RuntimeErrSortCallback). A panic in another goroutine ends the
// program, whoever recovers in main (GopanicMain, GopanicLibrary, GopanicCallback).
//
// No deferred call runs after os.Exit, log.Fatal, a signal or a fatal error of the
// runtime (ExitPathsNoDefer, ExitPathsLog, ExitPathsSignal, ExitPathsFatal); the exit
// code tells them apart (ExitPathsCode). The crash report shows the value
// (PanicValuePrinted, PanicValueMethodPanics) and the calls (PanicTraceRead,
// PanicTraceCaller), of all goroutines if asked (PanicTraceLevels), with labels
// (PanicTraceLabels), and into a file (PanicTraceCrashOutput).
//
// Panic for mistakes in the program and for values that are constants in the source
// (MustWhen, MustLibrary, MustPackageVariable, MustTerminating), with an error as value
// (PanicValueError). Inside a package it may shorten a recursion (PanicBoundaryParser);
// at the boundary of a request or a job [Guard] makes an error of it
// (PanicBoundaryGuard, PanicBoundaryEnds), in each goroutine (PanicBoundaryGoroutines),
// and so does a test (PanicBoundaryTesting). It costs more the deeper it comes from
// (PanicBoundaryDepth).
package errors
