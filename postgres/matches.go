package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Match is a match as it is recorded. Quantity is what was promised, HandedQuantity what the giver measured,
// ReceivedQuantity what the receiver did, MeasuredQuantity the lesser of the two: what counts.
type Match struct {
	City             city.ID
	ID               city.MatchID
	Resource         city.ListingID
	Need             city.ListingID
	Giver            city.ParticipantID
	Receiver         city.ParticipantID
	Ward             string // of the need
	Quantity         int64
	Unit             city.Unit
	ScoreMinor       int64 // per unit
	ChargeMinor      int64 // for the trip
	ExpectedMinor    int64
	DistanceM        int
	Origin           city.Origin // the weaker of its two sides
	AlternativeOf    *city.MatchID
	SupersededBy     city.RunID // the later run that replaced it; empty: none did
	State            city.MatchState
	StateReason      string
	Requirement      *city.Requirement // nil until the policy was asked
	HandedQuantity   *int64
	ReceivedQuantity *int64
	MeasuredQuantity *int64
	CreatedAt        time.Time
	ApprovedAt       *time.Time
	HandedOverAt     *time.Time
	EndedAt          *time.Time
	UpdatedAt        time.Time
}

const matchColumns = `city, run, leaf, n, resource, need, giver, receiver, ward, quantity, unit, score_minor,
	charge_minor, expected_minor, distance_m, origin, alternative_of, state, state_reason, requirement_rule,
	requirement_sides, requirement_approvers, handed_quantity, received_quantity, measured_quantity, created_at,
	approved_at, handed_over_at, ended_at, updated_at, coalesce(superseded_by, '')`

func scanMatch(row pgx.CollectableRow) (Match, error) {
	var m Match
	var alternative, rule *string
	var sides []city.Party
	var approvers *int
	err := row.Scan(&m.City, &m.ID.Run, &m.ID.Leaf, &m.ID.N, &m.Resource, &m.Need, &m.Giver, &m.Receiver, &m.Ward, &m.Quantity,
		&m.Unit, &m.ScoreMinor, &m.ChargeMinor, &m.ExpectedMinor, &m.DistanceM, &m.Origin, &alternative, &m.State,
		&m.StateReason, &rule, &sides, &approvers, &m.HandedQuantity, &m.ReceivedQuantity, &m.MeasuredQuantity, &m.CreatedAt,
		&m.ApprovedAt, &m.HandedOverAt, &m.EndedAt, &m.UpdatedAt, &m.SupersededBy)
	if err != nil {
		return m, err
	}
	if rule != nil {
		m.Requirement = &city.Requirement{Rule: *rule, Sides: sides, CityApprovers: *approvers}
	}
	m.AlternativeOf, err = matchID(alternative)
	return m, err
}

// matchID reads a nullable reference to a match.
func matchID(text *string) (*city.MatchID, error) {
	if text == nil {
		return nil, nil //nolint:nilnil // no reference is no error
	}
	id, err := city.ParseMatchID(*text)
	return &id, err
}

func matchKey(id city.ID, m city.MatchID) gen.MatchForUpdateParams {
	return gen.MatchForUpdateParams{City: string(id), Run: string(m.Run), Leaf: string(m.Leaf), N: int32(m.N)}
}

// MatchFilter narrows a list of matches; empty fields ask for nothing. Participant is giver or receiver.
type MatchFilter struct {
	Run         city.RunID
	State       city.MatchState
	Leaf        city.Leaf
	Ward        string
	Giver       city.ParticipantID
	Receiver    city.ParticipantID
	Participant city.ParticipantID
	Differing   bool // giver and receiver measured different quantities
}

// Match reads one match.
func (s *Store) Match(ctx context.Context, id city.ID, match city.MatchID) (Match, error) {
	var q query
	q.equal("city", string(id))
	q.equal("run", string(match.Run))
	q.equal("leaf", string(match.Leaf))
	q.equal("n", match.N)
	items, err := list(ctx, s, &q, matchColumns, "match", "n", 1, scanMatch)
	if err != nil || len(items) == 0 {
		return Match{}, found("read match "+match.String(), int64(len(items)), err)
	}
	return items[0], nil
}

