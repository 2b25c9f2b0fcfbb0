package errors

import (
	"testing"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func TestMain(m *testing.M) { proof.Main(m) }
