package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// match starts the run and follows it.
func (d *Demo) match(ctx context.Context, outcome *Outcome) error {
	started, err := d.coordinator.StartRunWithResponse(ctx,
		&crgclient.StartRunParams{IdempotencyKey: key(d.options.Run, "start", "run")},
		crgclient.NewRun{ID: d.options.Run, Ward: d.options.Ward, Fairness: d.options.Fairness})
	if err != nil {
		return fmt.Errorf("start the run: %w", err)
	}
	if err := crgclient.Check(started.StatusCode(), started.ApplicationProblemJSONDefault); err != nil {
		return fmt.Errorf("start the run: %w", err)
	}
	outcome.Run = started.JSON202.ID
	d.progress.Title("   watch it    %s", started.JSON202.WebUI)
	var run crgclient.Run
	err = poll(ctx, func(ctx context.Context) (bool, error) {
		answer, err := d.coordinator.GetRunWithResponse(ctx, outcome.Run)
		if err != nil {
			return false, err
		}
		if answer.StatusCode() == http.StatusNotFound {
			return false, nil
		}
		if err := crgclient.Check(answer.StatusCode(), answer.ApplicationProblemJSONDefault); err != nil {
			return false, err
		}
		run = *answer.JSON200
		if run.Progress != nil {
			d.progress.Moving("%s %d of %d", run.Progress.Stage, run.Progress.Done, run.Progress.Total)
		}
		if run.State == "failed" || run.State == "cancelled" {
			return false, fmt.Errorf("the run ended %s: %s; see %s", run.State, run.Error, run.WebUI)
		}
		return run.State == "completed", nil
	})
	if err != nil {
		return fmt.Errorf("run %s: %w", outcome.Run, err)
	}
	d.progress.Done(4, "match", "%d resources, %d needs, %d candidates, %d proposals; bound %s, achieved %s, gap %s",
		run.Counts.Resources, run.Counts.Needs, run.Counts.Candidates, run.Counts.Proposals,
		amount(run.Bound), amount(run.Achieved), amount(run.Gap))
	d.tellFairness(run.Fairness)
	return nil
}

