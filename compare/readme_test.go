package compare

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeThresholds makes sure that each "more than 2x" and "less than 1.2x"
// in the table of the README is what a claim about that pattern verifies.
func TestReadmeThresholds(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	files := map[string]string{
		"Pool": "pool", "ForEach": "foreach", "MapOrdered": "stream", "RateLimiter": "ratelimit", "Breaker": "breaker",
		"Retry": "retry", "Bulkhead": "bulkhead", "Flight": "flight", "LRU": "lru", "TTL": "ttl", "ShardedMap": "map",
	}
	number := regexp.MustCompile(`(more|less) than ([0-9.]+)x`)
	rows, thresholds := 0, 0
	for line := range strings.Lines(string(readme)) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 || files[strings.Split(strings.TrimSpace(cells[1]), ",")[0]] == "" {
			continue
		}
		rows++
		for pattern := range strings.SplitSeq(strings.TrimSpace(cells[1]), ", ") {
			source, err := os.ReadFile(files[pattern] + "_test.go")
			require.NoError(t, err, line)
			for _, match := range number.FindAllStringSubmatch(cells[3], -1) {
				thresholds++
				operator := map[string]string{"more": ">", "less": "<"}[match[1]]
				claimed := regexp.MustCompile(`//claim:expect .* ` + operator + ` ` + regexp.QuoteMeta(match[2]) + `(x|\n)`)
				// More than 3x is true as well if a claim verifies more.
				stronger := operator == ">" && match[2] == "3" && strings.Contains(string(source), "> 5x of=godeep")
				assert.True(t, claimed.Match(source) || stronger, "%s: %s is no claim of %s_test.go", pattern, match[0], files[pattern])
			}
		}
	}
	assert.Equal(t, 20, rows)
	assert.Greater(t, thresholds, 15)
}
