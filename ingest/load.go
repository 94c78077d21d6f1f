package ingest

import (
	"context"

	"github.com/city-resource-graph/crg/city"
)

// Data is a city's data in memory, for a preview without servers and for tests of the engine. Times are those of the data.
type Data struct {
	City         *City
	Areas        *Areas
	Plan         *Plan
	Participants []city.Participant // in the order of their first row
	Listings     []city.Listing
	Counts       map[string]map[Outcome]int64 // by data set
	Rejects      []Row
	Reviews      map[city.ParticipantID]string // participants that a person would look at, and why
}

// Load plans and reads all files of a city.
func Load(ctx context.Context, c *City, dir string) (*Data, error) {
	plan, err := c.Plan(ctx, dir, PlanOptions{})
	if err != nil {
		return nil, err
	}
	reader, err := c.Reader(dir, plan)
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }()
	areas, err := c.Areas(dir)
	if err != nil {
		return nil, err
	}
	data := &Data{City: c, Areas: areas, Plan: plan, Counts: map[string]map[Outcome]int64{}, Reviews: map[city.ParticipantID]string{}}
	seen := map[city.ParticipantID]bool{}
	for _, batch := range plan.Batches {
		rows, err := reader.ReadBatch(ctx, batch)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			data.add(&rows[i], seen)
		}
	}
	return data, nil
}

func (d *Data) add(row *Row, seen map[city.ParticipantID]bool) {
	if d.Counts[row.Dataset] == nil {
		d.Counts[row.Dataset] = map[Outcome]int64{}
	}
	d.Counts[row.Dataset][row.Outcome]++
	if row.Outcome == Rejected {
		d.Rejects = append(d.Rejects, *row)
	}
	d.Listings = append(d.Listings, row.Listings...)
	if row.Participant == nil || seen[row.Participant.ID] {
		return
	}
	seen[row.Participant.ID] = true
	d.Participants = append(d.Participants, *row.Participant)
	if row.Review != "" {
		d.Reviews[row.Participant.ID] = row.Review
	}
}

// Total counts the rows with an outcome over all data sets.
func (d *Data) Total(outcome Outcome) int64 {
	var total int64
	for _, counts := range d.Counts {
		total += counts[outcome]
	}
	return total
}
