package city

import "time"

// DocumentKind is what a document proves.
type DocumentKind string

// Kinds of document.
const (
	Registration   DocumentKind = "registration" // of an organisation or business
	TaxExemption   DocumentKind = "tax_exemption"
	Insurance      DocumentKind = "insurance"
	FoodHygiene    DocumentKind = "food_hygiene"
	DrivingLicence DocumentKind = "driving_licence"
	Identity       DocumentKind = "identity"
	OtherDocument  DocumentKind = "other"
)

// DocumentKinds lists the closed list in its order.
func DocumentKinds() []DocumentKind {
	return []DocumentKind{Registration, TaxExemption, Insurance, FoodHygiene, DrivingLicence, Identity, OtherDocument}
}

// DocumentState is where a document stands. Whether it has expired follows from its date.
type DocumentState string

// States of a document.
const (
	DocumentSubmitted DocumentState = "submitted"
	DocumentAccepted  DocumentState = "accepted"
	DocumentRefused   DocumentState = "refused"
)

// Times of re-verification and appeal, by the city clock.
const (
	ExpiryNotice = 30 * 24 * time.Hour // how long before a document expires its holder is told
	AppealWithin = 30 * 24 * time.Hour // how long after a rejection an applicant may appeal
)

// IfSilent is what becomes of an unconfirmed listing that nobody answers for in time.
type IfSilent string

// What becomes of a listing that nobody answers for: it stays unconfirmed, or it expires. Neither enters a run.
const (
	KeepIfSilent   IfSilent = "keep"
	ExpireIfSilent IfSilent = "expire"
)
