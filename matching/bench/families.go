package main

import (
	"fmt"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// firstCity is the family that the whole process is measured on, too.
const firstCity = "city 100k"

// family is one instance of the speed table.
type family struct {
	name    string
	bar     string // so many times OR-Tools; empty: three times the fastest rival's time
	problem func() *matching.Problem
	alone   bool // not for the others
	shown   bool // a row of the table
	grows   bool // a point of the growth
	once    bool // too large to be measured several times
	classic bool
	perfect bool // an assignment problem in which everybody can be assigned
}

func families(large bool) []family {
	all := []family{
		{name: firstCity, bar: "15x", shown: true, grows: true, problem: city(100_000, 10)},
		{name: "city 100k, unit", bar: "10x", shown: true, problem: city(100_000, 1)},
		{name: "one category", bar: "8x", shown: true, problem: func() *matching.Problem {
			c := instances.City100k(10)
			c.Categories = 1
			return instances.City(c)
		}},
		{name: "dense 2000, unit", bar: "3x", shown: true, problem: func() *matching.Problem { return instances.Dense(2000, 2000, 1, 10_000, 1) }},
		{name: "random 50k", bar: "1x", shown: true, problem: func() *matching.Problem { return instances.Random(50_000, 50_000, 25, 10, 10_000, 1) }},
		{name: "random 50k, unit", bar: "1x", shown: true, problem: func() *matching.Problem { return instances.Random(50_000, 50_000, 25, 1, 10_000, 1) }},
		{name: "ties 50k", bar: "1x", shown: true, problem: func() *matching.Problem { return instances.Random(50_000, 50_000, 20, 10, 1, 1) }},
		{name: "few for many 30 x 40k", shown: true, problem: func() *matching.Problem {
			return instances.FewForMany(30, 40_000, 1300, 10_000, 1)
		}},
		{name: "path 2 x 100k", bar: "1x", shown: true, problem: func() *matching.Problem { return instances.Path(100_000, 10_000, 1) }},
	}
	all = append(all, classic()...)
	for _, needs := range []int{5_000, 12_000, 35_000, 300_000} {
		all = append(all, family{name: fmt.Sprintf("growth %d", needs), alone: true, grows: true, problem: city(needs, 10)})
	}
	if large {
		all = append(all, family{name: "city 1M", bar: "15 s", shown: true, grows: true, alone: true, once: true, problem: city(1_000_000, 10)})
	}
	return all
}

// city returns the generated city with so many needs and as many resources.
func city(needs int, largestQuantity int64) func() *matching.Problem {
	return func() *matching.Problem {
		c := instances.City100k(largestQuantity)
		c.Needs, c.Resources = needs, needs
		return instances.City(c)
	}
}

// classic are families of published instances: their values are a constant less a cost.
func classic() []family {
	assignment := func(name string, problem func() *matching.Problem) family {
		return family{name: name, shown: true, classic: true, perfect: true, problem: problem}
	}
	transportation := func(name string, problem func() *matching.Problem) family {
		return family{name: name, shown: true, classic: true, problem: problem}
	}
	return []family{
		assignment("assignment 800, costs to 100", func() *matching.Problem {
			return instances.Assignment(800, 800, 100, 1)
		}),
		assignment("assignment 1000, costs to 10^6", func() *matching.Problem {
			return instances.Assignment(1000, 1000, 1_000_000, 1)
		}),
		assignment("sparse assignment 10k x 12", func() *matching.Problem {
			return instances.Assignment(10_000, 12, 10_000, 1)
		}),
		assignment("sparse assignment 100k x 12", func() *matching.Problem {
			return instances.Assignment(100_000, 12, 10_000, 1)
		}),
		assignment("geometric assignment 30k x 16", func() *matching.Problem {
			return instances.Geometric(30_000, 16, 1_000_000, 1)
		}),
		assignment("two-cost assignment 40k x 12", func() *matching.Problem {
			return instances.TwoCosts(40_000, 12, 1_000_000, 1)
		}),
		assignment("product assignment 600", func() *matching.Problem {
			return instances.Product(600)
		}),
		transportation("transportation 1000 x 1000", func() *matching.Problem {
			return instances.Transportation(1000, 1000, 1<<31, 10_000, 1<<20, 1)
		}),
		transportation("sparse transportation 40k x 16", func() *matching.Problem {
			return instances.SparseTransportation(40_000, 40_000, 16, 1000, 10_000, 1)
		}),
		transportation("uneven transportation 2k x 60k", func() *matching.Problem {
			return instances.SparseTransportation(2_000, 60_000, 400, 1000, 10_000, 1)
		}),
		transportation("torus transportation 30k x 16", func() *matching.Problem {
			return instances.GridOnTorus(30_000, 16, 1000, 10_000, 1)
		}),
	}
}
