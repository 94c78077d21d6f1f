package matching_test

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/matching"
)

// Another matching problem: hospitals have places for interns, and each intern names some, best first.
func Example() {
	choices := [][]int32{{0, 1}, {0}, {0, 2}, {2, 1}}                                // by intern
	p := &matching.Problem{ResourceQuantity: []int64{2, 1, 1}, RowStart: []int32{0}} // places by hospital
	for _, wanted := range choices {
		for rank, hospital := range wanted {
			p.Edges = append(p.Edges, matching.Edge{Resource: hospital, Value: int64(100 - 10*rank)})
		}
		p.NeedQuantity, p.RowStart = append(p.NeedQuantity, 1), append(p.RowStart, int32(len(p.Edges)))
	}
	s, err := matching.Solve(context.Background(), p, matching.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range s.Flow {
		fmt.Printf("intern %d goes to hospital %d\n", f.Need, p.Edges[f.Edge].Resource)
	}
	fmt.Println("no other plan is better:", s.Optimal, matching.Verify(p, s) == nil)
	// Output:
	// intern 0 goes to hospital 1
	// intern 1 goes to hospital 0
	// intern 2 goes to hospital 0
	// intern 3 goes to hospital 2
	// no other plan is better: true true
}

// Two kitchens need bread, two bakeries have some; values are cents per loaf.
func ExampleSolve() {
	p := &matching.Problem{
		NeedQuantity:     []int64{30, 20},
		ResourceQuantity: []int64{20, 20},
		RowStart:         []int32{0, 2, 4},
		Edges:            []matching.Edge{{Resource: 0, Value: 100}, {Resource: 1, Value: 70}, {Resource: 0, Value: 60}, {Resource: 1, Value: 40}},
	}
	s, err := matching.Solve(context.Background(), p, matching.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range s.Flow {
		fmt.Printf("kitchen %d gets %d loaves of bakery %d\n", f.Need, f.Quantity, p.Edges[f.Edge].Resource)
	}
	fmt.Println("worth", s.Value, "optimal", s.Optimal, "a loaf more of bakery 1 is worth", s.ResourcePrice[1])
	// Output:
	// kitchen 0 gets 20 loaves of bakery 0
	// kitchen 0 gets 10 loaves of bakery 1
	// kitchen 1 gets 10 loaves of bakery 1
	// worth 3100 optimal true a loaf more of bakery 1 is worth 40
}

// An assignment problem asks for least cost with everybody served. Values that are a large constant less the cost make
// it a matching problem: the constant pays for serving one more, whatever it costs.
func ExampleSolve_assignment() {
	cost := [][]int64{{4, 1, 3}, {2, 0, 5}, {3, 2, 2}}
	const large = 1000
	p := &matching.Problem{NeedQuantity: []int64{1, 1, 1}, ResourceQuantity: []int64{1, 1, 1}, RowStart: []int32{0, 3, 6, 9}}
	for _, row := range cost {
		for job, c := range row {
			p.Edges = append(p.Edges, matching.Edge{Resource: int32(job), Value: large - c})
		}
	}
	s, err := matching.Solve(context.Background(), p, matching.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("least cost", large*int64(len(s.Flow))-s.Value)
	// Output: least cost 5
}

// Recurring runs start from the last one's basis.
func ExampleOptions_warm() {
	p := &matching.Problem{
		NeedQuantity: []int64{2, 1}, ResourceQuantity: []int64{2},
		RowStart: []int32{0, 1, 2}, Edges: []matching.Edge{{Resource: 0, Value: 5}, {Resource: 0, Value: 8}},
	}
	yesterday, err := matching.Solve(context.Background(), p, matching.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p.ResourceQuantity[0] = 3
	today, err := matching.Solve(context.Background(), p, matching.Options{Warm: yesterday.Basis})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(yesterday.Value, today.Value)
	// Output: 13 18
}

func ExampleVerify() {
	p := &matching.Problem{
		NeedQuantity: []int64{1}, ResourceQuantity: []int64{1}, RowStart: []int32{0, 1}, Edges: []matching.Edge{{Resource: 0, Value: 5}},
	}
	s, err := matching.Solve(context.Background(), p, matching.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(matching.Verify(p, s))
	p.Edges[0].Value = 6
	fmt.Println(matching.Verify(p, s))
	// Output:
	// <nil>
	// edge 0 (need 0, resource 0) is worth 6, more than its prices 5 + 0
}
