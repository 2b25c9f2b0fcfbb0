package interfaces

import (
	"math/big"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// A constraint that names the type itself: type adder[A adder[A]] interface{ add(A) A }.
// It says that the parameter of a method has the type of its receiver, which an ordinary
// interface cannot. Since Go 1.26 the type parameter of adder may be constrained by
// adder itself. Before, one wrote adder[A any], and func sum[T adder[T]] worked all the
// same since Go 1.18, so functions need no change. Each type that takes part is used
// with itself only: no list of mixed adders.
//
//claim:ask How do I require a method whose parameter has the same type as its receiver?
//claim:source https://go.dev/doc/go1.26#language
func TestSelfrefConstraint(t *testing.T) {
	assert.Equal(t, selfrefMoney(6), selfrefSum[selfrefMoney](1, 2, 3))
	assert.Equal(t, selfrefVector{4, 6}, selfrefSum(selfrefVector{1, 2}, selfrefVector{3, 4}))
	assert.Zero(t, selfrefSum[selfrefMoney]())
	const money = `type money int; func (m money) add(n money) money { return m + n }; type plain int
		func sum[T adder[T]](v ...T) (s T) { for _, x := range v { s = s.add(x) }; return s }; `
	constraintAccepts(t, money+`type adder[A any] interface{ add(A) A }; var _ = sum[money](1, 2)`)
	constraintAccepts(t, money+`type adder[A adder[A]] interface{ add(A) A }; var _ = sum[money](1, 2)`)
	constraintRejects(t, "plain does not satisfy adder[plain] (missing method add)",
		money+`type adder[A adder[A]] interface{ add(A) A }; var _ = sum[plain](1, 2)`)
}

type selfrefAdder[A selfrefAdder[A]] interface{ Add(A) A }

type selfrefMoney int

func (m selfrefMoney) Add(n selfrefMoney) selfrefMoney { return m + n }

type selfrefVector struct{ x, y int }

func (v selfrefVector) Add(w selfrefVector) selfrefVector {
	return selfrefVector{v.x + w.x, v.y + w.y}
}

func selfrefSum[T selfrefAdder[T]](values ...T) (sum T) {
	for _, v := range values {
		sum = sum.Add(v)
	}
	return sum
}

// Not quite. adder[money] is an ordinary interface with the method add(money) money, and
// a type other than money may have that method. Such a type can be stored in a variable
// of type adder[money]. What the self-reference forbids is adder[thief], and it is the
// form [T adder[T]] in a function that makes sure that T is added to T. Go has no type
// named Self.
//
//claim:ask Does a self-referential constraint guarantee that only the type itself implements it?
//claim:source https://go.dev/ref/spec#Type_parameter_declarations
func TestSelfrefNotSelf(t *testing.T) {
	const thief = `type adder[A adder[A]] interface{ add(A) A }
		type money int; func (m money) add(n money) money { return m + n }
		type thief struct{}; func (thief) add(money) money { return 0 }
		func sum[T adder[T]](v ...T) {}; `
	constraintAccepts(t, thief+`var _ adder[money] = thief{}`)
	constraintRejects(t, "thief does not satisfy adder[thief] (wrong type for method add)", thief+`var _ adder[thief]`)
	constraintRejects(t, "T (type thief) does not satisfy adder[T]", thief+`func f() { sum(thief{}) }`)
}

// time.Time, netip.Addr and *big.Int have a method that compares with their own type.
// One generic function sorts them all, with the constraint interface{ Compare(T) int },
// and a type whose method is named differently is served by a method expression:
// slices.SortFunc(s, (*big.Int).Cmp). The second form needs no constraint, and the
// caller chooses the order, so prefer it in libraries.
//
//claim:ask How do I sort values that have a Compare method?
//claim:source https://pkg.go.dev/slices#SortFunc
//claim:source https://pkg.go.dev/time#Time.Compare
func TestSelfrefCompare(t *testing.T) {
	now := time.Unix(1000, 0)
	times := []time.Time{now.Add(2), now, now.Add(1)}
	selfrefSort(times)
	assert.Equal(t, []time.Time{now, now.Add(1), now.Add(2)}, times)
	addresses := []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.1")}
	selfrefSort(addresses)
	assert.Equal(t, "10.0.0.1", addresses[0].String())

	numbers := []*big.Int{big.NewInt(3), big.NewInt(1)}
	slices.SortFunc(numbers, (*big.Int).Cmp)
	assert.Equal(t, "1", numbers[0].String())
	slices.SortFunc(times, time.Time.Compare)
	assert.True(t, slices.IsSortedFunc(times, time.Time.Compare))
}

func selfrefSort[T interface{ Compare(T) int }](s []T) {
	slices.SortFunc(s, T.Compare)
}

// A method declared once on an embedded type returns that type, so a chain of calls
// loses the outer type after the first. With a self-referential parameter the base knows
// the type to return: it holds a value of type Self and returns it. The outer type must
// set it, and nothing checks that it does. In Go this is rarely worth it: options as a
// struct or as functions need no chain.
//
//claim:ask How do fluent methods of an embedded struct return the outer type?
//claim:source https://go.dev/doc/faq#inheritance
func TestSelfrefFluent(t *testing.T) {
	q := new(selfrefQuery)
	q.self = q
	assert.Equal(t, "from users limit 3", q.from("users").limit(3).text)
	assert.Nil(t, new(selfrefQuery).from("users"), "self was not set")
}

type selfrefBase[Self any] struct {
	self Self
	text string
}

func (b *selfrefBase[Self]) from(table string) Self {
	b.text += "from " + table
	return b.self
}

type selfrefQuery struct{ selfrefBase[*selfrefQuery] }

func (q *selfrefQuery) limit(n int) *selfrefQuery {
	q.text += " limit " + string(rune('0'+n))
	return q
}