// RunMatches reads a page of one run's matches, in the order (leaf, n).
func (s *Store) RunMatches(ctx context.Context, id city.ID, run city.RunID, page Page) ([]Match, string, error) {
	return s.ListMatches(ctx, id, MatchFilter{Run: run}, page)
}

// ListMatches reads a page of matches, in the order (run, leaf, n).
func (s *Store) ListMatches(ctx context.Context, id city.ID, f MatchFilter, page Page) ([]Match, string, error) {
	var q query
	q.equal("city", string(id))
	equalIfSet(&q, "run", f.Run)
	equalIfSet(&q, "state", f.State)
	equalIfSet(&q, "leaf", f.Leaf)
	equalIfSet(&q, "ward", f.Ward)
	equalIfSet(&q, "giver", f.Giver)
	equalIfSet(&q, "receiver", f.Receiver)
	if f.Differing {
		q.where = append(q.where, "received_quantity <> handed_quantity")
	}
	if f.Participant == "" {
		return s.matches(ctx, &q, "match", page)
	}
	// Each side by its own index; OR over two columns would read the whole city in order.
	who := q.arg(string(f.Participant))
	filters := strings.Join(q.where, " AND ")
	from := fmt.Sprintf(`(SELECT * FROM match WHERE %[1]s AND giver = %[2]s
		UNION ALL SELECT * FROM match WHERE %[1]s AND receiver = %[2]s AND giver <> %[2]s) m`, filters, who)
	q.where = nil
	return s.matches(ctx, &q, from, page)
}

// WorkList reads a page of the matches that wait for an approver of the city and on which this actor has not spoken.
// What the actor's own participant gives or takes is for the caller to leave out: pass it, or "" when there is none.
func (s *Store) WorkList(ctx context.Context, id city.ID, actor string, own city.ParticipantID, page Page) ([]Match, string, error) {
	var q query
	q.equal("city", string(id))
	q.where = append(q.where, "state = 'proposed'", "requirement_approvers > 0",
		`NOT EXISTS (SELECT FROM decision d WHERE d.city = match.city AND d.match = match.id AND d.kind IN ('approve', 'reject')
			AND d.party = 'city' AND d.outcome <> 'ignored' AND (d.actor = `+q.arg(actor)+" OR d.on_behalf_of = "+q.arg(actor)+"))")
	if own != "" {
		who := q.arg(string(own))
		q.where = append(q.where, "giver <> "+who, "receiver <> "+who)
	}
	return s.matches(ctx, &q, "match", page)
}

func (s *Store) matches(ctx context.Context, q *query, from string, page Page) ([]Match, string, error) {
	if page.After != "" {
		var run, leaf string
		var n int
		if err := page.read(&run, &leaf, &n); err != nil {
			return nil, "", err
		}
		q.after("run, leaf, n", run, leaf, n)
	}
	items, err := list(ctx, s, q, matchColumns, from, "run, leaf, n", page.limit()+1, scanMatch)
	items, next := paged(items, page, func(m Match) string { return cursor(m.ID.Run, m.ID.Leaf, m.ID.N) })
	return items, next, translate("list matches", err)
}

// MatchCounts counts a run's matches. Proposed is all of them: Confirmed + Rejected + Expired + Cancelled + Failed + Open.
type MatchCounts struct {
	Proposed         int64
	ApprovedByPolicy int64
	ApprovedByPerson int64
	Rejected         int64
	Expired          int64
	Cancelled        int64
	Failed           int64
	Confirmed        int64
	Open             int64
}

// MatchCounts counts the matches of a run, alternatives included.
func (s *Store) MatchCounts(ctx context.Context, id city.ID, run city.RunID) (MatchCounts, error) {
	row, err := s.q.MatchCounts(ctx, gen.MatchCountsParams{City: string(id), Run: string(run)})
	return MatchCounts{
		Proposed: row.Proposed, ApprovedByPolicy: row.ApprovedByPolicy, ApprovedByPerson: row.ApprovedByPerson,
		Rejected: row.Rejected, Expired: row.Expired, Cancelled: row.Cancelled, Failed: row.Failed, Confirmed: row.Confirmed,
		Open: row.Open,
	}, translate(fmt.Sprintf("count the matches of run %s", run), err)
}
