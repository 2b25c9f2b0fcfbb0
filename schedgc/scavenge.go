package schedgc

import "runtime/metrics"

// Memory that the collector has freed belongs to the process until the scavenger gives
// its pages back to the system. HeapPages tells the states apart.

// HeapPages is where the memory that the runtime has mapped is, in bytes.
type HeapPages struct {
	Objects  uint64 // live objects, and garbage that is not swept yet
	Unused   uint64 // free places between the objects, in pages that are in use
	Free     uint64 // free pages that still belong to the process
	Released uint64 // free pages given back: addresses without memory
	Rest     uint64 // stacks and the structures of the runtime
}

// ReadHeapPages reads the current values. It stops nothing and may be called often,
// from any goroutine; the values are not a snapshot of one moment.
func ReadHeapPages() HeapPages {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/total:bytes"},
	}
	metrics.Read(samples)
	value := func(i int) uint64 { return samples[i].Value.Uint64() }
	p := HeapPages{Objects: value(0), Unused: value(1), Free: value(2), Released: value(3)}
	p.Rest = value(4) - p.Objects - p.Unused - p.Free - p.Released
	return p
}

// Mapped returns the bytes that the process holds, all but the released ones. It is
// what the memory limit of Go is compared with, and the upper bound of what the runtime
// adds to the resident set of the process.
func (p HeapPages) Mapped() uint64 { return p.Objects + p.Unused + p.Free + p.Rest }
