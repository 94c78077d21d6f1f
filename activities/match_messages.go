package activities

import (
	"time"

	"github.com/city-resource-graph/crg/city"
)

// MatchRef names a match. It is the input of the workflow Match.
type MatchRef struct {
	City  city.ID      `json:"city"`
	Match city.MatchID `json:"match"`
}

// Step is what a deadline brings.
type Step string

// Steps of a match that nobody decides about, and of an applicant whom nobody reviews.
const (
	StepRemind   Step = "remind"
	StepEscalate Step = "escalate" // to a deputy
	StepExpire   Step = "expire"
	StepNoShow   Step = "no-show"
)

// Deadline is a step and the wall time at which the city clock reaches it.
type Deadline struct {
	Step Step      `json:"step"`
	At   time.Time `json:"at"`
}

// MatchView is what the workflow needs to know of a match.
type MatchView struct {
	State   city.MatchState  `json:"state"`
	Reason  string           `json:"reason,omitempty"` // why it ended
	Missing city.Requirement `json:"missing"`          // approvals that a proposed match still lacks
	Next    Deadline         `json:"next"`             // of a match that is not over
}

// Announced is a decision that a signal announced.
type Announced struct {
	Kind     city.DecisionKind `json:"kind"`               // the signal's, used when it was typed in
	Decision city.DecisionID   `json:"decision,omitempty"` // empty or unknown: an operator typed the signal in
	TypedIn  city.DecisionID   `json:"typed_in"`           // under which such a signal is recorded, the same in every attempt
}

// TakeDecisionsInput are the decisions announced since the last time.
type TakeDecisionsInput struct {
	MatchRef
	Announced []Announced `json:"announced"`
}

// PassDeadlineInput says which deadline passed in which state.
type PassDeadlineInput struct {
	MatchRef
	State city.MatchState `json:"state"`
	Step  Step            `json:"step"`
}

// ReleaseMatchInput says why the workflow of a match stopped before its end.
type ReleaseMatchInput struct {
	MatchRef
	Reason string `json:"reason"`
}

// Offer is the match that was proposed in place of one that failed; nil where nothing else pays.
type Offer struct {
	Match *city.MatchID `json:"match,omitempty"`
}

// Proposal is what the Web UI shows of a match from its start.
type Proposal struct {
	MatchRef
	Resource       city.ListingID `json:"resource"`
	Need           city.ListingID `json:"need"`
	AlternativeOf  *city.MatchID  `json:"alternative_of,omitempty"`
	Ward           string         `json:"ward"`
	Quantity       int64          `json:"quantity"`
	Unit           city.Unit      `json:"unit"`
	DistanceMetres int            `json:"distance_metres"`
	ExpectedMinor  int64          `json:"expected_minor"`
	Currency       city.Currency  `json:"currency"`
}
