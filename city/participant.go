package city

// Kind is what a participant is.
type Kind string

// Kinds of participant.
const (
	Organisation Kind = "organisation"
	Agency       Kind = "agency"
	Business     Kind = "business"
	Person       Kind = "person"
)

// Validate refuses an unknown kind.
func (k Kind) Validate() error { return oneOf("kind", k, Organisation, Agency, Business, Person) }

// Participant is an organisation, agency, business or person that offers or asks.
type Participant struct {
	ID              ParticipantID
	City            ID
	Kind            Kind
	Name            string
	EmailDomain     string // of the contact, lower case; one of the marks of a duplicate
	AddressID       string // of the city's address register where it has one
	Operator        string // who runs it (a chain, a parent organisation), as the source names it; another such mark
	Point           *Point
	LocationQuality LocationQuality
	Ward            string
	State           ParticipantState
	Origin          Origin
	Source          string // dataset that the participant came from
	SourceKey       string // its key there; (city, source, key) is unique
}
