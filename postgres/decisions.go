package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Decision is a yes or no of one side or of the city, on exactly one of a match, a participant and a listing. It is
// recorded as pending by whoever checked the actor's right, and taken once by the workflow it was sent to.
type Decision struct {
	City             city.ID
	ID               city.DecisionID
	Kind             city.DecisionKind
	Party            city.Party
	Actor            string
	Role             city.Role // or RolePolicy
	OnBehalfOf       string    // the approver for whom a deputy signs; empty: for nobody but the actor
	TypedIn          bool      // typed into the Web UI by an operator: never one of two approvers
	Reason           city.Reason
	Note             string
	Match            *city.MatchID
	Participant      city.ParticipantID
	Document         string // of the participant, in a decision on it
	Listing          city.ListingID
	MeasuredQuantity *int64
	Origin           city.Origin
	CreatedAt        time.Time
	Outcome          city.DecisionOutcome
	OutcomeReason    string
	OutcomeAt        *time.Time
}

// RolePolicy is the role of a decision that the approval policy made itself.
const RolePolicy city.Role = "policy"

// RecordDecision records a pending decision. The same decision again is a success; another one under its id is an
// ErrConflict. A StateError says that the subject is over, or not that far; a decision that an operator typed in is
// recorded whatever the state, because it has happened.
func (s *Store) RecordDecision(ctx context.Context, d Decision) error {
	return s.write(ctx, fmt.Sprintf("record decision %s", d.ID), func(_ pgx.Tx, q *gen.Queries) error {
		before, err := q.Decisions(ctx, gen.DecisionsParams{City: string(d.City), Ids: []string{string(d.ID)}})
		if err != nil {
			return err
		}
		if len(before) > 0 {
			return sameDecision(before[0], d)
		}
		if !d.TypedIn {
			if err := mayDecide(ctx, q, d); err != nil {
				return err
			}
		}
		rows, err := q.InsertDecision(ctx, insertOf(d))
		if err != nil || rows == 1 {
			return err
		}
		// Another call with the same id was faster.
		before, err = q.Decisions(ctx, gen.DecisionsParams{City: string(d.City), Ids: []string{string(d.ID)}})
		if err != nil {
			return err
		}
		return sameDecision(before[0], d)
	})
}

func insertOf(d Decision) gen.InsertDecisionParams {
	p := gen.InsertDecisionParams{
		City: string(d.City), ID: string(d.ID), Kind: string(d.Kind), Party: string(d.Party), Actor: d.Actor,
		Role: string(d.Role), TypedIn: d.TypedIn, Reason: string(d.Reason), Note: d.Note,
		Participant: optional(string(d.Participant)), Listing: optional(string(d.Listing)),
		Document: optional(d.Document), MeasuredQuantity: d.MeasuredQuantity, Origin: string(d.Origin), OnBehalfOf: d.OnBehalfOf,
	}
	if d.Match != nil {
		p.Match = optional(d.Match.String())
	}
	return p
}

func sameDecision(row gen.Decision, d Decision) error {
	want, err := decisionOf(row)
	if err != nil {
		return err
	}
	if want.Kind == d.Kind && want.Actor == d.Actor && want.subject() == d.subject() {
		return nil
	}
	return fmt.Errorf("decision %s is %s on %s by %s: %w", d.ID, want.Kind, want.subject(), want.Actor, ErrConflict)
}

// Persons are those whom a signature uses up: who gave it and for whom it was given. Two signatures that share one of them
// are one.
func (d Decision) Persons() []string {
	if d.OnBehalfOf == "" {
		return []string{d.Actor}
	}
	return []string{d.Actor, d.OnBehalfOf}
}

// SharesPersons reports whether a person stands behind both decisions.
func (d Decision) SharesPersons(other Decision) bool {
	return slices.ContainsFunc(d.Persons(), func(person string) bool { return slices.Contains(other.Persons(), person) })
}

