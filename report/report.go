// Package report states what a run of the main job did: as report.json, which programs read, and as one self-contained
// report.html, which people read and which asks no server for anything. It renders what it is given and computes no
// figure of its own, so that a number on the page is a number in a store.
package report

import (
	"time"

	value "github.com/city-resource-graph/crg/valuation/report"
)

// Report is the whole of it. Money is a decimal string in currency units; nothing in it is personal data.
type Report struct {
	City         City               `json:"city"`
	Import       Import             `json:"import"`
	Participants Participants       `json:"participants"`
	Listings     Listings           `json:"listings"`
	Run          Run                `json:"run"`
	Scheduled    []Scheduled        `json:"scheduled,omitempty"` // runs that a schedule started by itself after this one
	Matches      Matches            `json:"matches"`
	Valuation    Valuation          `json:"valuation"`
	Value        *value.Document    `json:"-"` // the valuation in full, for its charts; nil when nothing was valued
	Extras       value.Extras       `json:"-"` // what the valuation's own page shows beside it
	Fairness     Fairness           `json:"fairness"`
	Scarcity     []Scarcity         `json:"scarcity"`
	Overrides    []Override         `json:"overrides"`
	Unserved     []ReasonCount      `json:"unserved"`
	Examples     []Example          `json:"examples"`
	Rules        []Rule             `json:"rules"`
	Map          []MapPoint         `json:"-"`
	Wards        []WardShape        `json:"-"`
	Proof        Proof              `json:"proof"`
	Seconds      map[string]float64 `json:"seconds"` // total and one entry per step
	Links        Links              `json:"links"`
	Preview      bool               `json:"preview"` // computed in one process, without servers or workflows
}

// City says which city, as of when, and how fast its clock ran.
type City struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	AsOf      time.Time `json:"as_of"`    // date of the data
	ShownAs   time.Time `json:"shown_as"` // the same moment on the city clock
	TimeScale int64     `json:"time_scale"`
	TimeZone  string    `json:"time_zone"`
	Currency  string    `json:"currency"`
	Ward      string    `json:"ward"` // "all" or the ward that both sides lie in
}

// Import counts the source rows: read = accepted + unchanged + rejected.
type Import struct {
	Files     int              `json:"files"` // data sets, one file each
	Read      int64            `json:"read"`
	Accepted  int64            `json:"accepted"`
	Unchanged int64            `json:"unchanged"`
	Rejected  int64            `json:"rejected"`
	ByOutcome map[string]int64 `json:"by_outcome"`
	Reasons   []ReasonCount    `json:"reject_reasons"`
}

// ReasonCount is one reason and how often it applied. The note says it in words, or where it applied.
type ReasonCount struct {
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
	Note   string `json:"note,omitempty"`
}

// Participants counts them by where they stand.
type Participants struct {
	Active   int64 `json:"active"`
	InReview int64 `json:"in_review"`
	Rejected int64 `json:"rejected"`
}

// Listings counts what was offered and asked.
type Listings struct {
	Resources int64            `json:"resources"`
	Needs     int64            `json:"needs"`
	Confirmed int64            `json:"confirmed"` // asked, and still there and usable
	Denied    int64            `json:"denied"`    // asked, and gone or unusable
	ByOrigin  map[string]int64 `json:"by_origin"`
	ByLeaf    []LeafCount      `json:"by_leaf"`
}

// LeafCount is one category's listings, candidates and proposals.
type LeafCount struct {
	Leaf      string `json:"leaf"`
	Unit      string `json:"unit"`
	Resources int64  `json:"resources"`
	Offered   int64  `json:"offered"` // quantity
	Needs     int64  `json:"needs"`
	Asked     int64  `json:"asked"` // quantity
	Edges     int64  `json:"edges"`
	Proposals int64  `json:"proposals"`
	Allocated int64  `json:"allocated"` // quantity
}

// Run is the matching run: no allocation can score more than Bound.
type Run struct {
	ID         string  `json:"id"`
	Resources  int64   `json:"resources"`
	Needs      int64   `json:"needs"`
	Candidates int64   `json:"candidates"`
	Proposals  int64   `json:"proposals"`
	Skipped    int64   `json:"skipped"`            // what happened since the snapshot left them out
	Inactive   int64   `json:"inactive,omitempty"` // of those skipped: a holder did not take part any more
	Bound      string  `json:"bound"`
	Achieved   string  `json:"achieved"`
	Gap        string  `json:"gap"`
	GapPercent float64 `json:"gap_percent"`
	Optimal    bool    `json:"optimal"`
	Greedy     string  `json:"greedy"`     // best unit value first, on the same edges
	FirstCome  string  `json:"first_come"` // needs in order of id, best partner left
	Shards     int     `json:"shards"`
	Affinity   string  `json:"affinity,omitempty"` // whom the graph knows, and whether it could be asked; empty where it has no weight

	Recurrence *Recurrence `json:"recurrence,omitempty"` // of a run that follows an earlier one
}

// Matches counts where the proposals ended:
// proposed = confirmed + rejected + expired + cancelled + failed + open.
type Matches struct {
	Proposed         int64         `json:"proposed"`
	ApprovedByPolicy int64         `json:"approved_by_policy"`
	ApprovedByPerson int64         `json:"approved_by_person"`
	ApprovedByTwo    int64         `json:"approved_by_two"` // of those by a person
	Rejected         int64         `json:"rejected"`
	Expired          int64         `json:"expired"`
	Cancelled        int64         `json:"cancelled"`
	Failed           int64         `json:"failed"`
	Confirmed        int64         `json:"confirmed"`
	Open             int64         `json:"open"`
	Alternatives     int64         `json:"alternatives"` // offered after a refusal or failure; counted in proposed
	Reasons          []ReasonCount `json:"reasons"`      // why matches ended without a receipt
	Given            []ReasonCount `json:"given"`        // the closed list, with how often each was given in a decision that took effect
}

