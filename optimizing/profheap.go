package optimizing

// The heap profile has four views. Each of the first four functions is the top of
// one of them: whoever looks at another view looks at the wrong function.

// profRow has a pointer, so that no two of them share a block.
type profRow struct {
	next *profRow
	data [3]uint64
}

var (
	profKept   []*profRow
	profPage   []byte
	profUnused []byte
)

// profKeepLarge holds most of the memory: inuse_space.
//
//go:noinline
func profKeepLarge() { profPage = make([]byte, 256<<10) }

// profKeepSmall holds most of the objects: inuse_objects.
//
//go:noinline
func profKeepSmall() {
	profKept = nil
	for range 1000 {
		profKept = append(profKept, new(profRow))
	}
}

// profDropLarge makes most of the garbage in bytes: alloc_space.
//
//go:noinline
func profDropLarge() {
	for range 4 {
		profUnused = make([]byte, 256<<10)
	}
	profUnused = nil
}

// profDropSmall makes most of the garbage in objects: alloc_objects.
//
//go:noinline
func profDropSmall() {
	for range 4000 {
		profKept[0].next = new(profRow)
	}
	profKept[0].next = nil
}

func profFourViews() {
	profKeepLarge()
	profKeepSmall()
	profDropLarge()
	profDropSmall()
}

// profLoad makes a row for somebody else to keep.
//
//go:noinline
func profLoad() *profRow { return new(profRow) }

// profCache keeps rows that it has not made.
type profCache struct{ rows []*profRow }

//go:noinline
func (c *profCache) keep(row *profRow) { c.rows[0] = row }

// profOnStack makes an object that nobody can keep.
//
//go:noinline
func profOnStack() uint64 {
	row := &profRow{data: [3]uint64{1, 2, 3}} //claim:stack
	return row.data[0] + row.data[1] + row.data[2]
}
