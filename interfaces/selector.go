package interfaces

// x.f finds the field or method f at the smallest depth: in x itself, then in what
// x embeds, then one level deeper. Two at the same depth are an ambiguity. Here are
// the structs that the rules are shown on.

type (
	selectorDeep   struct{ Host, Port string }
	selectorMiddle struct{ selectorDeep }
	selectorLeft   struct{ Port string }

	// selectorOuter finds Port at depth 1, and Host at depth 2.
	selectorOuter struct {
		selectorMiddle
		selectorLeft
	}
)

// selectorLogger and selectorStore both have a Close. A struct that embeds both
// has none.
type (
	selectorLogger  struct{ closed *[]string }
	selectorStore   struct{ closed *[]string }
	selectorService struct {
		selectorLogger
		selectorStore
	}
)

func (l selectorLogger) Close() error { *l.closed = append(*l.closed, "logger"); return nil }
func (s selectorStore) Close() error  { *s.closed = append(*s.closed, "store"); return nil }

// selectorClosing decides what Close means.
type selectorClosing struct{ selectorService }

func (s selectorClosing) Close() error {
	if err := s.selectorStore.Close(); err != nil {
		return err
	}
	return s.selectorLogger.Close()
}
