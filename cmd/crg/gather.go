package main

import (
	"context"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/demo"
	"github.com/city-resource-graph/crg/report"
	"github.com/city-resource-graph/crg/reporting"
	"github.com/city-resource-graph/crg/valuation"
	value "github.com/city-resource-graph/crg/valuation/report"
	"github.com/city-resource-graph/crg/workflows"
)

// gather assembles the report of a demo's run from the stores.
func gather(ctx context.Context, o demoOptions, done demoResult) (*report.Report, error) {
	objects, err := blobs.Open(ctx, done.config.Blobs)
	if err != nil {
		return nil, err
	}
	defer func() { _ = objects.Close() }()
	r, err := reporting.Run(ctx, reporting.Sources{Store: done.store, Objects: objects, Parameters: valuation.Default()}, reporting.Request{
		City: done.profile.ID, Run: city.RunID(done.outcome.Run), Import: done.outcome.Import, Ward: o.ward, Credit: done.profile.Credit,
		Links: report.Links{WebUI: done.config.WebUI, API: done.api, Docs: done.api + "/docs"},
		MatchLink: func(match city.MatchID) string {
			id := workflows.MatchID(activities.MatchRef{City: done.profile.ID, Match: match})
			return workflows.Link(done.config.WebUI, done.config.TemporalNamespace, id)
		},
	})
	if err != nil {
		return nil, err
	}
	for _, fired := range done.outcome.Fired {
		run := activities.RunRef{City: done.profile.ID, Run: city.RunID(fired.Run)}
		scheduled, err := reporting.Scheduled(ctx, done.store, done.profile.ID, reporting.Firing{
			Schedule: fired.Schedule, Times: fired.Times, At: fired.At, Run: run.Run,
			Link: workflows.Link(done.config.WebUI, done.config.TemporalNamespace, workflows.RunID(run.City, run.Run)),
		})
		if err != nil {
			return nil, err
		}
		r.Scheduled = append(r.Scheduled, scheduled)
	}
	r.Listings.Confirmed, r.Listings.Denied = done.outcome.Confirmed, done.outcome.Denied
	return r, nil
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// printEnd is the last lines of the story.
func printEnd(progress *demo.Progress, o demoOptions, r *report.Report) {
	p := r.Valuation.Physical
	progress.Note("", "%.1f t food, %.0f meals, %.2f t CO2e; %s of the value rests on estimates",
		p.FoodKilograms/1000, p.Meals, p.TonnesCO2e, value.Percent(r.Valuation.Estimated))
	if len(r.Fairness.Focus) > 0 {
		progress.Note("fairness", "wards %v: %.0f %% of the people, %.0f %% of the food", r.Fairness.Focus,
			100*r.Fairness.PeopleShare, 100*r.Fairness.FoodShare)
	}
	for i, unserved := range r.Unserved {
		if i < 3 {
			progress.Note([]string{"unserved", "", ""}[i], "%d needs: %s", unserved.Count, unserved.Note)
		}
	}
	if generated := r.Listings.ByOrigin["generated"]; generated > 0 && int64(len(r.Listings.ByOrigin)) > 1 {
		progress.Note("generated", "%d offers that nobody made; what rests on them: %s %s", generated,
			or(r.Valuation.ByOrigin["generated"], "0"), r.Valuation.Currency)
	}
	progress.Note("report", "%s/report.html", o.report)
	if r.Links.WebUI != "" {
		progress.Note("web UI", "%s", r.Links.WebUI)
	}
	progress.Title("   %.0f s", r.Seconds["total"])
}
