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
	"github.com/city-resource-graph/crg/matching/fairness"
	"github.com/city-resource-graph/crg/postgres"
)

// RunCertificate proves a run to anybody who has its snapshot: every candidate is worth at most the sum of its two
// prices, so that no allocation scores more than the bound.
type RunCertificate struct {
	Engine         string                 `json:"engine"`
	SnapshotSHA256 string                 `json:"snapshot_sha256"` // of the stored object
	Value          int64                  `json:"value"`           // minor units, net of trip charges
	Bound          int64                  `json:"bound"`
	Gap            int64                  `json:"gap"`
	Optimal        bool                   `json:"optimal"`
	Proof          candidates.Proof       `json:"proof"`
	Floors         []candidates.KeptFloor `json:"floors,omitempty"`     // of a run with floors; value, bound and prices hold their bonuses
	Net            *candidates.NetProof   `json:"net,omitempty"`        // of a run with floors
	Tiers          []fairness.Tier        `json:"tiers,omitempty"`      // of a run in strict order of urgency
	Tables         string                 `json:"tables,omitempty"`     // folder in the bucket that crg verify-run reads
	CutBounds      []Price                `json:"cut_bounds,omitempty"` // by need: no pair that was left out of the graph is worth more a unit
	NeedPrices     []Price                `json:"need_prices"`
	ResourcePrices []Price                `json:"resource_prices"`
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
	if err := found.settle(ctx, solution, false); err != nil {
		return Proven{}, err
	}
	check := time.Now()
	if err := found.graph.Verify(solution); err != nil {
		return Proven{}, fmt.Errorf("verify run %s: %w", in.Run, err)
	}
	if found.graph.Cut > 0 {
		// The candidates are the best of each need. That the others lose nothing is checked pair by pair, without the bounds.
		if err := found.index.CheckCut(ctx, solution); err != nil {
			return Proven{}, fmt.Errorf("verify run %s: %w", in.Run, err)
		}
	}
	if err := found.short(solution); err != nil {
		return Proven{}, fmt.Errorf("verify run %s: %w", in.Run, err)
	}
	seconds := map[string]float64{"solve": in.SolveSeconds, "certificate": time.Since(check).Seconds()}
	found.tiers, found.free = candidates.SumTiers(allocations)
	proven, update, err := e.publish(ctx, in, found, solution, proof)
	if err != nil {
		return Proven{}, err
	}
	seconds["verify"] = time.Since(begin).Seconds() - seconds["certificate"]
	update.Seconds = seconds
	return proven, e.Store.UpdateRun(ctx, in.City, in.Run, update)
}

// cover makes the proof hold for the pairs that were left out of the graph, too: what the prices call for is added and
// solved for. In a city whose pairs were all kept there is nothing to do.
func (i *instance) cover(ctx context.Context, s *matching.Solution) (*matching.Solution, candidates.Proof, error) {
	if i.graph.Tier != nil { // what the order left unserved is no reason to look wider
		i.graph.CoverCut(s)
		return s, candidates.Proof{Rounds: 1, Covered: i.graph.Cut > 0}, nil
	}
	wider, added, err := i.index.Widen(ctx, i.graph, s, math.MaxInt32)
	if err != nil || added == 0 {
		return s, candidates.Proof{Rounds: 1}, err
	}
	graph, s, proof, err := candidates.SolveProven(ctx, i.index, wider, matching.Options{Warm: s.Basis})
	i.graph = graph
	proof.Added += added
	return s, proof, err
}

