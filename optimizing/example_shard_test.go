package optimizing_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/optimizing"
)

// 16 cores, each of them in some shard at each moment.
func ExampleShardConflict() {
	for _, shards := range []int{1, 16, 64, 256, 1024} {
		fmt.Printf("%4d shards: %2.0f%%\n", shards, 100*optimizing.ShardConflict(16, shards))
	}
	// Output:
	//    1 shards: 100%
	//   16 shards: 62%
	//   64 shards: 21%
	//  256 shards:  6%
	// 1024 shards:  1%
}
