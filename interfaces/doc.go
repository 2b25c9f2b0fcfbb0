// Package interfaces shows what an interface value is in memory, how methods get into
// types, what a call through an interface costs, how programs are designed with
// interfaces, and where generics take over, as claims that are executed.
//
// A name in parentheses, such as (LayoutWords), is a claim: the doc comment of a Test,
// Example or Benchmark of this package. It answers one question in full, says when the
// answer does not hold, and is proven by the function it documents:
//
//	go run ./cmd/claims show interfaces.LayoutWords    # question, answer, proof
//	make verify CLAIM=interfaces.LayoutWords           # judge it on this machine
//	make verify TOPIC=interfaces                       # judge all of them
//
// Rules of the language are proven by the compiler itself: the tests give it small
// programs and read its errors.
//
// # Two words
//
// An interface value is two words: what is in it, and a pointer to a copy of it
// (LayoutWords, LayoutSize). For an interface without methods the first word is the
// type (LayoutTypeWord), for one with methods an itab: the type, and a table of its
// methods for this interface (LayoutItab). There is one itab for each pair of types
// (ItabIdentity, ItabSize), made by the linker or at the first conversion at run time
// (ItabStatic, ItabConversions). Values that are one pointer are stored themselves
// (LayoutDirect, LayoutZeroSize, ItabValueReceiver). Copying an interface copies the
// two words (LayoutCopyShares), and everything behind them stays alive
// (LayoutKeepsAlive). A data race can mix the words of two values (LayoutTear,
// LayoutAtomicValue).
//
// The static type says what may be called, the dynamic type what is called
// (DynamicType, DynamicMethods, DynamicConstant). A dynamic type is never an interface
// (DynamicNeverInterface, DynamicPointerToInterface), and any is only another name
// (DynamicAny). What is inside is a copy (DynamicPassed, DynamicShared) that can be
// replaced and not changed (DynamicNotAddressable, DynamicStoreBack, DynamicLostChange,
// MethodSetSharedContent).
//
// Making the copy is called boxing (BoxingPlace). It costs where the callee is unknown
// (BoxingUnused, BoxingInlined), once per conversion (BoxingOnce) and once per element
// of a []any (BoxingSlice, ConvertSlice); the topic memory counts the allocations.
// Between interfaces only words move (ConvertWords, ConvertDirection,
// ConvertSameMethods); nothing is covariant (ConvertCovariance), and an assertion
// copies the value out (ConvertAssertCopies).
//
// # Nil
//
// An interface is nil if both words are (TypedNilWords). A nil pointer in it is a value
// with a type, and it gets there in many ways (TypedNilWays, TypedNilRepaired,
// TypedNilWriter, InjectTypedNil). fmt hides it (TypedNilPrinted), go vet does not find
// it (TypedNilVet), and reflection finds too much (TypedNilDetect, TypedNilByReflect,
// GenericNil). The cure is to return nil (TypedNilCure). A method may accept a nil
// receiver (TypedNilCall, NilReceiverWhere, NilReceiverPromoted, NilReceiverKinds),
// which is good for some types (NilReceiverUseful, NilPatternReceiver) and often worse
// than an object that does nothing (NilPatternObject).
//
// # Comparing
//
// == compares types, then values (CompareHow, CompareTypes, CompareMixed,
// CompareSwitch), and panics if the type cannot be compared (CompareUncomparable); it
// can be tried (CompareTry), or forbidden for a type (CompareForbid). The same holds
// for map keys (CompareMapKeys, CompareMapKeyPanic). It costs more than for the
// concrete type (CompareCost, CompareKeyCost).
//
// # Assertions and type switches
//
// An assertion to a concrete type is one comparison, to an interface a question with a
// cache (AssertionCompiled, AssertionCost, ItabSiteCache, ItabNegative). It looks at
// the dynamic type only (AssertionDynamicType, AssertionIdentity, AssertionWrapped),
// fails for nil (AssertionNil), panics or says ok (AssertionPanicText,
// AssertionSameName, AssertionCommaOk, AssertionShadow), and is checked as far as the
// compiler can (AssertionImpossible, AssertionOperand, AssertionTypeParameter).
//
// In a type switch the first case that fits wins (TypeSwitchOrder), nil has its own
// (TypeSwitchNil), and the variable has the type of a case with one type
// (TypeSwitchVariable, TypeSwitchUnused). Types are compared, not what is under them
// (TypeSwitchUnderlying), nor inside of them (TypeSwitchErrors). The rest are details
// of the statement (TypeSwitchDuplicate, TypeSwitchFallthrough, TypeSwitchGeneric). The
// number of cases hardly matters (TypeSwitchCost, TypeSwitchInterfaceCost); what
// matters is who adds the next type (TypeSwitchMethod).
//
// # Methods and receivers
//
// T has its value methods, *T has all (MethodSet, SatisfyBoth), generics change nothing
// (MethodSetConstraint). A call takes the address of a variable, a conversion to an
// interface does not (MethodSetPointerReceiver), and a generated function leads from *T
// to a value method (MethodSetWrapper). Use one kind of receiver for a type
// (ReceiverChoice, ReceiverMixed): a value receiver copies, with all that follows
// (ReceiverSlice, ReceiverReassign, ReceiverRange, ReceiverRace, ReceiverCopyLocks,
// ReceiverString). Methods belong to types of their own package (ReceiverKinds,
// ReceiverOtherPackage, ReceiverGeneric); a defined type starts without
// (ReceiverDefinedType). Unexported methods carry their package (MethodSetUnexported,
// ItabUnexportedMethod).
//
// A method value binds its receiver at once (MethodValueBound, MethodValueNil,
// MethodValueLoop), a method expression takes it as an argument (MethodExpression). It
// is a closure (MethodValueLayout): it allocates (MethodValueReuse) and cannot be
// compared (MethodValueUnregister).
//
// # Embedding
//
// Embedding promotes, it does not inherit: the receiver stays the field
// (EmbeddingNotVirtual, EmbeddingOwner, EmbeddingNoSubtype, OOPSuper). A promoted
// method is a wrapper (EmbeddingWrapper) and nearly free (EmbeddingPromoted). The
// shallowest name wins (SelectorDepth, EmbeddingHides), two at one depth cancel each
// other (SelectorAmbiguous, SelectorFragile, EmbeddingDiamond, IOComposeAmbiguous),
// silently in fmt and JSON (EmbeddingStringer, EmbeddingJSON, EmbeddingJSONConflict).
// Selectors have a few rules more (SelectorFieldAndMethod, SelectorPointers,
// SelectorUnexported, SelectorLiteral). Embedding publishes (EmbeddingExports), can be
// nil (EmbeddingPointer, EmbeddingUnexportedPointer), fills in an interface
// (EmbeddingInterface, EmbeddingUnion), and is limited (EmbeddingAllowed,
// EmbeddingCompare); when in doubt, use a field (EmbeddingOrField).
//
// Objects without classes (OOPWithoutClasses): the package is what hides
// (OOPEncapsulation), an interface is no base class (OOPInterfaceNotBase), the template
// method takes one as a parameter (OOPTemplateMethod), and there are no overloads
// (OOPOverloading, DispatchSingle), no constructors (OOPConstructor), and no methods at
// run time (OOPRuntimeMethods). Fluent chains lose the outer type (OOPFluentChain).
//
// # Satisfaction
//
// A type implements an interface by having its methods (SatisfyImplicit), exactly
// (SatisfyExact, ConsumerIdenticalResults), wherever a value is converted
// (SatisfyWhere, SatisfyUnexportedType). var _ I = (*T)(nil) asks early
// (SatisfyAssertion). A method added to an interface breaks implementers
// (SatisfyAddMethod, ConsumerInterfaceGrows); [Unimplemented] names what is missing
// (SatisfyMissingMethod).
//
// # What a call costs
//
// A call through an interface is an indirect call from a table (DispatchCompiled), like
// that of a function value; what it loses is inlining (DispatchCost). The compiler calls
// directly where it sees the type (DevirtWhere), and not because there is only one
// (DevirtSingleImplementation); a profile makes the most frequent type direct
// (DevirtProfile), as the topic optimizing shows on a program. Results and arguments of
// unknown callees escape (DevirtAllocs, DispatchEscape, InterfacePollution), and a slice
// of interfaces is a slice of pointers (SealedStorage).
//
// # Design
//
// Small interfaces fit many types (SmallIfaceReach, SmallIfaceComposed,
// SmallIfaceLiteral), an interface of everything fits one (SmallIfaceHeader), an empty
// one says nothing (SmallIfaceAny, SmallIfaceMarker). Declare it where it is used
// (ConsumerDeclares), return structs (ConsumerAcceptReturn, ConsumerUnexportedResult),
// unless hiding is the purpose (ConsumerReturnInterface), and wait for the second
// implementation (ConsumerLater). It cuts import cycles (ConsumerImportCycle,
// InjectPortsAdapters).
//
// Dependencies are parameters of the constructor (InjectConstructor, InjectFunction),
// wired in main (InjectWiring, InjectContainer), not package variables
// (InjectPackageVariable), with defaults (OptionsDefault, OptionsSealed); time has a
// tool of its own (InjectClockOrSynctest). Fakes are written by hand (FakeKinds,
// FakeFuncFields, FakePartial, FakeFiles, FakeTransport), and held to a contract
// (FakeContract) rather than to a list of calls (FakeOrMock).
//
// A closed set of variants is an interface with an unexported method (SealedInterface),
// with known holes (SealedForged, SealedMissed) and a test of completeness
// (SealedExhaustive, SealedVisitor, SealedJSON); a union is no type for variables
// (SealedUnionVariable). An enumeration is an open integer (EnumNotClosed, EnumSwitch)
// with rules for its zero, its order and its text (EnumZero, EnumIota, EnumInsert,
// EnumText, EnumFlags, EnumStruct).
//
// What only some values can do is an optional interface (OptionalInterface, OptionalFS,
// OptionalContextAfterFunc). io.Copy lives on them (OptionalCopyOrder), and a wrapper
// hides them (OptionalHidden) unless it forwards (OptionalForwarded, OptionalUnwrap,
// OptionalUnsupported, OptionalCombinations); embedding opens a way round
// (OptionalBypassesOverride). Decorators see calls from outside only
// (DecoratorSelfCall, DecoratorOrder), cost a call each (DecoratorLayers) and hide
// identity (DecoratorIdentity, DecoratorEmbedOrWrite). Adapters make foreign types fit
// (AdapterFunction, AdapterForeignType, AdapterOrDecorator, AdapterSort,
// AdapterRegistry).
//
// Package io is the model: a contract that is easy to misread (IOComposeReadContract),
// and pieces that combine (IOComposeTee, IOComposeLimit, IOComposeSection,
// IOComposePipe, IOComposeNopCloser, IOComposeCloseOrder). fmt and json ask for methods
// in a fixed order (StringerOrder), for values and not for unexported fields
// (StringerMarshalReceiver, StringerUnexportedField), and a method that prints its
// receiver never ends (StringerRecursion, StringerPlainType, StringerPanic,
// StringerSecret).
//
// # Generics
//
// A constraint is a set of types (ConstraintTypeSet, ConstraintTilde, ConstraintUnion)
// and no type of variables (ConstraintVariable). It decides which operations there are
// (ConstraintOperators, ConstraintConstants, ConstraintStructure,
// ConstraintPointerMethod). any satisfies comparable and may panic
// (ConstraintComparable, ConstraintStrict); NaN breaks cmp.Ordered
// (ConstraintOrderedNaN); an interface can be an argument (ConstraintInterfaceArgument,
// ConstraintSlice). Constraints are repeated (ConstraintRepeated) and sometimes misread
// (ConstraintAmbiguous). Since Go 1.26 a type parameter can occur in its own constraint
// (SelfrefConstraint, SelfrefNotSelf, SelfrefCompare, SelfrefFluent).
//
// Types are inferred from arguments (InferUntyped, InferNamed, InferFunction,
// InferAssignment), never from results (InferResult), and never as a common interface
// (InferCommon, InferNil, InferLiteral, InferPartial).
//
// The compiler makes one copy for each shape, not for each type (ShapeShared,
// ShapeConstraint, ShapeName), and a dictionary tells them apart (ShapeDictionary).
// Values are not boxed (ShapeBoxing), operators cost what they cost elsewhere
// (ShapeOperators), methods are called indirectly (ShapeMethods). Use generics for
// containers and algorithms on equal types (GenericWhen, GenericSort, GenericCompare),
// interfaces where types mix. [Set], [Stack] and [Tree] show the rest: zero values
// (GenericZero, GenericPopClears), methods and their type parameters
// (GenericReceiverName, GenericMethodParameters, GenericMethodValue,
// GenericImplements), generic methods since Go 1.27 (GenericMethod,
// GenericMethodInterface), no variance (GenericVariance), and the limits
// (GenericLimits, GenericEmbed, GenericAlias, GenericCycle, GenericStatic,
// GenericReflect).
package interfaces
