// Package memory shows where Go values live, what they cost and when they go
// away, as claims that are executed.
//
// A name in parentheses, such as (ReturnPointer), is a claim: the doc comment of
// a Test, Example or Benchmark of this package. It answers one question in full,
// says when the answer does not hold, and is proven by the function it documents:
//
//	go run ./cmd/claims show memory.ReturnPointer    # question, answer, proof
//	make verify CLAIM=memory.ReturnPointer           # judge it on this machine
//	make verify TOPIC=memory                         # judge all of them
//
// The lesson below goes from single values to whole programs. Everything in it
// holds for the gc compiler on 64-bit systems; where Go 1.26 and Go 1.27 differ,
// the claim has both answers.
//
// # Where a value lives
//
// A variable lives in the executable, on the stack of a goroutine or in the heap
// (MemoryRegions). Package-level variables are in the executable, with the
// literals they point to (GlobalInitialiser). For all others the compiler
// decides, one variable at a time, before the program runs. The keyword decides
// nothing: var, new, make and & all give stack or heap (KeywordSaysNothing).
//
// A variable may stay on the stack if nothing can point to it after its
// function has returned. Otherwise it escapes. Ask the compiler which it is, with
// go build -gcflags=-m (CompilerReport):
//
//	func newPoint(x, y int) *point {
//		p := point{x, y} // moved to heap: p
//		return &p
//	}
//
// What moves a value to the heap:
//
//   - Its address is returned (ReturnPointer), or stored behind a pointer, in a
//     map, in a channel or in a global (StoreAddress).
//   - It goes to a function that the compiler cannot see: a method of an
//     interface, a func value, assembly (UnknownCallee, ReadBuffer, UnknownBody).
//   - A closure or a goroutine that outlives the call refers to it
//     (ClosureCapture, GoStatement, MethodValue).
//   - It is too big for a frame (LargeVariable), but parameters and results
//     never are (LargeParameter).
//
// What does not: passing a pointer down (PassPointerDown), a callback that is
// only called (LocalClosure), a constructor that is inlined (InlinedConstructor),
// a chain of inlined wrappers (WrapperChain), a local bytes.Buffer (LocalBuffer).
//
// Escape is decided for the variable and not for the path through the code, so
// one rare path (EscapeOnRarePath), one field (FieldAddress) or one loop
// (EscapeFromLoop) is enough. The price is paid twice, in the allocator and in
// the collector (StackLeavesNoGarbage).
//
// # Values in interfaces
//
// An interface value is two words, the type and a pointer to the value. A value
// that is a pointer itself is stored directly (BoxPointer). Small integers and
// constants have boxes that exist already (BoxInteger, BoxConstant). Everything
// else is copied into a box (BoxStruct, BoxStringSlice, BoxHoldsCopy), which
// is on the heap unless nobody keeps it (BoxLocally, VariadicAny). That is why
// the arguments of package fmt escape (FmtArguments). Generic code stores the
// values themselves (BoxedContainer).
//
// # Goroutine stacks
//
// A goroutine starts with a small stack (GoroutineMemory), as large as the
// average of those the last collection saw (AdaptiveStack). When it is full, the
// runtime makes one of twice the size and moves everything there (StackDoubles,
// StackMoves); the collector halves a stack that is mostly unused (StackShrinks).
// There are no tail calls (NoTailCalls), and an endless recursion ends the
// program in a way that recover cannot stop (StackOverflow). Growing is not
// free: a deep call is much cheaper on a stack that has been that deep before
// (FreshStack).
//
// # Arrays and slices
//
// An array is its elements: assigning or passing it copies them all
// (ArrayAssign, ArrayByValue), it is comparable (ArrayKey), and its length is
// part of its type (ArrayLength). A slice is three words, a pointer, a length and
// a capacity (SliceHeader). Passing it copies these words, so a function can
// change the elements but not the caller's length (SliceArgument, HelperAppend).
//
// If there is room, append writes into the array that is there; if not, it makes
// a larger one (AppendInPlace). So two slices of one array can overwrite each
// other (SubsliceAppend, TwoAppends), until the third index of a slice expression
// takes the room away (FullSlice). [Overlap] tells whether two slices share
// memory, and [Appended] never writes to its argument's array.
//
// A small slice doubles, a large one grows by a quarter and a bit, and the result
// is rounded up to a size class: [NextCap] is the rule, [Caps] shows the steps
// (GrowthSequence, GrowthFormula, GrowthRounding). Appending n elements takes time
// in proportion to n, and knowing n beforehand saves most of it
// (AppendAmortized). Inserting at the front n times takes the square (InsertFront).
//
// Up to 32 bytes of a slice that does not escape need no heap at all
// (MakeVariableSize, AppendBuffer, AppendReturned, AppendRanged), and neither does
// one whose size the compiler can bound (MakeConstantCapacity).
//
// Removing an element leaves the end of the array as it was unless somebody
// clears it: slices.Delete does (DeleteTail), s = s[:len(s)-1] does not
// (PopLeavesPointer). [SwapDelete] is faster if the order does not matter
// (RemoveMany). Do not delete while ranging (DeleteWhileRanging); filter in place
// (FilterInPlace).
//
// A range loop evaluates its operand once (RangeOnce). Of an array it takes a
// copy, of a slice three words (RangeOperand, RangeCopyCost). The value variable is
// a copy of the element (RangeValue, RangeBigStruct) and, since Go 1.22, a new
// one in each iteration (RangeVariable, RangeVariableAllocs).
//
// # Strings
//
// A string is two words, a pointer and a length, over bytes that never change
// (StringHeader, StringImmutable). Parts of it share its bytes (SubstringShares),
// which [SharesText] shows. len and indexing count bytes, range decodes runes, and
// bytes that are not UTF-8 come out as U+FFFD (StringLen, StringRange,
// StringInvalidUTF8); [ReverseRunes] is the usual exercise.
//
// One concatenation is one allocation, however many operands it has
// (ConcatOperands), but a loop of += copies the text again and again: its cost
// grows with the square of the length (ConcatLoop). strings.Builder grows
// like a slice and gives its bytes away without a copy (BuilderString).
//
// Converting between string and []byte copies (ConvertCopies), unless nobody
// could notice: a map lookup (LookupByBytes), a comparison (CompareBytes), a range
// loop (RangeConverted), a function that only reads (ReadOnlyBytes), a result of
// at most 32 bytes that stays local (ConvertSmall). With unsafe.String there is no
// copy, and the promise not to write is yours (UnsafeString, WriteToLiteral).
//
// Comparing equal text in two places reads all of it (StringCompareCost).
// Interning makes one copy of what repeats: by a map ([Interner]) or by
// unique.Make, whose handles compare like pointers and do not keep the text for
// ever (UniqueCompare, UniqueMemory, UniqueReleased).
//
// # Maps
//
// A map value is one pointer (MapIsPointer). Behind it, since Go 1.24, are groups
// of eight slots in tables of at most 1024; a table that is seven eighths full is
// doubled or split, one table at a time (MapGrowthSteps, MapGrowthIsIncremental).
// A size hint saves the growth (MapHint). A nil map can be read but not written
// (NilMap). Elements have no address (MapElementAddress), the order is different
// each time (MapOrder), deleting while ranging is safe (MapRangeDelete), and two
// goroutines that write end the program (MapConcurrentWrite).
//
// A map never shrinks, neither by delete nor by clear (MapNeverShrinks); a new one
// does ([Shrink]). An empty but large map is still slow to range over
// (MapEmptiedRange). struct{} as the element saves nothing since Go 1.24
// (MapSetSize), elements over 128 bytes are stored behind a pointer
// (MapLargeElement), and a map without pointers is not scanned by the collector
// (MapScan).
//
// # Values, copies and zero
//
// A call copies its arguments and an assignment its right side; there is no
// passing by reference (PointerParameter, ImplicitCopies). Slices, maps, channels
// and functions have a pointer inside, so a function can change what they lead to,
// but not which one the caller has (ArgumentShares); for that return the new one,
// or take a pointer to a pointer (PointerToPointer). A value method works on a copy
// (ReceiverCopy), and a pointer method needs something with an address
// (AutomaticAddress).
//
// Copying a struct copies its fields and shares what they point to (StructCopy,
// SelfPointer). So a deep copy is a method that somebody writes ([Profile.Clone],
// DeepCopy), a type clones the slices it promises something about
// (DefensiveCopy), and a mutex must not be copied at all (CopiedMutex, NoCopy).
// Large structs are cheaper to pass by pointer, small ones are not
// (StructArgument). A value that is stored or returned allocates nothing, a pointer
// to a new one does (StoredPointer, ReturnStruct). Operands are evaluated before
// anything is assigned (TupleAssignment), and those of defer and go at the statement
// (DeferArguments).
//
// Every variable starts as its zero value (ZeroValues), and good types make it
// useful ([Tracker], UsefulZero, UnusableZero). What nil can do depends on its kind
// (NilOperations, NilReceiver), and an interface that holds a nil pointer is not
// nil (TypedNil). New memory never shows old content (MemoryIsCleared). Clearing is
// cheap where the compiler sees it (ClearLoop), but a large local buffer is
// cleared in every call (LocalBufferCleared).
//
// Integers wrap around without a sound (IntegerWraps), so what comes from outside
// is checked ([AddInt], [MulInt], DetectOverflow). An operation has the type of its
// operands, whatever its result is converted to (ConvertedTooLate,
// ShiftedConstant, ConstantDivision), and a time.Duration is an integer too
// (DurationOverflow). Constants are exact and checked by the compiler
// (ConstantOverflow, FloatConstants).
//
// The operator == compares structs field by field, if all fields allow it
// (ComparableStruct). With an interface inside it may panic (ComparePanic), and with
// a NaN it is false (FloatEquality). Two times are compared with Equal
// (TimeEquality). reflect.DeepEqual is slow and has rules of its
// own (DeepEqual, DeepEqualPitfalls); an Equal method has yours
// ([Document.Equal]).
//
// # The layout of structs
//
// Fields lie in the order they are written, each at a multiple of its alignment,
// and the size is a multiple of the largest (Alignment). So the order decides
// the size: sort by alignment, as [GoodOrder] does and [BadOrder] does not
// (FieldOrder, FindPadding). That saves memory and no time (FieldOrderTime). The gap in an inner
// struct is lost (NestedPadding), and a field of size zero at the end costs as much
// as a small one (TrailingEmptyField). In the heap only the size class counts
// (StructSizeClass).
//
// Package unsafe sees this layout (UnsafeSizeof, PrivateField). It allows a few
// conversions and no others (UnsafePatterns), and most needs have a safe answer
// (FloatBits, ByteOrder, SliceHeaderDeprecated); the most common mistake is to keep an
// address as a number (UintptrIsNoPointer), and tools find some of the rest, not
// all (UnsafeTools).
//
// # The allocator
//
// A small object gets a slot of one of the [SizeClasses], so its size is rounded up;
// [AllocSize] says to what (MallocHeader, Spans). Objects of less than 16 bytes
// without pointers share a block (TinyAllocator), those over 32 KiB get pages of
// their own (LargeObject), and those of size zero nothing (ZeroSize). The cost of
// an allocation grows with its size, because Go clears memory (AllocSizeCost).
// The collector follows pointers, so its work depends on how many there are, not
// on how many bytes (PointerFree). sync.Pool pays for large or frequent buffers
// (PoolReuse) and has its own traps (PoolPutSlice, PoolGiant).
//
// Freed memory goes back to the allocator and only later to the system
// (HeapStates, HeapFragments). GOGC sets how far the heap may grow over what is
// live (GCTarget), GOMEMLIMIT where the collector becomes eager (MemoryLimit).
//
// Memory is not flat: what is read in the order it lies is faster than the same
// data in another order (TraversalOrder, ListTraversal, HotField), and two cores
// that write to one cache line slow each other down (FalseSharing,
// [PaddedCounter]).
//
// # When a value goes away
//
// An object lives as long as it is reachable, and no longer: not to the end of a
// scope (LocalSetToNil), which is why runtime.KeepAlive exists (KeepAlive). Any
// pointer into an object keeps all of it, so a short sub-slice keeps a large
// array (SubsliceRetains, SubstringRetains, InnerPointerRetains).
//
// runtime.AddCleanup runs a function after an object has died. It has replaced
// finalizers, which keep cycles alive, delay the release and can bring the object
// back (FinalizerCycle, FinalizerDelay, FinalizerResurrect). A cleanup never runs if
// its argument reaches the object (CleanupArgument), and neither kind runs at
// exit (CleanupAtExit), so have a Close method too ([Resource]). A weak pointer
// does not keep its object ([WeakCache]).
//
// A program with a collector leaks when something that lives long keeps what
// nobody needs: a blocked goroutine (BlockedGoroutine), a map that only grows
// (GrowingMap), a slice cut to length zero (TruncateKeeps), a context that is never
// cancelled (UncancelledContext), a defer in a loop (DeferInLoop), a closure
// (ClosureKeeps), a pooled giant (PoolGiant). Timers are no longer on this list
// since Go 1.23 (DroppedTimers). Heap and goroutine profiles find them
// (HeapProfileDiff, GoroutineProfile, GoroutineLeakProfile).
//
// # Answers that depend on the release
//
// Some answers differ between Go 1.26 and Go 1.27, or need a switch: what ranging
// over a small slice costs (AppendRanged), what ranging over large elements costs
// (RangeBigStruct), when overwriting a map entry allocates (MapOverwrite), how large
// a set is (MapSplitGroup), what a buffer on the stack saves (VariableMakeSwitch).
// claims verify -go go1.26.8,go1.27.4 shows them side by side. Others have changed
// for good, and older texts are wrong about them (ReadAll, UseBeforeCheck, HeapBase).
package memory
