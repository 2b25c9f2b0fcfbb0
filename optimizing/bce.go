package optimizing

// Each index into a slice is checked unless the compiler proves that it is in
// range. The comments at the ends of the lines say what it proves.

func boundsAscending(s []uint64) uint64 {
	sum := s[0] //claim:checked
	sum += s[1] //claim:checked
	sum += s[2] //claim:checked
	sum += s[3] //claim:checked
	return sum
}

func boundsDescending(s []uint64) uint64 {
	sum := s[3] //claim:checked
	sum += s[2] //claim:unchecked
	sum += s[1] //claim:unchecked
	sum += s[0] //claim:unchecked
	return sum
}

func boundsHint(s []uint64) uint64 {
	_ = s[3]    //claim:checked
	sum := s[0] //claim:unchecked
	sum += s[1] //claim:unchecked
	sum += s[2] //claim:unchecked
	sum += s[3] //claim:unchecked
	return sum
}

// boundsArray has one check, of the length, in the conversion.
func boundsArray(s []uint64) uint64 {
	a := (*[4]uint64)(s)
	return a[0] + a[1] + a[2] + a[3] //claim:unchecked
}

func boundsRange(s []uint64) (sum uint64) {
	for i := range s {
		sum += s[i] //claim:unchecked
	}
	for i := 0; i < len(s); i++ {
		sum += s[i] //claim:unchecked
	}
	for i := len(s) - 1; i >= 0; i-- {
		sum += s[i] //claim:unchecked
	}
	for i := 1; i < len(s); i++ {
		sum += s[i-1] //claim:unchecked
	}
	return sum
}

func boundsPairs(s []uint64) (sum uint64) {
	for i := 0; i+1 < len(s); i += 2 {
		sum += s[i] * s[i+1] //claim:checked
	}
	return sum
}

func boundsPairsCut(s []uint64) (sum uint64) {
	for len(s) >= 2 {
		sum += s[0] * s[1] //claim:unchecked
		s = s[2:]          //claim:unchecked
	}
	return sum
}

// boundsUnknown has loops whose limit says nothing about the length of s.
func boundsUnknown(s []uint64, n int) (sum uint64) {
	for i := range n {
		sum += s[i] //claim:checked
	}
	for i := 0; i < n; i++ {
		sum += s[i] //claim:checked
	}
	return sum
}

// boundsKnown cuts s to the limit of the loop first.
func boundsKnown(s []uint64, n int) (sum uint64) {
	s = s[:n] //claim:checked
	for i := range n {
		sum += s[i] //claim:unchecked
	}
	return sum
}

//go:noinline
func boundsDot(a, b []uint64) (sum uint64) {
	for i := range a {
		sum += a[i] * b[i] //claim:checked
	}
	return sum
}

//go:noinline
func boundsDotCut(a, b []uint64) (sum uint64) {
	b = b[:len(a)] //claim:checked
	for i := range a {
		sum += a[i] * b[i] //claim:unchecked
	}
	return sum
}

func boundsMask(table *[64]byte, s []byte, x int) byte {
	r := table[x&63]             //claim:unchecked
	r += table[uint(x)%64]       //claim:unchecked
	r += table[uint64(x)>>58]    //claim:unchecked
	r += s[x&63]                 //claim:checked
	r += s[uint(x)%uint(len(s))] //claim:unchecked
	return r
}

func boundsByte(table *[256]byte, x byte) byte {
	return table[x] //claim:unchecked
}

func boundsSearch(s []uint64, x uint64) int {
	low, high := 0, len(s)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if s[mid] < x { //claim:checked
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// boundsHalve cuts the slice to the half in which x is.
func boundsHalve(s []uint64, x uint64) (before int) {
	for len(s) > 0 {
		mid := len(s) / 2
		if s[mid] < x { //claim:checked
			before += mid + 1
			s = s[mid+1:] //claim:unchecked
		} else {
			s = s[:mid] //claim:unchecked
		}
	}
	return before
}

// boundsField reads a slice that a call could change.
type boundsField struct{ s []uint64 }

//go:noinline
func (f *boundsField) touch() {}

func (f *boundsField) sum() (sum uint64) {
	for i := 0; i < len(f.s); i++ {
		f.touch()
		sum += f.s[i] //claim:checked
	}
	return sum
}

func (f *boundsField) sumLocal() (sum uint64) {
	s := f.s
	for i := 0; i < len(s); i++ {
		f.touch()
		sum += s[i] //claim:unchecked
	}
	return sum
}

// The first of these functions stores eight bytes one by one, the second in one
// instruction.

//go:noinline
func putBytes(b []byte, x uint64) {
	b[0] = byte(x)       //claim:checked
	b[1] = byte(x >> 8)  //claim:checked
	b[2] = byte(x >> 16) //claim:checked
	b[3] = byte(x >> 24) //claim:checked
	b[4] = byte(x >> 32) //claim:checked
	b[5] = byte(x >> 40) //claim:checked
	b[6] = byte(x >> 48) //claim:checked
	b[7] = byte(x >> 56) //claim:checked
}

//go:noinline
func putBytesHint(b []byte, x uint64) {
	_ = b[7]             //claim:checked
	b[0] = byte(x)       //claim:unchecked
	b[1] = byte(x >> 8)  //claim:unchecked
	b[2] = byte(x >> 16) //claim:unchecked
	b[3] = byte(x >> 24) //claim:unchecked
	b[4] = byte(x >> 32) //claim:unchecked
	b[5] = byte(x >> 40) //claim:unchecked
	b[6] = byte(x >> 48) //claim:unchecked
	b[7] = byte(x >> 56) //claim:unchecked
}
