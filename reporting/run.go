package reporting

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/findings"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/report"
	"github.com/city-resource-graph/crg/valuation"
	value "github.com/city-resource-graph/crg/valuation/report"
)

// Sources are what a report is assembled from.
type Sources struct {
	Store      *postgres.Store
	Objects    activities.Objects
	Parameters *valuation.Parameters
}

// Request says which run is reported, and what only the caller knows.
type Request struct {
	City   city.ID
	Run    city.RunID
	Import string // empty: the report says nothing about an import
	Ward   string // "all" or the run's ward
	Credit string // whose data it is and under which licence
	Links  report.Links
	// MatchLink leads to the history of a match; nil = no links.
	MatchLink func(city.MatchID) string
}

// Run assembles the report of a completed run.
func Run(ctx context.Context, sources Sources, request Request) (*report.Report, error) {
	a := &assembly{Sources: sources, request: request, report: &report.Report{Links: request.Links}, byPair: map[[2]string]postgres.Match{}}
	for _, part := range []func(context.Context) error{
		a.city, a.imported, a.participants, a.listings, a.run, a.matches, a.valuation, a.findings, a.rules,
	} {
		if err := part(ctx); err != nil {
			return nil, fmt.Errorf("report of run %s: %w", request.Run, err)
		}
	}
	return a.report, nil
}

// assembly is a report in the making.
type assembly struct {
	Sources
	request  Request
	report   *report.Report
	currency city.Currency
	record   postgres.Run
	valued   []valuation.Match
	byPair   map[[2]string]postgres.Match // by resource and need
}

func (a *assembly) city(ctx context.Context) error {
	row, err := a.Store.City(ctx, a.request.City)
	if err != nil {
		return err
	}
	a.currency = row.Currency
	a.report.City = report.City{
		ID: string(row.ID), Name: row.Name, AsOf: row.Clock.AsOf, ShownAs: row.Clock.Epoch, TimeScale: row.Clock.Scale,
		TimeZone: row.TimeZone, Currency: string(row.Currency), Ward: a.request.Ward,
	}
	return nil
}

func (a *assembly) imported(ctx context.Context) error {
	if a.request.Import == "" {
		return nil
	}
	row, err := a.Store.Import(ctx, a.request.City, a.request.Import)
	if err != nil {
		return err
	}
	c := row.Counts
	a.report.Import = report.Import{
		Files: len(row.Datasets), Read: c.Read, Accepted: c.Accepted(), Unchanged: c.Unchanged, Rejected: c.Rejected,
		ByOutcome: map[string]int64{
			"listing": c.Listing, "place_fact": c.PlaceFact, "history": c.History, "price_evidence": c.PriceEvidence,
			"unchanged": c.Unchanged, "rejected": c.Rejected,
		},
	}
	rejections := NewRejections()
	for page := (postgres.Page{Limit: 500}); ; {
		rows, next, err := a.Store.RejectedRows(ctx, a.request.City, a.request.Import, page)
		if err != nil {
			return err
		}
		for _, rejected := range rows {
			rejections.Add(rejected.Reason, rejected.File, rejected.Line)
		}
		if next == "" {
			a.report.Import.Reasons = rejections.Most()
			return nil
		}
		page.After = next
	}
}

func (a *assembly) participants(ctx context.Context) error {
	counts, err := a.Store.ParticipantCounts(ctx, a.request.City)
	a.report.Participants = report.Participants{
		Active: counts[city.ParticipantActive], InReview: counts[city.ParticipantInReview] + counts[city.ParticipantApplied],
		Rejected: counts[city.ParticipantRejected],
	}
	return err
}

func (a *assembly) listings(ctx context.Context) error {
	counts, err := a.Store.ListingCounts(ctx, a.request.City)
	if err != nil {
		return err
	}
	l := &a.report.Listings
	l.ByOrigin = map[string]int64{}
	for _, count := range counts {
		l.ByOrigin[string(count.Origin)] += count.Listings
		if count.Side == city.ResourceSide {
			l.Resources += count.Listings
		} else {
			l.Needs += count.Listings
		}
	}
	return nil
}

func (a *assembly) run(ctx context.Context) error {
	run, err := a.Store.Run(ctx, a.request.City, a.request.Run)
	if err != nil {
		return err
	}
	a.record = run
	bound, achieved := number(run.BoundMinor), number(run.AchievedMinor)
	a.report.Run = report.Run{
		ID: string(run.ID), Resources: number(run.Resources), Needs: number(run.Needs), Candidates: number(run.Candidates),
		Proposals: number(run.Recorded), Skipped: number(run.Skipped), Inactive: number(run.Inactive),
		Bound: a.money(bound), Achieved: a.money(achieved), Gap: a.money(bound - achieved),
		Optimal: run.Optimal != nil && *run.Optimal, Shards: int(number(run.Shards)),
	}
	a.report.Run.Recurrence = a.recurrence(run.Recurrence)
	if bound > 0 {
		a.report.Run.GapPercent = 100 * float64(bound-achieved) / float64(bound)
	}
	a.report.Run.Affinity = affinity(run.Affinity)
	a.report.Proof.Engine = run.EngineVersion
	a.report.Proof.CheckMillis = 1000 * run.Seconds["certificate"]
	return nil
}

