// Package profile is compiled with profiles that say which method ran most often.
package profile

type shape interface{ area() int }

type (
	square struct{ side int }
	circle struct{ radius int }
)

func (s *square) area() int { return s.side * s.side }

func (c *circle) area() int { return 3 * c.radius * c.radius }

// Total has one call for all types.
func Total(shapes []shape) int {
	sum := 0
	for _, s := range shapes {
		sum += s.area()
	}
	return sum
}
