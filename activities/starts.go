package activities

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// ErrOver is returned for a signal to a workflow that has ended or was never started.
var ErrOver = errors.New("no workflow is open for it")

// Execution names a workflow that was started.
type Execution struct {
	WorkflowID string `json:"workflow_id"`
	RunID      string `json:"run_id,omitempty"` // empty when one under this id ended before and was not repeated
}

// MatchStarter starts and stops the workflows of matches. Starting twice is starting once.
type MatchStarter interface {
	Match(ctx context.Context, p Proposal) (Execution, error)
	CancelMatch(ctx context.Context, ref MatchRef) error // ErrOver when there is none
}

// StartStore lists the matches of a run.
type StartStore interface {
	CityStore
	ListMatches(ctx context.Context, id city.ID, f postgres.MatchFilter, page postgres.Page) ([]postgres.Match, string, error)
	Superseded(ctx context.Context, id city.ID, run city.RunID) ([]city.MatchID, error)
	CloseMatch(ctx context.Context, id city.ID, match city.MatchID, to city.MatchState, reason string) error
}

// Starts starts the workflows of a run's matches, and takes them back. It is an activity and not the run's children, so
// that a run's history stays short whatever it proposes.
type Starts struct {
	Store   StartStore
	Starter MatchStarter
}

// A page of matches is handed over at a time, atOnce of them side by side.
const (
	startPage = 100
	atOnce    = 8
)

// StartMatches starts a Match for each proposal of a run that nothing was decided about yet. A repeated attempt goes on
// from the page that the last one had reached.
func (s *Starts) StartMatches(ctx context.Context, in RunRef) (Started, error) {
	row, err := s.Store.City(ctx, in.City)
	if err != nil {
		return Started{}, classify(err)
	}
	started, err := s.each(ctx, in, func(ctx context.Context, m postgres.Match) error {
		_, err := s.Starter.Match(ctx, ProposalOf(m, row.Currency))
		return err
	})
	return started, classify(err)
}

// ProposalOf is what the workflow of a match is started with.
func ProposalOf(m postgres.Match, currency city.Currency) Proposal {
	return Proposal{
		MatchRef: MatchRef{City: m.City, Match: m.ID}, Resource: m.Resource, Need: m.Need, AlternativeOf: m.AlternativeOf,
		Ward: m.Ward, Quantity: m.Quantity, Unit: m.Unit, DistanceMetres: m.DistanceM, ExpectedMinor: m.ExpectedMinor, Currency: currency,
	}
}

// WithdrawProposals takes back the proposals of a run that nobody has approved: their workflows are cancelled, which
// releases the holds; those that were never started are closed in the database.
func (s *Starts) WithdrawProposals(ctx context.Context, in RunRef) (Started, error) {
	withdrawn, err := s.each(ctx, in, func(ctx context.Context, m postgres.Match) error {
		ref := MatchRef{City: m.City, Match: m.ID}
		err := s.Starter.CancelMatch(ctx, ref)
		if !errors.Is(err, ErrOver) {
			return err
		}
		err = s.Store.CloseMatch(ctx, m.City, m.ID, city.MatchCancelled, "the run was stopped")
		if errors.Is(err, postgres.ErrConflict) {
			return nil // it came to its end meanwhile
		}
		return err
	})
	return withdrawn, classify(err)
}

// StopSuperseded ends the workflows of the matches that a run replaced. They hold nothing any more and offer no
// alternative: the run has allocated their sides anew.
func (s *Starts) StopSuperseded(ctx context.Context, in RunRef) (Started, error) {
	defer beating(ctx)()
	matches, err := s.Store.Superseded(ctx, in.City, in.Run)
	if err != nil {
		return Started{}, classify(err)
	}
	group, together := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, match := range matches {
		group.Go(func() error {
			err := s.Starter.CancelMatch(together, MatchRef{City: in.City, Match: match})
			if errors.Is(err, ErrOver) {
				return nil
			}
			return err
		})
	}
	return Started{Started: int64(len(matches))}, classify(group.Wait())
}

// reach is how far a batch came: the next page, and how many were done.
type reach struct {
	After string `json:"after"`
	Done  int64  `json:"done"`
}

// each does something for every proposed match of a run, page by page.
func (s *Starts) each(ctx context.Context, in RunRef, do func(context.Context, postgres.Match) error) (Started, error) {
	pulse := startPulse(ctx)
	defer pulse.stop()
	at, _ := position[reach](ctx)
	filter := postgres.MatchFilter{Run: in.Run, State: city.MatchProposed}
	for {
		page, next, err := s.Store.ListMatches(ctx, in.City, filter, postgres.Page{After: at.After, Limit: startPage})
		if err != nil {
			return Started{}, err
		}
		group, together := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		for _, m := range page {
			group.Go(func() error { return do(together, m) })
		}
		if err := group.Wait(); err != nil {
			return Started{}, err
		}
		at = reach{After: next, Done: at.Done + int64(len(page))}
		if next == "" {
			return Started{Started: at.Done}, nil
		}
		pulse.reached(at)
	}
}
