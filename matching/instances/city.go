package instances

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// CityConfig describes a generated city: participants gather in clusters of different size, categories have Zipf
// shares, and a need sees the nearest resources of its category within their radius.
type CityConfig struct {
	Needs, Resources int
	Categories       int
	LargestQuantity  int64 // quantities are 1..LargestQuantity
	Candidates       int   // most edges per need
	Seed             uint64
}

// City100k is the city of the speed table: 100,000 needs, 100,000 resources, about 2.6 million edges.
func City100k(largestQuantity int64) CityConfig {
	return CityConfig{
		Needs: 100_000, Resources: 100_000, Categories: 20, LargestQuantity: largestQuantity,
		Candidates: 30, Seed: 1,
	}
}

const (
	cityRadius   = 15_000.0 // metres from the centre, where clusters lie
	clusterCount = 40
	costPerKm    = 90  // minor units
	valueLow     = 400 // minor units per unit, before urgency and distance
	valueSpread  = 600
	noise        = 60 // minor units, what two offers at the same distance differ by
	neverMeets   = 12 // per cent of pairs whose time windows do not meet
)

type site struct {
	x, y     float64
	category int
}

// City generates a city. Values fall with distance; pairs that would be worth nothing have no edge.
func City(c CityConfig) *matching.Problem {
	r := source(c.Seed)
	clusters := make([]site, clusterCount)
	for i := range clusters {
		angle, radius := 2*math.Pi*r.Float64(), cityRadius*math.Sqrt(r.Float64())
		clusters[i] = site{x: radius * math.Cos(angle), y: radius * math.Sin(angle)}
	}
	zipf := rand.NewZipf(r, 1.3, 3, uint64(c.Categories-1))
	needs := sites(r, zipf, clusters, c.Needs)
	resources := sites(r, zipf, clusters, c.Resources)
	b := NewBuilder(quantities(r, c.Resources, c.LargestQuantity))
	grid := newGrid(resources, c.Categories)
	for _, n := range needs {
		base := valueLow + r.Int64N(valueSpread)
		urgency := 1 + r.Int64N(3)
		for _, near := range grid.nearest(n, c.Candidates) {
			value := (base*urgency+1)/2 - int64(costPerKm*near.distance/1000) + r.Int64N(noise)
			if value > 0 && r.IntN(100) >= neverMeets {
				b.Edge(near.index, value)
			}
		}
		b.Need(1 + r.Int64N(c.LargestQuantity))
	}
	return b.Problem()
}

// sites draws places: most in a cluster, the first clusters larger than the last, some anywhere.
func sites(r *rand.Rand, zipf *rand.Zipf, clusters []site, n int) []site {
	out := make([]site, n)
	for i := range out {
		centre := clusters[int(float64(len(clusters))*r.Float64()*r.Float64())]
		spread := 1_200.0
		if r.IntN(10) == 0 {
			centre, spread = site{}, cityRadius/2
		}
		out[i] = site{
			x:        centre.x + spread*r.NormFloat64(),
			y:        centre.y + spread*r.NormFloat64(),
			category: int(zipf.Uint64()),
		}
	}
	return out
}

// grid finds the nearest sites of a category: its cells are squares, each with the sites in it.
type grid struct {
	sites []site
	cells []map[[2]int][]int // per category
	size  []float64          // per category, so that a cell holds a few sites
}

func newGrid(sites []site, categories int) *grid {
	g := &grid{sites: sites, cells: make([]map[[2]int][]int, categories), size: make([]float64, categories)}
	count := make([]int, categories)
	for _, s := range sites {
		count[s.category]++
	}
	for k := range g.cells {
		g.cells[k] = make(map[[2]int][]int)
		g.size[k] = 2 * cityRadius / math.Sqrt(float64(count[k])/4+1)
	}
	for i, s := range sites {
		cell := g.cell(s)
		g.cells[s.category][cell] = append(g.cells[s.category][cell], i)
	}
	return g
}

func (g *grid) cell(s site) [2]int {
	size := g.size[s.category]
	return [2]int{int(math.Floor(s.x / size)), int(math.Floor(s.y / size))}
}

type neighbour struct {
	index    int
	distance float64
}

// nearest returns up to k sites of the need's category from the cells around it, nearest first. It stops at the first
// ring that completes k: near enough for a benchmark.
func (g *grid) nearest(n site, k int) []neighbour {
	var found []neighbour
	centre := g.cell(n)
	cells := g.cells[n.category]
	for ring := 0; ring <= 12 && len(found) < k; ring++ {
		for dx := -ring; dx <= ring; dx++ {
			for dy := -ring; dy <= ring; dy++ {
				if max(dx, -dx, dy, -dy) != ring {
					continue
				}
				for _, i := range cells[[2]int{centre[0] + dx, centre[1] + dy}] {
					found = append(found, neighbour{i, math.Hypot(g.sites[i].x-n.x, g.sites[i].y-n.y)})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b neighbour) int {
		if a.distance != b.distance {
			if a.distance < b.distance {
				return -1
			}
			return 1
		}
		return a.index - b.index
	})
	return found[:min(k, len(found))]
}
