package main

import (
	"context"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/demo"
	"github.com/city-resource-graph/crg/findings"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/report"
	"github.com/city-resource-graph/crg/reporting"
	"github.com/city-resource-graph/crg/valuation"
)

// runPreview computes the main job up to the proposals in this process, and what they are expected to be worth.
func runPreview(ctx context.Context, o demoOptions, progress *demo.Progress) error {
	profile, err := o.prepareData(ctx, "")
	if err != nil {
		return err
	}
	clock, err := city.NewClock(profile.AsOf, time.Now(), o.scale)
	if err != nil {
		return err
	}
	title(progress, profile, clock)
	progress.Title("   a preview: one process, no servers, no workflows, nothing stored")
	data, err := ingest.Load(ctx, profile, o.data)
	if err != nil {
		return err
	}
	r := &report.Report{Preview: true, City: report.City{
		ID: string(profile.ID), Name: profile.Name, AsOf: clock.AsOf, ShownAs: clock.Epoch, TimeScale: clock.Scale,
		TimeZone: profile.Zone.String(), Currency: string(profile.Currency), Ward: o.ward,
	}}
	previewImport(r, data)
	progress.Done(1, "read", "%d rows of %d files: %d accepted, %d rejected with a reason, 0 lost",
		r.Import.Read, r.Import.Files, r.Import.Accepted, r.Import.Rejected)
	store, answers, err := newPreviewStore(data, clock, o.seed)
	if err != nil {
		return err
	}
	r.Listings.Confirmed, r.Listings.Denied = answers.confirmed, answers.denied
	progress.Done(3, "ask", "%d of %d unconfirmed resources are still there and usable (simulated answers)",
		answers.confirmed, answers.confirmed+answers.denied)
	solved, err := previewRun(ctx, o, store, clock, r)
	if err != nil {
		return err
	}
	progress.Done(4, "match", "%d resources, %d needs, %d candidates, %d proposals; bound %s, achieved %s, gap %.2f %%",
		r.Run.Resources, r.Run.Needs, r.Run.Candidates, r.Run.Proposals, r.Run.Bound, r.Run.Achieved, r.Run.GapPercent)
	tellFairness(progress, r)
	if err := previewValue(profile, solved, r); err != nil {
		return err
	}
	progress.Done(8, "worth", "%s %s expected in the middle, %s to %s with nine chances in ten",
		r.Valuation.NSVP50, r.Valuation.Currency, r.Valuation.NSVP5, r.Valuation.NSVP95)
	r.Seconds = progress.Seconds()
	if err := writeReport(o.report, r); err != nil {
		return err
	}
	printEnd(progress, o, r)
	return nil
}

func previewImport(r *report.Report, data *ingest.Data) {
	i := &r.Import
	i.ByOutcome = map[string]int64{}
	i.Files = len(data.Plan.Files)
	for _, counts := range data.Counts {
		for outcome, count := range counts {
			i.ByOutcome[string(outcome)] += count
			i.Read += count
		}
	}
	i.Rejected = data.Total(ingest.Rejected)
	i.Accepted = i.Read - i.Rejected
	rejections := reporting.NewRejections()
	for k := range data.Rejects {
		rejections.Add(data.Rejects[k].Says(), data.Rejects[k].File, data.Rejects[k].Line)
	}
	i.Reasons = rejections.Most()
	r.Participants.Active = int64(len(data.Participants) - len(data.Reviews))
	r.Participants.InReview = int64(len(data.Reviews))
	reporting.NameParties(r, data.Participants)
	r.Listings.ByOrigin = map[string]int64{}
	for i := range data.Listings {
		l := &data.Listings[i]
		r.Listings.ByOrigin[string(l.Origin)]++
		if l.Side == city.ResourceSide {
			r.Listings.Resources++
		} else {
			r.Listings.Needs++
		}
	}
}

// previewRun freezes, solves and verifies as a run's activities do.
func previewRun(ctx context.Context, o demoOptions, store *previewStore, clock city.Clock, r *report.Report) (*findings.Solved, error) {
	freezer := activities.Freezer{Store: store, Parameters: valuation.Default(), Now: func() time.Time { return clock.Started }}
	snapshot, err := freezer.Freeze(ctx, activities.RunRef{City: store.row.ID, Run: "preview", Ward: o.wardScope()}, nil)
	if err != nil {
		return nil, err
	}
	wanted, err := o.wanted(postgres.WardIDs(store.wards))
	if err != nil {
		return nil, err
	}
	run, err := activities.Rehearse(ctx, snapshot, wanted)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := run.Graph.Verify(run.Solution); err != nil {
		return nil, fmt.Errorf("the certificate of the preview: %w", err)
	}
	r.Proof.CheckMillis = float64(time.Since(begin).Microseconds()) / 1000
	r.Proof.Engine = matching.Version
	if r.Proof.SnapshotSHA256, err = snapshot.Digest(); err != nil {
		return nil, err
	}
	money := func(minor int64) string { return city.FormatMinor(minor, snapshot.Currency) }
	r.Run = report.Run{
		ID: "preview", Resources: int64(len(snapshot.Resources)), Needs: int64(len(snapshot.Needs)),
		Candidates: int64(run.Graph.Candidates()), Proposals: int64(len(run.Solution.Flow)), Bound: money(run.Net.Bound),
		Achieved: money(run.Net.Value), Gap: money(run.Net.Gap), Optimal: run.Net.Optimal,
	}
	if run.Net.Bound > 0 {
		r.Run.GapPercent = 100 * float64(run.Net.Gap) / float64(run.Net.Bound)
	}
	r.Matches = report.Matches{Proposed: r.Run.Proposals, Open: r.Run.Proposals}
	wards, err := reporting.Wards(store.wards)
	if err != nil {
		return nil, err
	}
	solved := findings.New(snapshot, run.Graph, run.Solution, wards)
	r.Extras.Areas = reporting.Areas(wards)
	err = solved.Describe(ctx, r)
	reporting.Fairness(&r.Fairness, run.Fairness, snapshot.Currency)
	r.Overrides = r.Overrides[:min(len(r.Overrides), reporting.MostOverrides)]
	return solved, err
}

// previewValue states what the proposals are expected to be worth.
func previewValue(profile *ingest.City, solved *findings.Solved, r *report.Report) error {
	parameters := valuation.Default()
	matches := reporting.Expected(solved)
	r.Rules = reporting.Rules(profile.Rules(), matches)
	r.Proof.Sources = []string{profile.Credit}
	summary, err := valuation.Portfolio(parameters, matches, valuation.Simulation{Seed: 1, Rules: profile.Rules()})
	if err != nil {
		return err
	}
	return reporting.Summarise(r, parameters, summary)
}
