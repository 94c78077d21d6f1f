package city

import "strings"

// Party is who speaks in a decision: one of the two sides, the city, or who applied to take part.
type Party string

// Parties of a decision.
const (
	Giver    Party = "giver"
	Receiver Party = "receiver"
	CityHall Party = "city"
	// Applicant speaks of its own application, never of a match.
	Applicant Party = "applicant"
)

// Validate refuses an unknown party.
func (p Party) Validate() error { return oneOf("party", p, Giver, Receiver, CityHall, Applicant) }

// Role is what an API key or token may do.
type Role string

// Roles of the API.
const (
	Lister    Role = "lister"
	Requester Role = "requester"
	Approver  Role = "approver"
	Matcher   Role = "matcher"
	Operator  Role = "operator"
	Auditor   Role = "auditor"
)

// Validate refuses an unknown role.
func (r Role) Validate() error {
	return oneOf("role", r, Lister, Requester, Approver, Matcher, Operator, Auditor)
}

// Reason is why a decision was no, from a closed list; free text may stand beside it.
type Reason string

// Reasons of a refusal or a no-show.
const (
	ReasonNotNeeded      Reason = "not_needed"
	ReasonNotUsable      Reason = "not_usable"
	ReasonTooFar         Reason = "too_far"
	ReasonWrongTime      Reason = "wrong_time"
	ReasonNoCapacity     Reason = "no_capacity"
	ReasonPrivilegedUse  Reason = "conflict_of_interest"
	ReasonSafety         Reason = "safety"
	ReasonPolicy         Reason = "policy"
	ReasonGiverAbsent    Reason = "giver_absent" // a no-show, as is the next
	ReasonReceiverAbsent Reason = "receiver_absent"
	ReasonOther          Reason = "other"
)

// Reasons lists the closed list in its order.
func Reasons() []Reason {
	return []Reason{
		ReasonNotNeeded, ReasonNotUsable, ReasonTooFar, ReasonWrongTime, ReasonNoCapacity,
		ReasonPrivilegedUse, ReasonSafety, ReasonPolicy, ReasonGiverAbsent, ReasonReceiverAbsent, ReasonOther,
	}
}

// Words says a reason in words that a person reads.
func (r Reason) Words() string {
	switch r {
	case ReasonPrivilegedUse:
		return "conflict of interest"
	case ReasonPolicy:
		return "against the city's rules"
	case ReasonNoCapacity:
		return "no room for it"
	case ReasonGiverAbsent:
		return "the giver did not come"
	case ReasonReceiverAbsent:
		return "the receiver did not come"
	}
	return strings.ReplaceAll(string(r), "_", " ")
}

// Validate refuses a reason outside the closed list.
func (r Reason) Validate() error { return oneOf("reason", r, Reasons()...) }

// DecisionKind is what a decision says. A decision is recorded first and taken by its workflow afterwards.
type DecisionKind string

// Kinds of decision: on a match, on a participant in review, on an unconfirmed listing.
const (
	DecisionApprove        DecisionKind = "approve"
	DecisionReject         DecisionKind = "reject"
	DecisionCancel         DecisionKind = "cancel"
	DecisionHandOver       DecisionKind = "hand_over"
	DecisionConfirmReceipt DecisionKind = "confirm_receipt"
	DecisionNoShow         DecisionKind = "no_show"
	DecisionReviewAccept   DecisionKind = "review_accept"
	DecisionReviewReject   DecisionKind = "review_reject"
	DecisionAppeal         DecisionKind = "appeal" // against a rejection
	DecisionAcceptDocument DecisionKind = "accept_document"
	DecisionRefuseDocument DecisionKind = "refuse_document"
	DecisionConfirmListing DecisionKind = "confirm_listing"
	DecisionDenyListing    DecisionKind = "deny_listing"
)

// Validate refuses an unknown kind of decision.
func (k DecisionKind) Validate() error {
	return oneOf("decision", k,
		DecisionApprove, DecisionReject, DecisionCancel, DecisionHandOver, DecisionConfirmReceipt, DecisionNoShow,
		DecisionReviewAccept, DecisionReviewReject, DecisionAppeal, DecisionAcceptDocument, DecisionRefuseDocument, DecisionConfirmListing, DecisionDenyListing)
}

// DecisionOutcome is what became of a decision. It is set once.
type DecisionOutcome string

// Outcomes of a decision.
const (
	DecisionPending DecisionOutcome = "pending"
	DecisionApplied DecisionOutcome = "applied"
	DecisionIgnored DecisionOutcome = "ignored"
)