// recurrence is nil for a run that follows none.
func (a *assembly) recurrence(r postgres.Recurrence) *report.Recurrence {
	if r.From == "" && r.Open+r.Fixed+r.Forbidden == 0 {
		return nil
	}
	out := &report.Recurrence{
		From: string(r.From), Warm: r.Warm, Problem: r.Problem, Fixed: r.Fixed, Forbidden: r.Forbidden, Open: r.Open, Kept: r.Kept,
		Changed: r.Changed, Dropped: r.Dropped, Added: r.Added, Superseded: r.Superseded, FreeDropped: number(r.FreeDropped),
	}
	if r.PriceMinor != nil {
		out.Bonus, out.Price, out.PriceAtMost = a.money(r.BonusMinor), a.money(*r.PriceMinor), a.money(number(r.PriceAtMost))
	}
	return out
}

// affinity says in a sentence where a run's affinities come from; nothing where they have no weight.
func affinity(recorded json.RawMessage) string {
	var state candidates.AffinityState
	if json.Unmarshal(recorded, &state) != nil || state.State == "" {
		return ""
	}
	switch {
	case state.State == candidates.AffinitiesCurrent:
		return fmt.Sprintf("The score favours %d pairs of participants that know each other, as the graph knew at the start of the run.", state.Pairs)
	case state.AsOf != nil:
		return fmt.Sprintf("The score favours %d pairs of participants that know each other, as of %s: %s.",
			state.Pairs, state.AsOf.Format("2 January 2006, 15:04"), state.Reason)
	}
	return "The score favours nobody for knowing each other: " + state.Reason + "."
}

func (a *assembly) rules(ctx context.Context) error {
	rules, err := a.Store.Rules(ctx, a.request.City)
	a.report.Rules = Rules(rules, a.valued)
	if a.request.Credit != "" {
		a.report.Proof.Sources = []string{a.request.Credit}
	}
	return err
}

// Rules says of each derivation rule how many of the valued matches rest on it.
func Rules(rules []city.Rule, matches []valuation.Match) []report.Rule {
	rested := map[city.RuleID]int64{}
	for _, m := range matches {
		rested[m.GiverRule]++
		if m.ReceiverRule != m.GiverRule {
			rested[m.ReceiverRule]++
		}
	}
	lines := make([]report.Rule, 0, len(rules))
	for _, rule := range rules {
		lines = append(lines, report.Rule{
			ID: string(rule.ID), Low: rule.Low, Central: rule.Central, High: rule.High, Unit: rule.Unit, Source: rule.Source,
			Evidence: rule.Evidence, Matches: rested[rule.ID],
		})
	}
	return lines
}

// Wards turns the stored wards into what findings draw and count by.
func Wards(rows []postgres.Ward) ([]findings.Ward, error) {
	wards := make([]findings.Ward, 0, len(rows))
	for _, row := range rows {
		rings, err := outline(row.Boundary)
		if err != nil {
			return nil, fmt.Errorf("outline of ward %s: %w", row.ID, err)
		}
		wards = append(wards, findings.Ward{
			ID: row.ID, Population: number(row.Population), MedianIncome: number(row.MedianIncome), Rings: rings,
		})
	}
	return wards, nil
}

// Areas are the wards as the value's map draws them: degrees turned into metres, north up.
func Areas(wards []findings.Ward) []value.Area {
	areas := make([]value.Area, 0, len(wards))
	squeeze := 1.0
	for _, ward := range wards {
		if len(ward.Rings) > 0 && len(ward.Rings[0]) > 0 { // one latitude for all, so that neighbours meet
			squeeze = math.Cos(ward.Rings[0][0][1] * math.Pi / 180)
			break
		}
	}
	for _, ward := range wards {
		area := value.Area{Ward: ward.ID}
		for _, ring := range ward.Rings {
			plane := make([][2]float64, len(ring))
			for i, corner := range ring {
				const metresPerDegree = 111_195
				plane[i] = [2]float64{corner[0] * metresPerDegree * squeeze, corner[1] * metresPerDegree}
			}
			area.Rings = append(area.Rings, plane)
		}
		areas = append(areas, area)
	}
	return areas
}

func (a *assembly) money(minor int64) string { return city.FormatMinor(minor, a.currency) }

// number is a figure that may be unknown.
func number(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
