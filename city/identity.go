package city

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ID names a city, such as "dc" or "generated".
type ID string

// The identities of what a city holds. They are stable across imports of the same source, readable in the Web UI, and
// never contain personal data: letters, digits, dot, dash and underscore.
type (
	// ParticipantID names a participant within its city.
	ParticipantID string
	// ListingID names a resource or need within its city.
	ListingID string
	// RunID names a matching run within its city.
	RunID string
	// DecisionID names a decision within its city.
	DecisionID string
)

var identity = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$`)

// ValidateID refuses an id that would not survive a URL path or a workflow id.
func ValidateID[T ~string](field string, id T) error {
	if identity.MatchString(string(id)) {
		return nil
	}
	return fmt.Errorf("%s %q: want 1 to 120 letters, digits, dots, dashes or underscores", field, string(id))
}

// MatchID is the n-th proposal of a run within one leaf. Its text form is "run:leaf:n".
type MatchID struct {
	Run  RunID
	Leaf Leaf
	N    int
}

// String is "run:leaf:n", which needs no escaping in a URL path.
func (m MatchID) String() string {
	return string(m.Run) + ":" + string(m.Leaf) + ":" + strconv.Itoa(m.N)
}

// MarshalText writes "run:leaf:n", so that workflow payloads and API answers read the same.
func (m MatchID) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads "run:leaf:n".
func (m *MatchID) UnmarshalText(text []byte) error {
	id, err := ParseMatchID(string(text))
	if err != nil {
		return err
	}
	*m = id
	return nil
}

// ParseMatchID reads "run:leaf:n".
func ParseMatchID(text string) (MatchID, error) {
	parts := strings.Split(text, ":")
	if len(parts) == 3 {
		n, err := strconv.Atoi(parts[2])
		if err == nil && n > 0 && ValidateID("run", RunID(parts[0])) == nil && ValidateID("leaf", Leaf(parts[1])) == nil {
			return MatchID{Run: RunID(parts[0]), Leaf: Leaf(parts[1]), N: n}, nil
		}
	}
	return MatchID{}, fmt.Errorf("match %q: want run:leaf:number", text)
}
