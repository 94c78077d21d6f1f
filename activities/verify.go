package activities

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

// RunCertificate proves a run to anybody who has its snapshot: every candidate is worth at most the sum of its two
// prices, so that no allocation scores more than the bound.
type RunCertificate struct {
	Engine         string           `json:"engine"`
	SnapshotSHA256 string           `json:"snapshot_sha256"` // of the stored object
	Value          int64            `json:"value"`           // minor units, net of trip charges
	Bound          int64            `json:"bound"`
	Gap            int64            `json:"gap"`
	Optimal        bool             `json:"optimal"`
	Proof          candidates.Proof `json:"proof"`
	Tables         string           `json:"tables,omitempty"` // folder in the bucket that crg verify-run reads
	NeedPrices     []Price          `json:"need_prices"`
	ResourcePrices []Price          `json:"resource_prices"`
}

// Price is what one more unit of a listing would be worth, in minor units.
type Price struct {
	Listing city.ListingID `json:"listing"`
	Minor   int64          `json:"minor"`
}

// VerifyRun joins the solutions of the shards, has the certificate checked by code that shares nothing with the solver,
// and writes the proposals and the proof.
func (e *Engine) VerifyRun(ctx context.Context, in VerifyRunInput) (Proven, error) {
	defer beating(ctx)()
	proven, err := e.verify(ctx, in)
	return proven, classify(err)
}

func (e *Engine) verify(ctx context.Context, in VerifyRunInput) (Proven, error) {
	begin := time.Now()
	found, err := e.instance(ctx, in.Snapshot)
	if err != nil {
		return Proven{}, err
	}
	allocations, err := e.allocations(ctx, in.Plan)
	if err != nil {
		return Proven{}, err
	}
	solution, err := found.graph.Merge(allocations)
	if err != nil {
		return Proven{}, fmt.Errorf("%w: %w", candidates.ErrDamaged, err)
	}
	solution, proof, err := found.cover(ctx, solution)
	if err != nil {
		return Proven{}, err
	}
	if err := found.graph.Verify(solution); err != nil {
		return Proven{}, fmt.Errorf("verify run %s: %w", in.Run, err)
	}
	return e.publish(ctx, in, found, solution, proof, begin)
}

// cover makes the proof hold for the pairs that were left out of the graph, too: what the prices call for is added and
// solved for. In a city whose pairs were all kept there is nothing to do.
func (i *instance) cover(ctx context.Context, s *matching.Solution) (*matching.Solution, candidates.Proof, error) {
	wider, added, err := i.index.Widen(ctx, i.graph, s, math.MaxInt32)
	if err != nil || added == 0 {
		return s, candidates.Proof{Rounds: 1}, err
	}
	graph, s, proof, err := candidates.SolveProven(ctx, i.index, wider, matching.Options{})
	i.graph = graph
	proof.Added += added
	return s, proof, err
}

func (e *Engine) publish(
	ctx context.Context, in VerifyRunInput, found instance, s *matching.Solution, proof candidates.Proof, begin time.Time,
) (Proven, error) {
	proposals := found.proposals(s)
	allocation, err := putJSON(ctx, e.Objects, runFolder(in.RunRef)+"/allocation", proposals)
	if err != nil {
		return Proven{}, err
	}
	signed := certificateOf(in.Plan, found.snapshot, s, proof)
	if signed.Tables, err = e.keepTables(ctx, in.RunRef, found, s); err != nil {
		return Proven{}, err
	}
	certificate, err := putJSON(ctx, e.Objects, runFolder(in.RunRef)+"/certificate", signed)
	if err != nil {
		return Proven{}, err
	}
	err = e.Store.UpdateRun(ctx, in.City, in.Run, postgres.RunUpdate{
		BoundMinor: &s.Bound, AchievedMinor: &s.Value, Optimal: &s.Optimal,
		Allocation: reference(allocation), Certificate: reference(certificate),
		Seconds: map[string]float64{"solve": in.SolveSeconds, "verify": time.Since(begin).Seconds()},
	})
	return Proven{
		RunRef: in.RunRef, Allocation: allocation, Proposals: int64(len(proposals)),
		Proof: Proof{Bound: s.Bound, Achieved: s.Value, Gap: s.Gap(), Optimal: s.Optimal, Certificate: certificate},
	}, err
}

func certificateOf(in Plan, snapshot *candidates.Snapshot, s *matching.Solution, proof candidates.Proof) RunCertificate {
	c := RunCertificate{
		Engine: matching.Version, SnapshotSHA256: in.Snapshot.SHA256, Value: s.Value, Bound: s.Bound, Gap: s.Gap(),
		Optimal: s.Optimal, Proof: proof,
	}
	for i, price := range s.NeedPrice {
		c.NeedPrices = append(c.NeedPrices, Price{snapshot.Needs[i].ID, price})
	}
	for r, price := range s.ResourcePrice {
		c.ResourcePrices = append(c.ResourcePrices, Price{snapshot.Resources[r].ID, price})
	}
	return c
}

// proposals numbers the pairs of a solution within their leaf, the one worth most first.
func (i *instance) proposals(s *matching.Solution) []postgres.Proposal {
	proposals := make([]postgres.Proposal, 0, len(s.Flow))
	for _, flow := range s.Flow {
		proposals = append(proposals, i.proposal(flow))
	}
	slices.SortFunc(proposals, func(a, b postgres.Proposal) int {
		return cmp.Or(cmp.Compare(a.Leaf, b.Leaf), cmp.Compare(b.ExpectedMinor, a.ExpectedMinor),
			cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Need, b.Need))
	})
	for k := range proposals {
		proposals[k].N = 1
		if k > 0 && proposals[k-1].Leaf == proposals[k].Leaf {
			proposals[k].N = proposals[k-1].N + 1
		}
	}
	return proposals
}

func (i *instance) proposal(flow matching.EdgeFlow) postgres.Proposal {
	edge := i.graph.Edges[flow.Edge]
	resource, need := &i.snapshot.Resources[edge.Resource], &i.snapshot.Needs[flow.Need]
	p := postgres.Proposal{
		Leaf: resource.Leaf, Resource: resource.ID, Need: need.ID, Quantity: flow.Quantity, ScoreMinor: edge.Value,
		ChargeMinor: i.graph.Charges[flow.Edge],
	}
	p.ExpectedMinor = p.ScoreMinor*p.Quantity - p.ChargeMinor
	if resource.Point != nil && need.Point != nil {
		p.DistanceM = int(math.Round(i.snapshot.Plane.Distance(*resource.Point, *need.Point)))
	}
	return p
}
