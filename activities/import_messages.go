package activities

import "github.com/city-resource-graph/crg/city"

// ImportRef names an import. It is the input of the workflow ImportDataset.
type ImportRef struct {
	City     city.ID  `json:"city"`
	Import   string   `json:"import"`
	Profile  string   `json:"profile"`            // a city's mapping profiles: its name, or a folder
	Source   string   `json:"source"`             // folder of the data files, readable by every worker, or the URL of the one file
	Upload   *Ref     `json:"upload,omitempty"`   // the one file in object storage; Source is its name then
	Datasets []string `json:"datasets,omitempty"` // only these; empty = all

	// TimeScale is how fast the clock of a city runs that this import brings in; 0 = as fast as the wall clock.
	TimeScale int64 `json:"time_scale,omitempty"`
}

// ImportPlan refers to the batches of an import.
type ImportPlan struct {
	ImportRef
	Blob     Ref           `json:"blob"`
	Datasets []DatasetPlan `json:"dataset_plans"`
	Rows     int64         `json:"rows"`
}

// DatasetPlan counts what is loaded in one step: a data set, and after it others when all of them are small.
type DatasetPlan struct {
	Dataset string   `json:"dataset"`
	And     []string `json:"and,omitempty"`
	Batches int      `json:"batches"`
	Rows    int64    `json:"rows"`
}

// LoadDatasetInput names what of a plan is loaded in one step.
type LoadDatasetInput struct {
	ImportRef
	Plan    Ref      `json:"plan"`
	Dataset string   `json:"dataset"`
	And     []string `json:"and,omitempty"`
}

// ImportCounts says what became of the rows: Read is the sum of all the others but Flagged.
type ImportCounts struct {
	Read          int64 `json:"read"`
	Listing       int64 `json:"listing"`
	PlaceFact     int64 `json:"place_fact"`
	History       int64 `json:"history"`
	PriceEvidence int64 `json:"price_evidence"`
	Unchanged     int64 `json:"unchanged"`
	Rejected      int64 `json:"rejected"`
	Flagged       int64 `json:"flagged"` // participants whom a person has to review
}

// Add is the sum of two counts.
func (c ImportCounts) Add(d ImportCounts) ImportCounts {
	c.Read += d.Read
	c.Listing += d.Listing
	c.PlaceFact += d.PlaceFact
	c.History += d.History
	c.PriceEvidence += d.PriceEvidence
	c.Unchanged += d.Unchanged
	c.Rejected += d.Rejected
	c.Flagged += d.Flagged
	return c
}

// FinishImportInput says how an import ended.
type FinishImportInput struct {
	ImportRef
	State  ImportState `json:"state"`
	Reason string      `json:"reason,omitempty"`
}

// ImportState is where an import stands.
type ImportState string

// Import states.
const (
	ImportCompleted ImportState = "completed"
	ImportCancelled ImportState = "cancelled"
	ImportFailed    ImportState = "failed"
)
