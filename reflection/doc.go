// Package reflection shows what a Go program can learn about its own types and values
// at run time, what that costs, and what to use instead, as claims that are executed.
//
// A name in parentheses, such as (SettableTable), is a claim: the doc comment of a
// Test, Example or Benchmark of this package. It answers one question in full, says
// when the answer does not hold, and is proven by the function it documents:
//
//	go run ./cmd/claims show reflection.SettableTable    # question, answer, proof
//	make verify CLAIM=reflection.SettableTable           # judge it on this machine
//	make verify TOPIC=reflection                         # judge all of them
//
// The first half of the lesson is about types and values, the second about programs
// made of them: a validator ([Validate]), a configuration loader ([DecodeConfig]), a
// deep copy ([DeepCopy]), a comparison that says where ([Diff]) and a small container
// ([Container]). All of them can be copied.
//
// # Three laws
//
// From an interface value to a Value, back again, and a Value that is to be changed
// must be settable (Laws). Everything follows from what an interface value holds: a
// type and a copy. So TypeOf never sees the static type (LawsStaticTypeLost), and a
// Value does not see later changes of the variable (LawsCopy). Mistakes are panics and
// not errors (LawsPanics), at run time and not at compile time: that is the price
// (LawsUnchecked).
//
// # Types
//
// A reflect.Type is a pointer to what the compiler wrote about the type (RTypeLayout),
// the same pointer for identical types, so that == compares types and a map can have
// them as keys (RTypeIdentity, RTypeStructIdentity). Their text is for readers
// (RTypeStringNotUnique, RTypeNames). The kind says how a value is built, the type what
// it is (KindVersusType): there are 26 kinds and Invalid (KindAll), and a type switch
// sees types and not kinds (KindSwitch, KindUnderlying). Methods for the wrong kind
// panic (RTypePanics, KindGetters). Types are safe for concurrent use
// (RTypeConcurrent); functions keep no names of parameters (RTypeFunc), structs show
// their offsets (RTypeOffsets).
//
// TypeFor names a type without a value (TypeForInterface, TypeForGeneric). Whether a
// type implements, is assignable, convertible or comparable is one method each
// (ImplementsTable); beware of methods that only the pointer has (ImplementsPointer),
// of values that cannot be compared although their type can (ImplementsComparable), of
// unexported methods (ImplementsUnexportedMethod), and that a constraint is no type
// (ImplementsConstraint). Which method is missing you must find out yourself
// (ImplementsWhyNot), and it is no cheap question (ImplementsCost).
//
// # Values
//
// A Value is a type, a pointer and a few flags (RValueLayout); compare with Equal and
// not with == (RValueEqual), and know the zero Value (RValueZeroValue) and what IsNil
// and IsZero are for (RValueIsNil, RValueIsZero). A Value of kind Interface is found
// only inside of another (KindInterface). Elem goes one step (RValueElem).
//
// Settable is what was reached through a pointer or a slice, and exported fields
// (SettableTable, SettablePanics, SettableAddr); elements of maps and contents of
// interfaces are neither addressable nor settable (SettableMapElement). Set checks types
// and SetInt only the kind (SettableSet), too large numbers are cut off
// (SettableOverflow, RConvertFits), nil pointers are filled (SettableNilPointer).
// Unexported fields can be read and not set (UnexportedRead, UnexportedSticky,
// UnexportedEmbedded, UnexportedFmt). unsafe gets around that (UnexportedExpose) and
// breaks what the other package relies on (UnexportedInvariant).
//
// Slices, maps and channels have all their operations (RValueSlices, RValueMaps,
// RValueMapRange, RValueChans); Seq and Seq2 range over anything that a for statement
// accepts (IterateSeq, IterateSetElements, IterateNilArrayPointer), at a price for
// functions (IterateFunc). The iterators of Go 1.26 walk over fields, methods and
// parameters (IterateFields) and allocate (IterateFieldAllocs). Convert does what a
// conversion does, and never parses (RConvertTable, RConvertIntString,
// RConvertSliceArray, RConvertInterface). To get a value out, TypeAssert saves the copy
// that Interface makes (RValueInterface, TypeForAssert, TypeForAssertNil). fmt knows a
// Value and not a slice of them (RValuePrint), and a function has a name and no
// identity (RValueFuncName).
//
// # Making things at run time
//
// Everything that a literal makes can be made (CreateConstructors,
// CreateNewVersusZero), by type, not by name (CreateByName), and new types too
// (CreateTypes, CreateStructOf). Those have no methods of their own
// (CreateStructOfEmbedded) and are never freed (CreateNeverFreed). MakeFunc makes
// functions (MakeFuncSwap, MakeFuncVariadic, MakeFuncName), with traps in their results
// (MakeFuncResults), good for wrapping any function (MakeFuncAround), but no methods:
// there are no dynamic proxies (MakeFuncNoMethods). An out parameter is a pointer whose
// type is read (CreateOutParameter); NewAt and SliceAt belong to unsafe (CreateAt).
//
// Methods are listed by name (RMethodsTable, RMethodsOrder), promoted ones included
// (RMethodsPromoted), with the receiver first or bound (RMethodsReceiver,
// RMethodsLateReceiver). A call checks its arguments at run time (RMethodsCall,
// RMethodsVariadic, RMethodsNil), hands out results as Values (RMethodsErrorResult) and
// lets panics through (RMethodsPanic). That is how frameworks find handlers
// (RMethodsDispatch).
//
// reflect.Select waits for a number of channels known at run time (RSelectCases), spins
// on closed ones if nobody removes them (RSelectClosed), and allocates (RSelectAllocs);
// a goroutine for each channel behaves differently (RSelectMerge) and does not get
// slower with the number of channels (RSelectCost).
//
// # Tags, validators, configurations
//
// A tag is a string with a convention (TagSyntax), read with Lookup (TagLookup,
// TagRepeated, TagOptions) without an allocation (TagAllocs), and checked by go vet
// only (TagVet). It is part of the type, and conversions ignore it (TagConversion), so
// that it can be exchanged at run time (TagRuntime). Fields of embedded structs follow
// the rules of the language (TagwalkVisible, TagwalkAmbiguous, TagwalkNilEmbedded),
// names in another case do not (TagwalkFold).
//
// A validator is a walk with rules (ValidateStruct), a loader a walk with texts
// (ConfigDecode, ConfigNilPointer, ConfigTextUnmarshaler). A tag that makes no sense is
// an error of the program and has to name type, field and rule (ValidateTagError). What
// was learnt of a type is kept (PlanCache), which is worth most of the time (PlanSaves,
// ValidateCached), also for types that contain themselves (PlanRecursive) and many
// goroutines (ValidateConcurrent).
//
// # Comparing and copying
//
// DeepEqual compares what == cannot (DeepEqualRules), ends for cycles (DeepEqualCycle),
// and is not what programs mean by equal: not for nil and empty slices
// (DeepEqualNilSlice), NaN (DeepEqualNaN), functions (DeepEqualFunc), times
// (DeepEqualTime), errors (DeepEqualErrors) and the inside of foreign types
// (DeepEqualUnexported). Typed functions are many times faster (DeepEqualSlices).
// [Diff] says where two values differ (Diff) and asks types that know better
// (DiffEqualMethod).
//
// An assignment is a shallow copy (DeepCopySharesNothing). A deep one needs a memory
// for cycles and shared parts (DeepCopyCycle), stops at unexported fields
// (DeepCopyUnexported, DeepCopyEmbedded), cannot keep pointers into the middle
// (DeepCopyInteriorPointer), should meet no locks (DeepCopyLockedMutex), and costs less
// than a round trip through JSON (DeepCopyCost).
//
// A container calls constructors by the types of their parameters (Container,
// ContainerInterface), which moves errors of compilation to run time (ContainerCheck,
// ContainerConstructorFails) and costs little, once (ContainerCost).
//
// # Cost, and what to use instead
//
// Most of the cost of naive reflection goes away without leaving reflection: keep the
// plan, use indexes, read with getters (CostTable, FieldCost, FieldInterfaceAllocs,
// FieldSetAllocs, FieldMapRange). A call is the most expensive operation (CallCost):
// assert the function once to its type (CallAssert). ValueOf does not make its argument
// escape, Call does (ReflectEscape, ReflectCallEscape), and an API that takes any makes
// its callers pay (ReflectAPICost).
//
// The standard library shows the order: a type switch, an interface, a plan, and then
// reflection (StdlibFastPath, StdlibSwap, StdlibTemplate, StdlibJSONPointer). Generated
// code does the work before the build (GeneratedStringer, GeneratedMock), fails to
// compile if it is stale (GeneratedStale), and says what it is (GeneratedHeader);
// generics do it where only types differ. A method that is looked up by a name which is
// no constant keeps all exported methods in the binary (DeadCodeMethods). unsafe is as
// fast as a field and checks nothing: convert addresses at once (UnsafeRulesAddress,
// UnsafeRulesNewAt, UnsafeRulesCheckptr), compare types before offsets
// (UnsafeRulesOffset), and prefer conversions of the language (UnsafeRulesLayout).
package reflection
