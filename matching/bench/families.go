package main

import (
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// family is one line of the speed table.
type family struct {
	name    string
	problem func() *matching.Problem
	alone   bool // too large for the others
}

func families(large bool) []family {
	all := []family{
		{name: "city 100k", problem: func() *matching.Problem { return instances.City(instances.City100k(10)) }},
		{name: "city 100k, unit", problem: func() *matching.Problem { return instances.City(instances.City100k(1)) }},
		{name: "one category", problem: func() *matching.Problem {
			c := instances.City100k(10)
			c.Categories = 1
			return instances.City(c)
		}},
		{name: "dense 2000, unit", problem: func() *matching.Problem { return instances.Dense(2000, 2000, 1, 10_000, 1) }},
		{name: "random 50k", problem: func() *matching.Problem { return instances.Random(50_000, 50_000, 25, 10, 10_000, 1) }},
		{name: "random 50k, unit", problem: func() *matching.Problem { return instances.Random(50_000, 50_000, 25, 1, 10_000, 1) }},
		{name: "ties 50k", problem: func() *matching.Problem { return instances.Random(50_000, 50_000, 20, 10, 1, 1) }},
		{name: "path 2 x 100k", problem: func() *matching.Problem { return instances.Path(100_000, 10_000, 1) }},
	}
	if large {
		all = append(all, family{name: "city 1M", alone: true, problem: func() *matching.Problem {
			c := instances.City100k(10)
			c.Needs, c.Resources = 1_000_000, 1_000_000
			return instances.City(c)
		}})
	}
	return all
}