// Fairness says who gets the food and what a fairer share would cost.
type Fairness struct {
	Focus       []string     `json:"focus"` // wards with the lowest incomes
	PeopleShare float64      `json:"people_share"`
	FoodShare   float64      `json:"food_share"`
	Curve       []CurvePoint `json:"curve"`
	ByWard      []WardShare  `json:"by_ward"`

	// Of a run that was asked for floors or for a strict order: what became of it, and what it cost.
	Floors     []Floor `json:"floors,omitempty"`
	Tiers      []Tier  `json:"tiers,omitempty"`        // of a run in strict order of urgency
	Cost       string  `json:"cost,omitempty"`         // against what the search finds without floors
	CostAtMost string  `json:"cost_at_most,omitempty"` // proven
}

// Tier is what the needs of one urgency got.
type Tier struct {
	Urgency  int    `json:"urgency"`
	Needs    int64  `json:"needs"`
	Served   int64  `json:"served"` // that get something
	Achieved string `json:"achieved"`
	Bound    string `json:"bound"` // of what the more urgent ones have left
}

// Floor is the least that the needs of some wards were to get together, in units, agreed matches included.
type Floor struct {
	Wards   []string `json:"wards"`
	What    string   `json:"what"` // leaf or class
	Unit    string   `json:"unit"`
	Wanted  int64    `json:"wanted"`
	Least   int64    `json:"least"`
	Reached int64    `json:"reached"`
	Without int64    `json:"without"`            // the floors
	Price   string   `json:"price"`              // of the last unit
	From    string   `json:"from,omitempty"`     // the run that was asked for it, whose proposals were open
	GivenUp int64    `json:"given_up,omitempty"` // of what they promised
}

// CurvePoint is one point of share against loss.
type CurvePoint struct {
	Bonus string  `json:"bonus"` // extra score per unit in the focus wards
	Share float64 `json:"share"` // of the food that goes there
	Loss  float64 `json:"loss"`  // of the achieved score, 0 to 1
}

// WardShare is what reaches one ward.
type WardShare struct {
	Ward       string `json:"ward"`
	Population int64  `json:"population"`
	Income     int64  `json:"median_income"`
	FoodKg     int64  `json:"food_kg"`
	Matches    int64  `json:"matches"`
}

// Scarcity is what one more unit would have been worth, by leaf and ward. Prices are intervals: duals are not unique.
type Scarcity struct {
	Leaf  string `json:"leaf"`
	Unit  string `json:"unit"`
	Side  string `json:"side"` // resource or need
	Ward  string `json:"ward"`
	Low   string `json:"low"`
	High  string `json:"high"`
	Count int64  `json:"count"`
	// Most is the highest price of a single listing, and ValidFor how many more units of that listing are each worth just that.
	Most     string `json:"most"`
	ValidFor int64  `json:"valid_for"`
}

// Override is what refusing a proposed pair would cost against the proposal: at least what is proven, at most what the
// best found without it loses.
type Override struct {
	Match    string `json:"match,omitempty"` // none in a preview
	Resource string `json:"resource"`
	Need     string `json:"need"`
	Summary  string `json:"summary"`
	AtLeast  string `json:"at_least"`
	AtMost   string `json:"at_most"`
	OfBound  string `json:"of_bound"` // what the run's bound loses
	State    string `json:"state,omitempty"`
}

// Example is one match, explained.
type Example struct {
	Match    string   `json:"match,omitempty"` // none in a preview
	Resource string   `json:"resource"`
	Need     string   `json:"need"`
	Summary  string   `json:"summary"`
	Why      []string `json:"why"`
	State    string   `json:"state,omitempty"`
	Link     string   `json:"link,omitempty"` // into the Web UI
}

// Rule is a derivation rule with its range and source.
type Rule struct {
	ID       string  `json:"id"`
	Low      float64 `json:"low"`
	Central  float64 `json:"central"`
	High     float64 `json:"high"`
	Unit     string  `json:"unit"`
	Source   string  `json:"source"`
	Evidence string  `json:"evidence"`
	Matches  int64   `json:"matches"` // that rest on it
}

// MapPoint is a match end on the map, already rounded where its holder is private.
type MapPoint struct {
	Lon, Lat float64
	Side     string // resource or need
	Class    string
	Matched  bool
}

// WardShape is a ward's outline for the map.
type WardShape struct {
	Ward  string
	Rings [][][2]float64 // lon, lat
}

// Proof says how anyone repeats the check.
type Proof struct {
	SnapshotSHA256    string   `json:"snapshot_sha256"`
	CertificateSHA256 string   `json:"certificate_sha256"`
	ParametersSHA256  string   `json:"parameters_sha256"`
	Formulas          string   `json:"formulas"` // version of the valuation's formulas
	Engine            string   `json:"engine"`
	Seed              int64    `json:"seed"`
	Draws             int      `json:"draws"`
	CheckMillis       float64  `json:"check_ms"`
	Commands          []string `json:"commands"`
	Sources           []string `json:"sources"`
}

// Links lead to the running stack.
type Links struct {
	WebUI string `json:"web_ui"`
	API   string `json:"api"`
	Docs  string `json:"docs"`
}
