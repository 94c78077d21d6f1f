package report

import "time"

// Recurrence says how a run follows the ones before it. Counts are pairs of a resource and a need.
type Recurrence struct {
	From       string `json:"from,omitempty"` // the run on whose basis the search began
	Warm       bool   `json:"warm"`
	Problem    string `json:"problem,omitempty"` // why it began cold although there was a basis
	Fixed      int64  `json:"fixed"`             // matches that somebody has agreed to
	Forbidden  int64  `json:"forbidden"`
	Open       int64  `json:"open"` // proposals of earlier runs
	Kept       int64  `json:"kept"`
	Changed    int64  `json:"changed"`
	Dropped    int64  `json:"dropped"`
	Added      int64  `json:"added"`
	Superseded int64  `json:"superseded"` // matches that ended for this run
	// What keeping open proposals cost, none where there was nothing to keep.
	Bonus       string `json:"bonus,omitempty"` // part of bound and achieved that is nobody's benefit
	Price       string `json:"price,omitempty"`
	PriceAtMost string `json:"price_at_most,omitempty"`
	FreeDropped int64  `json:"dropped_without_stability,omitempty"`
}

// Scheduled is a run that a schedule started by itself, and what came of it. Its matches are in no other figure of a report.
type Scheduled struct {
	Schedule  string     `json:"schedule"`
	Times     string     `json:"times"`
	FiredAt   time.Time  `json:"fired_at"`
	Run       string     `json:"run"`
	Link      string     `json:"link,omitempty"` // into the Web UI
	Follows   Recurrence `json:"follows"`
	Proposals int64      `json:"proposals"`
	Confirmed int64      `json:"confirmed"`
	NSVP50    string     `json:"nsv_p50,omitempty"` // middle estimate of what was received; none where nothing was
}