// settle plays approvers, givers and receivers until no match is open any more.
func (d *Demo) settle(ctx context.Context, outcome *Outcome) error {
	tally, quiet := d.tally, 0
	for quiet < 3 { // an alternative may be proposed a moment after a match failed
		if err := d.approve(ctx); err != nil {
			return err
		}
		open := 0
		for _, run := range outcome.runs() {
			for _, state := range []crgclient.MatchState{crgclient.MatchStateApproved, crgclient.MatchStateHandedOver} {
				if err := d.move(ctx, run, state); err != nil {
					return err
				}
			}
			left, err := d.open(ctx, run)
			if err != nil {
				return err
			}
			open += left
		}
		d.progress.Moving("%d decisions, %d refused, %d received, %d no-shows, %d still open",
			tally.approvals, tally.refusals, tally.receipts, tally.noShows, open)
		if quiet++; open > 0 {
			quiet = 0
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	d.progress.Done(6, "approve", "the policy approved the small ones; people signed %d times and refused %d: next best offered",
		tally.approvals, tally.refusals)
	if most, matches := tally.dearest(); matches > 0 {
		d.progress.Note("", "before they signed, the list showed for %d matches what a no costs, up to %.2f; the refusals: %.2f at most",
			matches, most, tally.refused)
	}
	d.progress.Done(7, "hand over", "%d received and weighed (%d less than promised), %d no-shows re-opened (simulated)",
		tally.receipts, tally.short, tally.noShows)
	return nil
}

// move hands over what is approved, or confirms what was handed over.
func (d *Demo) move(ctx context.Context, run string, state crgclient.MatchState) error {
	matches, err := d.matches(ctx, run, state)
	if err != nil {
		return err
	}
	err = each(ctx, matches, func(ctx context.Context, m crgclient.Match) error {
		if state == crgclient.MatchStateHandedOver {
			return d.receive(ctx, m)
		}
		return d.handOver(ctx, m)
	})
	if err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	return nil
}

func (d *Demo) handOver(ctx context.Context, m crgclient.Match) error {
	once := key(m.ID, "hand-over", "")
	if !d.tally.first(once) {
		return nil
	}
	if m.AlternativeOf == "" && draw(d.options.Seed, "no-show", pair(m)) < d.options.Chances.NoShow {
		happened, err := d.noShow(ctx, m)
		if err != nil || happened {
			d.tally.missed(happened)
			return err
		}
	}
	answer, err := d.coordinator.HandOverMatchWithResponse(ctx, m.ID,
		&crgclient.HandOverMatchParams{IdempotencyKey: once},
		crgclient.NewHandOver{MeasuredQuantity: d.weighed(m), Simulated: true})
	if err != nil {
		return err
	}
	return ignoreOver(crgclient.Check(answer.StatusCode(), answer.ApplicationProblemJSONDefault))
}

// noShow reports that the giver did not come, unless that would fall on a real name: then the API refuses it, and the
// match goes ahead instead.
func (d *Demo) noShow(ctx context.Context, m crgclient.Match) (bool, error) {
	answer, err := d.coordinator.ReportNoShowWithResponse(ctx, m.ID,
		&crgclient.ReportNoShowParams{IdempotencyKey: key(m.ID, "no-show", "")},
		crgclient.NewNoShow{Absent: crgclient.NewNoShowAbsentGiver, Simulated: true})
	if err != nil {
		return false, err
	}
	err = crgclient.Check(answer.StatusCode(), answer.ApplicationProblemJSONDefault)
	var refused *crgclient.Error
	if errors.As(err, &refused) && refused.Status == http.StatusUnprocessableEntity {
		return false, nil
	}
	return err == nil, ignoreOver(err)
}

func (d *Demo) receive(ctx context.Context, m crgclient.Match) error {
	once := key(m.ID, "receipt", "")
	if !d.tally.first(once) {
		return nil
	}
	weighed := d.weighed(m)
	answer, err := d.coordinator.ConfirmReceiptWithResponse(ctx, m.ID,
		&crgclient.ConfirmReceiptParams{IdempotencyKey: once},
		crgclient.NewReceipt{MeasuredQuantity: weighed, Simulated: true})
	if err != nil {
		return err
	}
	err = crgclient.Check(answer.StatusCode(), answer.ApplicationProblemJSONDefault)
	if over(err) {
		return nil
	}
	if err == nil {
		d.tally.received(weighed < m.Quantity)
	}
	return err
}

// weighed is what the scales show: mostly what was promised, sometimes 60 to 100 % of it, never less than one unit.
func (d *Demo) weighed(m crgclient.Match) int64 {
	if draw(d.options.Seed, "short", pair(m)) >= d.options.Chances.Short {
		return m.Quantity
	}
	share := 0.6 + 0.4*draw(d.options.Seed, "share", pair(m))
	return max(1, int64(share*float64(m.Quantity)))
}

// pair names what a match joins: the same people meet again in another run of the same city.
func pair(m crgclient.Match) string { return m.Resource + "/" + m.Need }

// open counts the matches that are neither over nor confirmed.
func (d *Demo) open(ctx context.Context, run string) (int, error) {
	count := 0
	for _, state := range []crgclient.MatchState{crgclient.MatchStateProposed, crgclient.MatchStateApproved, crgclient.MatchStateHandedOver} {
		matches, err := d.matches(ctx, run, state)
		if err != nil {
			return 0, err
		}
		count += len(matches)
	}
	return count, nil
}

// matches lists a run's matches in one state.
func (d *Demo) matches(ctx context.Context, run string, state crgclient.MatchState) ([]crgclient.Match, error) {
	var all []crgclient.Match
	for after := ""; ; {
		page, err := d.coordinator.ListMatchesWithResponse(ctx,
			&crgclient.ListMatchesParams{Run: run, State: state, After: after, Limit: 500})
		if err != nil {
			return nil, fmt.Errorf("list matches: %w", err)
		}
		if err := crgclient.Check(page.StatusCode(), page.ApplicationProblemJSONDefault); err != nil {
			return nil, fmt.Errorf("list matches: %w", err)
		}
		all = append(all, page.JSON200.Items...)
		if after = page.JSON200.Next; after == "" {
			return all, nil
		}
	}
}

// key is an Idempotency-Key that a repeated demo step uses again.
func key(subject, purpose, detail string) string {
	return strings.Join([]string{"demo", purpose, subject, detail}, "/")
}

// over reports that somebody or something was faster: the match's story has moved on.
func over(err error) bool {
	var refused *crgclient.Error
	return errors.As(err, &refused) && refused.Status == http.StatusConflict
}

func ignoreOver(err error) error {
	if over(err) {
		return nil
	}
	return err
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pollPause):
		return nil
	}
}

// units reads an amount for sums that are only shown.
func units(m crgclient.Money) float64 {
	value, err := strconv.ParseFloat(m.Amount, 64)
	if err != nil {
		return 0
	}
	return value
}

func amount(m *crgclient.Money) string {
	if m == nil {
		return "unknown"
	}
	return m.Amount + " " + m.Currency
}
