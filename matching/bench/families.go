package main

import (
	"fmt"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// family is one instance of the speed table.
type family struct {
	name    string
	problem func() *matching.Problem
	alone   bool // not for the others
	shown   bool // a row of the table
	grows   bool // a point of the growth
	once    bool // too large to be measured several times
}

func families(large bool) []family {
	all := []family{
		{name: "city 100k", shown: true, grows: true, problem: city(100_000, 10)},
		{name: "city 100k, unit", shown: true, problem: city(100_000, 1)},
		{name: "one category", shown: true, problem: func() *matching.Problem {
			c := instances.City100k(10)
			c.Categories = 1
			return instances.City(c)
		}},
		{name: "dense 2000, unit", shown: true, problem: func() *matching.Problem { return instances.Dense(2000, 2000, 1, 10_000, 1) }},
		{name: "random 50k", shown: true, problem: func() *matching.Problem { return instances.Random(50_000, 50_000, 25, 10, 10_000, 1) }},
		{name: "random 50k, unit", shown: true, problem: func() *matching.Problem { return instances.Random(50_000, 50_000, 25, 1, 10_000, 1) }},
		{name: "ties 50k", shown: true, problem: func() *matching.Problem { return instances.Random(50_000, 50_000, 20, 10, 1, 1) }},
		{name: "path 2 x 100k", shown: true, problem: func() *matching.Problem { return instances.Path(100_000, 10_000, 1) }},
	}
	for _, needs := range []int{5_000, 12_000, 35_000, 300_000} {
		all = append(all, family{name: fmt.Sprintf("growth %d", needs), alone: true, grows: true, problem: city(needs, 10)})
	}
	if large {
		all = append(all, family{name: "city 1M", shown: true, grows: true, alone: true, once: true, problem: city(1_000_000, 10)})
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