// publish stores what the run found out, and says what its row is to say.
func (e *Engine) publish(
	ctx context.Context, in VerifyRunInput, found instance, s *matching.Solution, proof candidates.Proof,
) (proven Proven, update postgres.RunUpdate, err error) {
	proposals, replaced := found.proposals(s)
	recurrence, err := found.recurrence(ctx, in.Plan, s)
	if err != nil {
		return proven, update, err
	}
	after, err := e.remember(ctx, in.RunRef, found, s, replaced)
	if err != nil {
		return proven, update, err
	}
	allocation, err := putJSON(ctx, e.Objects, runFolder(in.RunRef)+"/allocation", proposals)
	if err != nil {
		return proven, update, err
	}
	signed := certificateOf(in.Plan, found, s, proof)
	if signed.Tables, err = e.keepTables(ctx, in.RunRef, found, s); err != nil {
		return proven, update, err
	}
	certificate, err := putJSON(ctx, e.Objects, runFolder(in.RunRef)+"/certificate", signed)
	net := found.net(s)
	proven = Proven{
		RunRef: in.RunRef, Allocation: allocation, Proposals: int64(len(proposals)), Replaced: after.replaced, Recurrence: recurrence,
		Proof: Proof{Bound: net.Bound, Achieved: net.Value, Gap: net.Gap, Optimal: net.Optimal, Certificate: certificate},
		Kept:  found.fairness(in.Priced, s),
	}
	return proven, postgres.RunUpdate{
		Snapshot:   reference(in.Snapshot), // the one that was solved: a late attempt of an earlier step may have named another
		BoundMinor: &net.Bound, AchievedMinor: &net.Value, Optimal: &net.Optimal, Allocation: reference(allocation),
		Certificate: reference(certificate), Basis: reference(after.basis), Recurrence: &recurrence, Fairness: proven.Kept,
	}, err
}

func certificateOf(in Plan, found instance, s *matching.Solution, proof candidates.Proof) RunCertificate {
	snapshot := found.snapshot
	c := RunCertificate{
		Engine: matching.Version, SnapshotSHA256: in.Snapshot.SHA256, Value: s.Value, Bound: s.Bound, Gap: s.Gap(),
		Optimal: s.Optimal, Proof: proof, Floors: found.kept(s), Tiers: found.tiers,
	}
	if len(c.Floors) > 0 {
		net := found.net(s)
		c.Net = &net
	}
	for i, price := range s.NeedPrice {
		c.NeedPrices = append(c.NeedPrices, Price{snapshot.Needs[i].ID, price})
	}
	for i, bound := range found.graph.CutBound {
		if bound > 0 {
			c.CutBounds = append(c.CutBounds, Price{snapshot.Needs[i].ID, bound})
		}
	}
	for r, price := range s.ResourcePrice {
		c.ResourcePrices = append(c.ResourcePrices, Price{snapshot.Resources[r].ID, price})
	}
	return c
}

// proposals numbers the pairs of a solution within their leaf, the one worth most first. A pair that open proposals
// promise already, with the same quantity, keeps them and gets no number; the other open proposals are replaced.
func (i *instance) proposals(s *matching.Solution) (proposals []postgres.Proposal, replaced []city.MatchID) {
	open := newOpenProposals(i.snapshot)
	proposals = make([]postgres.Proposal, 0, len(s.Flow))
	for _, flow := range s.Flow {
		p := i.proposal(flow)
		p.Keeps = open.keep(p)
		proposals = append(proposals, p)
	}
	slices.SortFunc(proposals, func(a, b postgres.Proposal) int {
		return cmp.Or(cmp.Compare(a.Leaf, b.Leaf), cmp.Compare(b.ExpectedMinor, a.ExpectedMinor),
			cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Need, b.Need))
	})
	number := map[city.Leaf]int{}
	for k := range proposals {
		if p := &proposals[k]; len(p.Keeps) == 0 {
			number[p.Leaf]++
			p.N = number[p.Leaf]
		}
	}
	return proposals, open.rest()
}

func (i *instance) proposal(flow matching.EdgeFlow) postgres.Proposal {
	edge := i.graph.Edges[flow.Edge]
	resource, need := &i.snapshot.Resources[edge.Resource], &i.snapshot.Needs[flow.Need]
	p := postgres.Proposal{
		Leaf: resource.Leaf, Resource: resource.ID, Need: need.ID, Quantity: flow.Quantity, ScoreMinor: edge.Value,
		ChargeMinor: i.graph.Charges[flow.Edge],
	}
	// What a run gives a pair for being promised already, or for a floor, is worth nothing to anybody.
	p.ScoreMinor -= i.index.Bonus(flow.Need, edge.Resource)
	if parts := i.special(flow.Need, edge.Resource); parts != nil {
		p.ScoreMinor -= parts.Stability
	}
	p.ExpectedMinor = p.ScoreMinor*p.Quantity - p.ChargeMinor
	if resource.Point != nil && need.Point != nil {
		p.DistanceM = int(math.Round(i.snapshot.Plane.Distance(*resource.Point, *need.Point)))
	}
	return p
}
