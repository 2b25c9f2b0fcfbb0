package optimizing

import "strconv"

// Tuning the collector trades memory for processor time. It comes after the
// allocations have been reduced, which saves both. The workload here has what both
// need: live data to mark, and garbage that makes the collector mark it.

// gcTuneNode is live data, a tree that a collection must walk.
type gcTuneNode struct {
	left, right *gcTuneNode
	_           [6]int
}

func gcTuneTree(depth int) *gcTuneNode {
	if depth == 0 {
		return nil
	}
	return &gcTuneNode{left: gcTuneTree(depth - 1), right: gcTuneTree(depth - 1)}
}

// gcTuneAllocate formats records, each in a buffer of its own. The variable is
// where a real program would hand them on.
func gcTuneAllocate(records int) (total int) {
	for i := range records {
		gcTuneBuffer = gcTuneAppend(make([]byte, 0, 256), i)
		total += len(gcTuneBuffer)
	}
	return total
}

// gcTuneReuse does the same work in one buffer.
func gcTuneReuse(records int) (total int) {
	for i := range records {
		gcTuneBuffer = gcTuneAppend(gcTuneBuffer[:0], i)
		total += len(gcTuneBuffer)
	}
	return total
}

func gcTuneAppend(b []byte, i int) []byte {
	b = append(b, "record "...)
	b = strconv.AppendInt(b, int64(i), 10)
	return append(b, " of the table with all the records"...)
}

var gcTuneBuffer []byte
