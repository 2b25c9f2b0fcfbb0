package interfaces

import (
	"iter"
	"math/rand/v2"
)

// A container is where type parameters pay: what goes in as a T comes out as a T,
// without an assertion, and a slice of T holds the values themselves.

// Set is a set of comparable values: a map with two methods, to be used as the map
// that it is, with len, delete, range and a literal. A nil Set can be read. It is not
// safe for concurrent use if one of the users writes.
type Set[T comparable] map[T]struct{}

// SetOf returns a set of the given values.
func SetOf[T comparable](values ...T) Set[T] {
	s := make(Set[T], len(values))
	s.Add(values...)
	return s
}

// Add adds the values. It panics if s is nil and there are any, or if T is an
// interface type and a value in it cannot be compared.
func (s Set[T]) Add(values ...T) {
	for _, v := range values {
		s[v] = struct{}{}
	}
}

// Has reports whether v is in the set. Its cost does not depend on the size.
func (s Set[T]) Has(v T) bool {
	_, ok := s[v]
	return ok
}

// Stack is a last-in first-out stack. The zero value is empty and ready to use. It is
// not safe for concurrent use.
type Stack[T any] struct{ items []T }

// Push puts v on top. Its amortized cost is constant.
func (s *Stack[T]) Push(v T) { s.items = append(s.items, v) }

// Pop removes and returns the value on top. It returns the zero value and false if
// the stack is empty.
func (s *Stack[T]) Pop() (v T, ok bool) {
	if len(s.items) == 0 {
		return v, false
	}
	last := len(s.items) - 1
	v, s.items[last] = s.items[last], v // the array must not keep what v points to
	s.items = s.items[:last]
	return v, true
}

// Len returns the number of values.
func (s *Stack[T]) Len() int { return len(s.items) }

// Tree is a map with sorted keys: a binary search tree that keeps itself balanced by
// random priorities (a treap). Put, Get and Delete take time that grows with the
// logarithm of the size, on average over the priorities and whatever the order of
// the keys. It is not safe for concurrent use if one of the users writes.
type Tree[K, V any] struct {
	compare func(a, b K) int
	root    *genericTreeNode[K, V]
	size    int
}

type genericTreeNode[K, V any] struct {
	key         K
	value       V
	priority    uint32 // not below that of the children
	left, right *genericTreeNode[K, V]
}

// NewTree returns an empty tree whose keys are ordered by compare, which returns a
// negative number, zero or a positive number as [cmp.Compare] does. Keys that compare
// equal are the same key. It panics if compare is nil.
func NewTree[K, V any](compare func(a, b K) int) *Tree[K, V] {
	if compare == nil {
		panic("interfaces.NewTree: compare is nil")
	}
	return &Tree[K, V]{compare: compare}
}

// Put stores the value under the key, in place of an earlier one.
func (t *Tree[K, V]) Put(key K, value V) { t.root = t.put(t.root, key, value) }

func (t *Tree[K, V]) put(n *genericTreeNode[K, V], key K, value V) *genericTreeNode[K, V] {
	if n == nil {
		t.size++
		return &genericTreeNode[K, V]{key: key, value: value, priority: rand.Uint32()}
	}
	switch c := t.compare(key, n.key); {
	case c < 0:
		n.left = t.put(n.left, key, value)
		if l := n.left; l.priority > n.priority {
			n.left, l.right = l.right, n
			return l
		}
	case c > 0:
		n.right = t.put(n.right, key, value)
		if r := n.right; r.priority > n.priority {
			n.right, r.left = r.left, n
			return r
		}
	default:
		n.value = value
	}
	return n
}

// Get returns the value under the key, and whether there is one.
func (t *Tree[K, V]) Get(key K) (value V, ok bool) {
	for n := t.root; n != nil; {
		switch c := t.compare(key, n.key); {
		case c < 0:
			n = n.left
		case c > 0:
			n = n.right
		default:
			return n.value, true
		}
	}
	return value, false
}

// Delete removes the key and reports whether it was there.
func (t *Tree[K, V]) Delete(key K) bool {
	link := &t.root
	for *link != nil {
		switch c := t.compare(key, (*link).key); {
		case c < 0:
			link = &(*link).left
		case c > 0:
			link = &(*link).right
		default:
			*link = genericTreeJoin((*link).left, (*link).right)
			t.size--
			return true
		}
	}
	return false
}

// genericTreeJoin joins two trees, all keys of left being before those of right.
func genericTreeJoin[K, V any](left, right *genericTreeNode[K, V]) *genericTreeNode[K, V] {
	switch {
	case left == nil:
		return right
	case right == nil:
		return left
	case left.priority > right.priority:
		left.right = genericTreeJoin(left.right, right)
		return left
	default:
		right.left = genericTreeJoin(left, right.left)
		return right
	}
}

// Len returns the number of keys.
func (t *Tree[K, V]) Len() int { return t.size }

// All returns an iterator over keys and values in the order of the keys. The tree must
// not be changed while it runs; setting a new value for the current key is allowed.
func (t *Tree[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) { t.root.all(yield) }
}

func (n *genericTreeNode[K, V]) all(yield func(K, V) bool) bool {
	return n == nil || n.left.all(yield) && yield(n.key, n.value) && n.right.all(yield)
}
