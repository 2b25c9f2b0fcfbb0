package interfaces

// A decorator has the interface of what it wraps and changes some of the methods.
// decoratorSource is wrapped here; decoratorCount is the smallest decorator: the embedded
// interface promotes what it does not change.

type decoratorSource interface {
	Get(key int) int
	GetAll(keys ...int) []int
}

// decoratorTable answers GetAll with its own Get.
type decoratorTable struct{ factor int }

//go:noinline
func (t *decoratorTable) Get(key int) int { return key * t.factor }

func (t *decoratorTable) GetAll(keys ...int) []int {
	all := make([]int, 0, len(keys))
	for _, key := range keys {
		all = append(all, t.Get(key))
	}
	return all
}

type decoratorCount struct {
	decoratorSource
	gets int
}

func (c *decoratorCount) Get(key int) int {
	c.gets++
	return c.decoratorSource.Get(key)
}

// Unwrap shows what is decorated, for Find.
func (c *decoratorCount) Unwrap() decoratorSource { return c.decoratorSource }

func decoratorChain(depth int) decoratorSource {
	var source decoratorSource = &decoratorTable{3}
	for range depth {
		source = &decoratorCount{decoratorSource: source}
	}
	return source
}
