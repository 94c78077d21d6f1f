package activities

import "github.com/city-resource-graph/crg/city"

// ApplicantRef names an applicant. It is the input of the workflow OnboardParticipant.
type ApplicantRef struct {
	City        city.ID            `json:"city"`
	Participant city.ParticipantID `json:"participant"`
	Flag        string             `json:"flag,omitempty"` // why an import wants a person to look, in the profile's words
}

// ApplicantView is what the workflow needs to know of an applicant.
type ApplicantView struct {
	State  city.ParticipantState `json:"state"`
	Reason string                `json:"reason,omitempty"` // of review or rejection
	Next   Deadline              `json:"next"`             // of an applicant in review
}

// Findings are what one check of an applicant brought up.
type Findings struct {
	Flags  []string `json:"flags,omitempty"`  // for a person to look at
	Reject string   `json:"reject,omitempty"` // no review can mend it
}

// ConcludeInput is what the checks of an applicant come to.
type ConcludeInput struct {
	ApplicantRef
	Findings
}

// TakeReviewsInput are the reviews announced since the last time.
type TakeReviewsInput struct {
	ApplicantRef
	Announced []Announced `json:"announced"`
}

// PassReviewDeadlineInput says which deadline of a review passed.
type PassReviewDeadlineInput struct {
	ApplicantRef
	Step Step `json:"step"`
}
