package valuation

import (
	"hash/fnv"
	"sync"
	"sync/atomic"
)

// chunk is the number of draws that are evaluated together, in cache.
const chunk = 256

// run samples every output. Chunks of draws are independent of each other and of who evaluates them.
func (m *model) run(simulation Simulation, outputs int) [][]float64 {
	m.finish()
	samples := make([][]float64, outputs)
	flat := make([]float64, outputs*simulation.Draws)
	for i := range samples {
		samples[i] = flat[i*simulation.Draws : (i+1)*simulation.Draws]
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range simulation.Workers {
		workers.Go(func() {
			scratch := m.newScratch()
			for {
				start := int(next.Add(chunk)) - chunk
				if start >= simulation.Draws {
					return
				}
				m.evaluate(scratch, simulation.Seed, samples, start, min(chunk, simulation.Draws-start))
			}
		})
	}
	workers.Wait()
	return samples
}

// scratch is one worker's memory.
type scratch struct {
	draws, variables [][]float64
	product          []float64
}

func (m *model) newScratch() *scratch {
	columns := func(n int) [][]float64 {
		all := make([][]float64, n)
		for i := range all {
			all[i] = make([]float64, chunk)
		}
		return all
	}
	return &scratch{draws: columns(len(m.draws)), variables: columns(len(m.variables)), product: make([]float64, chunk)}
}

// evaluate fills n samples of every output from draw number start on.
func (m *model) evaluate(s *scratch, seed uint64, samples [][]float64, start, n int) {
	for d, one := range m.draws {
		stream := newStream(seed, one.key)
		column, sampler := s.draws[d], one.figure.Sampler()
		for i := range n {
			column[i] = sampler.Quantile(stream.uniform(start + i))
		}
	}
	for v, one := range m.variables {
		one.fill(s.variables[v][:n], s.draws)
	}
	product := s.product[:n]
	for k := range m.monomials {
		mono := &m.monomials[k]
		mono.multiply(product, s.variables)
		for _, w := range mono.outputs {
			sum := samples[w.output][start : start+n]
			for i, x := range product {
				sum[i] += float64(w.coefficient * x) // the conversion forbids fusing, which differs between processors
			}
		}
	}
}

// multiply computes the monomial's product, without coefficient, for every draw of the chunk.
func (mono *monomial) multiply(product []float64, variables [][]float64) {
	for i := range product {
		product[i] = 1
	}
	if len(mono.variables) > 0 {
		copy(product, variables[mono.variables[0]])
	}
	for k := 1; k < len(mono.variables); k++ {
		factor := variables[mono.variables[k]][:len(product)]
		for i, x := range factor {
			product[i] *= x
		}
	}
}

// fill computes a variable from the draws.
func (v variable) fill(into []float64, draws [][]float64) {
	at := func(draw int16, i int, fixed float64) float64 {
		if draw < 0 {
			return fixed
		}
		return draws[draw][i]
	}
	switch v.kind {
	case plainVariable:
		copy(into, draws[v.first])
	case complementVariable:
		for i := range into {
			into[i] = 1 - draws[v.first][i]
		}
	case incrementVariable:
		for i := range into {
			into[i] = 1 + draws[v.first][i]
		}
	case lesserVariable:
		for i := range into {
			into[i] = min(draws[v.first][i], draws[v.other][i])
		}
	case annuityVariable:
		for i := range into {
			into[i] = presentValue(float64(v.years), at(v.first, i, v.fixed[0]), at(v.other, i, v.fixed[1]))
		}
	}
}

// stream is the random numbers of one uncertain figure. They depend on seed, name and draw number only: another figure,
// match or core changes nothing, and two portfolios with one seed share their luck.
type stream uint64

func newStream(seed uint64, key string) stream {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(key)) // a hash never fails to write
	return stream(splitMix(hash.Sum64() ^ splitMix(seed)))
}

// uniform is the i-th number of the stream, strictly between 0 and 1.
func (s stream) uniform(i int) float64 {
	const golden = 0x9E3779B97F4A7C15
	return (float64(splitMix(uint64(s)+uint64(i)*golden)>>11) + 0.5) / (1 << 53)
}

// splitMix is the output function of SplitMix64 (Steele, Lea, Flood 2014).
func splitMix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}
