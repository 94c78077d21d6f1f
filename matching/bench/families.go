package main

import (
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// family is one line of the speed table.
type family struct {
	name    string
	problem func() *matching.Problem
}

func families() []family {
	return []family{
		{"city 100k", func() *matching.Problem { return instances.City(instances.City100k(10)) }},
		{"city 100k, unit", func() *matching.Problem { return instances.City(instances.City100k(1)) }},
		{"one category", func() *matching.Problem {
			c := instances.City100k(10)
			c.Categories = 1
			return instances.City(c)
		}},
		{"dense 2000, unit", func() *matching.Problem { return instances.Dense(2000, 2000, 1, 10_000, 1) }},
		{"random 50k", func() *matching.Problem { return instances.Random(50_000, 50_000, 25, 10, 10_000, 1) }},
		{"random 50k, unit", func() *matching.Problem { return instances.Random(50_000, 50_000, 25, 1, 10_000, 1) }},
		{"ties 50k", func() *matching.Problem { return instances.Random(50_000, 50_000, 20, 10, 1, 1) }},
		{"path 2 x 100k", func() *matching.Problem { return instances.Path(100_000, 10_000, 1) }},
	}
}
