package interfaces

import "encoding/binary"

// An interface between two parts of a program is a seam: a place where another
// implementation can be put in. consumerMeter has one, consumerMeterDirect does the same
// without.

// consumerCodec is satisfied by one type only, as many interfaces are.
type consumerCodec interface {
	Encode(buf *[64]byte, v uint64) int
}

type consumerVarint struct{}

func (consumerVarint) Encode(buf *[64]byte, v uint64) int {
	return binary.PutUvarint(buf[:], v)
}

type consumerMeter struct{ codec consumerCodec }

//go:noinline
func newConsumerMeter() *consumerMeter { return &consumerMeter{consumerVarint{}} }

//go:noinline
func (m *consumerMeter) size(v uint64) int {
	var buf [64]byte //claim:heap
	return m.codec.Encode(&buf, v)
}

type consumerMeterDirect struct{ codec consumerVarint }

//go:noinline
func newConsumerMeterDirect() *consumerMeterDirect { return &consumerMeterDirect{} }

//go:noinline
func (m *consumerMeterDirect) size(v uint64) int {
	var buf [64]byte //claim:stack
	return m.codec.Encode(&buf, v)
}
