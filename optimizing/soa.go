package optimizing

// A slice of structs (array of structs) keeps what belongs to one thing together;
// a struct of slices (structure of arrays) keeps each field of all things
// together.

// soaParticle has eight fields, a cache line on most processors.
type soaParticle struct{ x, y, z, mass, vx, vy, vz, charge float64 }

// soaParticles has the same fields in columns. All slices have the same length.
type soaParticles struct{ x, y, z, mass, vx, vy, vz, charge []float64 }

func newSoaParticles(n int) *soaParticles {
	column := func() []float64 { return make([]float64, n) }
	return &soaParticles{column(), column(), column(), column(), column(), column(), column(), column()}
}

func (p *soaParticles) set(i int, q soaParticle) {
	p.x[i], p.y[i], p.z[i], p.mass[i] = q.x, q.y, q.z, q.mass
	p.vx[i], p.vy[i], p.vz[i], p.charge[i] = q.vx, q.vy, q.vz, q.charge
}

func (p *soaParticles) at(i int) soaParticle {
	return soaParticle{p.x[i], p.y[i], p.z[i], p.mass[i], p.vx[i], p.vy[i], p.vz[i], p.charge[i]}
}

//go:noinline
func soaMassOfStructs(particles []soaParticle) (mass float64) {
	for i := range particles {
		mass += particles[i].mass
	}
	return mass
}

//go:noinline
func soaMassOfColumns(p *soaParticles) (mass float64) {
	for _, m := range p.mass {
		mass += m
	}
	return mass
}

func (q *soaParticle) total() float64 {
	return q.x + q.y + q.z + q.mass + q.vx + q.vy + q.vz + q.charge
}

// soaPickStructs needs all fields of some particles.
//
//go:noinline
func soaPickStructs(particles []soaParticle, picks []uint32) (total float64) {
	for _, i := range picks {
		total += particles[i].total()
	}
	return total
}

//go:noinline
func soaPickColumns(p *soaParticles, picks []uint32) (total float64) {
	for _, i := range picks {
		q := p.at(int(i))
		total += q.total()
	}
	return total
}

// soaPair is a struct of which a loop needs half.
type soaPair struct{ key, value int64 }

//go:noinline
func soaKeysOfPairs(pairs []soaPair) (sum int64) {
	for i := range pairs {
		sum += pairs[i].key
	}
	return sum
}

//go:noinline
func soaKeysOfColumn(keys []int64) (sum int64) {
	for i := range keys {
		sum += keys[i]
	}
	return sum
}
