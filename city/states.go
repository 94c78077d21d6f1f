package city

import (
	"fmt"
	"slices"
)

// Transitions says for each state which states may follow. A state that may become nothing is terminal. These tables
// are the one source: migrations carry them as rows, and a test compares the two.
type Transitions[S ~string] map[S][]S

// Allows reports whether from may become to.
func (t Transitions[S]) Allows(from, to S) bool { return slices.Contains(t[from], to) }

// Terminal reports whether nothing may follow s.
func (t Transitions[S]) Terminal(s S) bool { return len(t[s]) == 0 }

// Check returns an error that names both states and what would be allowed.
func (t Transitions[S]) Check(from, to S) error {
	if t.Allows(from, to) {
		return nil
	}
	if _, known := t[from]; !known {
		return fmt.Errorf("unknown state %q", string(from))
	}
	return fmt.Errorf("%s cannot become %s: allowed are %v", string(from), string(to), t[from])
}

// ParticipantState is where a participant stands.
type ParticipantState string

// Participant states.
const (
	ParticipantApplied   ParticipantState = "applied"
	ParticipantInReview  ParticipantState = "in_review"
	ParticipantActive    ParticipantState = "active"
	ParticipantRejected  ParticipantState = "rejected"
	ParticipantSuspended ParticipantState = "suspended"
)

// ParticipantTransitions is what may follow each participant state.
func ParticipantTransitions() Transitions[ParticipantState] {
	return Transitions[ParticipantState]{
		ParticipantApplied:   {ParticipantInReview, ParticipantActive, ParticipantRejected},
		ParticipantInReview:  {ParticipantActive, ParticipantRejected},
		ParticipantActive:    {ParticipantInReview, ParticipantSuspended}, // in review when its data changed
		ParticipantSuspended: {ParticipantActive},
		ParticipantRejected:  {ParticipantInReview}, // by an appeal, or when its data changed
	}
}

// ListingState is where a resource or need stands. Only open ones enter a run.
type ListingState string

// Listing states.
const (
	ListingUnconfirmed ListingState = "unconfirmed"
	ListingOpen        ListingState = "open"
	ListingHeld        ListingState = "held" // its whole quantity is held or committed, some of it still held
	ListingClosed      ListingState = "closed"
	ListingExpired     ListingState = "expired"
	ListingWithdrawn   ListingState = "withdrawn"
)

// ListingTransitions is what may follow each listing state.
func ListingTransitions() Transitions[ListingState] {
	return Transitions[ListingState]{
		ListingUnconfirmed: {ListingOpen, ListingExpired, ListingWithdrawn},
		ListingOpen:        {ListingHeld, ListingClosed, ListingExpired, ListingWithdrawn},
		ListingHeld:        {ListingOpen, ListingClosed, ListingExpired, ListingWithdrawn},
		ListingClosed:      {},
		ListingExpired:     {},
		ListingWithdrawn:   {},
	}
}

// MatchState is where a match stands.
type MatchState string

// Match states. A no-show is failed.
const (
	MatchProposed   MatchState = "proposed"
	MatchApproved   MatchState = "approved"
	MatchHandedOver MatchState = "handed_over"
	MatchConfirmed  MatchState = "confirmed"
	MatchRejected   MatchState = "rejected"
	MatchExpired    MatchState = "expired"
	MatchCancelled  MatchState = "cancelled"
	MatchFailed     MatchState = "failed"
)

// MatchTransitions is what may follow each match state. The giver moves it to handed_over, the receiver to confirmed.
func MatchTransitions() Transitions[MatchState] {
	return Transitions[MatchState]{
		MatchProposed:   {MatchApproved, MatchRejected, MatchExpired, MatchCancelled},
		MatchApproved:   {MatchHandedOver, MatchCancelled, MatchFailed},
		MatchHandedOver: {MatchConfirmed, MatchFailed},
		MatchConfirmed:  {},
		MatchRejected:   {},
		MatchExpired:    {},
		MatchCancelled:  {},
		MatchFailed:     {},
	}
}

// Holds reports whether a match in state s holds its quantity on both listings.
func (s MatchState) Holds() bool {
	return s == MatchProposed || s == MatchApproved || s == MatchHandedOver
}
