package city

// NoticeEvent is what somebody is told about.
type NoticeEvent string

// Events that people are told about: of a match, an application, a participant's document, an unconfirmed listing.
const (
	NoticeMatchWaiting        NoticeEvent = "match_waiting" // somebody's approval is asked for
	NoticeMatchReminder       NoticeEvent = "match_reminder"
	NoticeMatchEscalated      NoticeEvent = "match_escalated" // to the deputies of those who did not answer
	NoticeMatchApproved       NoticeEvent = "match_approved"
	NoticeMatchHandedOver     NoticeEvent = "match_handed_over" // the receiver confirms what arrived
	NoticeMatchEnded          NoticeEvent = "match_ended"       // rejected, expired, cancelled or failed
	NoticeOnboardingWaiting   NoticeEvent = "onboarding_waiting"
	NoticeOnboardingReminder  NoticeEvent = "onboarding_reminder"
	NoticeOnboardingEscalated NoticeEvent = "onboarding_escalated"
	NoticeOnboardingAccepted  NoticeEvent = "onboarding_accepted"
	NoticeOnboardingRejected  NoticeEvent = "onboarding_rejected"
	NoticeDocumentWaiting     NoticeEvent = "document_waiting" // a document waits for somebody to look at it
	NoticeDocumentExpiring    NoticeEvent = "document_expiring"
	NoticeDocumentExpired     NoticeEvent = "document_expired"
	NoticeListingAsked        NoticeEvent = "listing_asked" // still there, usable?
	NoticeListingReminder     NoticeEvent = "listing_reminder"
)

// NoticeEvents lists the closed list in its order.
func NoticeEvents() []NoticeEvent {
	return []NoticeEvent{
		NoticeMatchWaiting, NoticeMatchReminder, NoticeMatchEscalated, NoticeMatchApproved, NoticeMatchHandedOver, NoticeMatchEnded,
		NoticeOnboardingWaiting, NoticeOnboardingReminder, NoticeOnboardingEscalated, NoticeOnboardingAccepted, NoticeOnboardingRejected,
		NoticeDocumentWaiting, NoticeDocumentExpiring, NoticeDocumentExpired, NoticeListingAsked, NoticeListingReminder,
	}
}

// Validate refuses an unknown event.
func (e NoticeEvent) Validate() error { return oneOf("event", e, NoticeEvents()...) }

// Channel is how somebody is reached.
type Channel string

// Channels of a contact.
const (
	EMail   Channel = "email"
	Webhook Channel = "webhook"
)

// Validate refuses an unknown channel.
func (c Channel) Validate() error { return oneOf("channel", c, EMail, Webhook) }

// NoticeState is where a notice stands.
type NoticeState string

// States of a notice. An operator may make a failed one pending again.
const (
	NoticePending    NoticeState = "pending"
	NoticeSent       NoticeState = "sent"
	NoticeFailed     NoticeState = "failed"     // refused, or tried as often as it is worth
	NoticeSuppressed NoticeState = "suppressed" // not sent on purpose: overtaken by events, or one too many
)
