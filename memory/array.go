package memory

// NewRows returns a grid of rows and columns of zeros as a slice of slices over
// one array: two allocations, however many rows there are, and the rows lie one
// behind the other in memory. No row has spare capacity, so appending to one
// cannot run into the next; but any row that is kept keeps the whole grid alive.
// It panics if rows or columns are negative.
func NewRows[T any](rows, columns int) [][]T {
	grid := make([][]T, rows)
	cells := make([]T, rows*columns)
	for i := range grid {
		grid[i] = cells[i*columns : (i+1)*columns : (i+1)*columns]
	}
	return grid
}