// AppealedAgainst is the rejection that an appeal is against which nobody has decided yet; false without one. The decisions on the
// participant are in the order in which they were made.
func AppealedAgainst(decisions []Decision) (rejected Decision, open bool) {
	for _, d := range decisions {
		if d.Outcome != city.DecisionApplied {
			continue
		}
		switch d.Kind {
		case city.DecisionAppeal:
			open = true
		case city.DecisionReviewReject:
			rejected, open = d, false
		case city.DecisionReviewAccept:
			rejected, open = Decision{}, false
		}
	}
	return rejected, open && rejected.ID != ""
}

func (d Decision) subject() string {
	switch {
	case d.Match != nil:
		return "match " + d.Match.String()
	case d.Document != "":
		return "document " + d.Document
	case d.Participant != "":
		return "participant " + string(d.Participant)
	}
	return "listing " + string(d.Listing)
}

// Decision reads one decision.
func (s *Store) Decision(ctx context.Context, id city.ID, decision city.DecisionID) (Decision, error) {
	rows, err := s.q.Decisions(ctx, gen.DecisionsParams{City: string(id), Ids: []string{string(decision)}})
	if err != nil || len(rows) == 0 {
		return Decision{}, found(fmt.Sprintf("read decision %s", decision), int64(len(rows)), err)
	}
	return decisionOf(rows[0])
}

// Decisions reads every decision on a match, oldest first.
func (s *Store) Decisions(ctx context.Context, id city.ID, match city.MatchID) ([]Decision, error) {
	rows, err := s.q.MatchDecisions(ctx, gen.MatchDecisionsParams{City: string(id), Match: match.String()})
	return decisionsOf(rows, err)
}

// DecisionsOf reads every decision on each of the matches, oldest first.
func (s *Store) DecisionsOf(ctx context.Context, id city.ID, matches []city.MatchID) (map[city.MatchID][]Decision, error) {
	ids := make([]string, len(matches))
	for i, match := range matches {
		ids[i] = match.String()
	}
	rows, err := s.q.DecisionsOfMatches(ctx, gen.DecisionsOfMatchesParams{City: string(id), Matches: ids})
	found, err := decisionsOf(rows, err)
	if err != nil {
		return nil, err
	}
	of := make(map[city.MatchID][]Decision, len(matches))
	for _, decision := range found {
		of[*decision.Match] = append(of[*decision.Match], decision)
	}
	return of, nil
}

// ParticipantDecisions reads every decision on a participant, oldest first.
func (s *Store) ParticipantDecisions(ctx context.Context, id city.ID, participant city.ParticipantID) ([]Decision, error) {
	rows, err := s.q.ParticipantDecisions(ctx, gen.ParticipantDecisionsParams{City: string(id), Participant: string(participant)})
	return decisionsOf(rows, err)
}

func decisionsOf(rows []gen.Decision, err error) ([]Decision, error) {
	if err != nil {
		return nil, translate("read decisions", err)
	}
	decisions := make([]Decision, len(rows))
	for i, row := range rows {
		if decisions[i], err = decisionOf(row); err != nil {
			return nil, err
		}
	}
	return decisions, nil
}

func decisionOf(row gen.Decision) (Decision, error) {
	match, err := matchID(row.Match)
	d := Decision{
		City: city.ID(row.City), ID: city.DecisionID(row.ID), Kind: city.DecisionKind(row.Kind), Party: city.Party(row.Party),
		Actor: row.Actor, Role: city.Role(row.Role), OnBehalfOf: row.OnBehalfOf, TypedIn: row.TypedIn, Reason: city.Reason(row.Reason), Note: row.Note,
		Match: match, MeasuredQuantity: row.MeasuredQuantity, Origin: city.Origin(row.Origin), CreatedAt: row.CreatedAt,
		Outcome: city.DecisionOutcome(row.Outcome), OutcomeReason: row.OutcomeReason, OutcomeAt: row.OutcomeAt,
	}
	if row.Participant != nil {
		d.Participant = city.ParticipantID(*row.Participant)
	}
	if row.Document != nil {
		d.Document = *row.Document
	}
	if row.Listing != nil {
		d.Listing = city.ListingID(*row.Listing)
	}
	return d, err
}
