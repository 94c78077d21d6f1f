package demo

import (
	"context"
	"fmt"
	"net/http"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// read imports the city's data.
func (d *Demo) read(ctx context.Context, outcome *Outcome) error {
	started, err := d.coordinator.StartImportWithResponse(ctx,
		&crgclient.StartImportParams{IdempotencyKey: crgclient.NewKey()},
		crgclient.NewImport{Profile: d.options.Profile, Source: d.options.Source})
	if err != nil {
		return fmt.Errorf("start the import: %w", err)
	}
	if err := crgclient.Check(started.StatusCode(), started.ApplicationProblemJSONDefault); err != nil {
		return fmt.Errorf("start the import: %w", err)
	}
	outcome.Import = started.JSON202.ID
	var counts crgclient.ImportCounts
	err = poll(ctx, func(ctx context.Context) (bool, error) {
		answer, err := d.coordinator.GetImportWithResponse(ctx, outcome.Import)
		if err != nil {
			return false, err
		}
		if answer.StatusCode() == http.StatusNotFound { // the workflow has not written its row yet
			return false, nil
		}
		if err := crgclient.Check(answer.StatusCode(), answer.ApplicationProblemJSONDefault); err != nil {
			return false, err
		}
		counts = answer.JSON200.Counts
		d.progress.Moving("read %d rows", counts.Read)
		if answer.JSON200.State == "failed" {
			return false, fmt.Errorf("the import failed: see %s", answer.JSON200.WebUI)
		}
		return answer.JSON200.State == "completed", nil
	})
	if err != nil {
		return fmt.Errorf("import %s: %w", outcome.Import, err)
	}
	d.progress.Done(1, "read", "%d rows: %d accepted, %d unchanged, %d rejected with a reason, 0 lost",
		counts.Read, counts.Accepted, counts.Unchanged, counts.Rejected)
	return nil
}

// onboard reviews the applications that need a person, until nobody is being checked any more: doubtful ones are accepted,
// and the review is marked simulated.
func (d *Demo) onboard(ctx context.Context, _ *Outcome) error {
	reviewed := map[string]bool{} // a review takes a moment to be acted on, and until then its application is listed
	err := poll(ctx, func(ctx context.Context) (bool, error) {
		// Asked first: whoever leaves the checks in between stands in the list of reviews.
		checked, err := d.allChecked(ctx)
		if err != nil {
			return false, err
		}
		page, err := d.approvers[0].ListOnboardingsWithResponse(ctx, &crgclient.ListOnboardingsParams{Limit: 500})
		if err != nil {
			return false, fmt.Errorf("list the reviews: %w", err)
		}
		if err := crgclient.Check(page.StatusCode(), page.ApplicationProblemJSONDefault); err != nil {
			return false, fmt.Errorf("list the reviews: %w", err)
		}
		if err := each(ctx, page.JSON200.Items, d.review); err != nil {
			return false, fmt.Errorf("review: %w", err)
		}
		for _, o := range page.JSON200.Items {
			reviewed[o.Participant.ID] = true
		}
		d.progress.Moving("reviewed %d", len(reviewed))
		return checked && len(page.JSON200.Items) == 0, nil
	})
	if err != nil {
		return err
	}
	d.progress.Done(2, "onboard", "%d participants looked at by a person", len(reviewed))
	return nil
}

// allChecked reports whether the workflows are done with everybody who applied.
func (d *Demo) allChecked(ctx context.Context) (bool, error) {
	page, err := d.coordinator.ListParticipantsWithResponse(ctx,
		&crgclient.ListParticipantsParams{State: crgclient.ParticipantStateApplied, Limit: 1})
	if err != nil {
		return false, fmt.Errorf("list the applications: %w", err)
	}
	if err := crgclient.Check(page.StatusCode(), page.ApplicationProblemJSONDefault); err != nil {
		return false, fmt.Errorf("list the applications: %w", err)
	}
	return len(page.JSON200.Items) == 0, nil
}

func (d *Demo) review(ctx context.Context, o crgclient.Onboarding) error {
	answer, err := d.approvers[0].ReviewOnboardingWithResponse(ctx, o.Participant.ID,
		&crgclient.ReviewOnboardingParams{IdempotencyKey: key(d.options.Run, "review", o.Participant.ID)},
		crgclient.NewReview{Decision: crgclient.NewReviewDecisionAccept, Simulated: true})
	if err != nil {
		return err
	}
	return ignoreOver(crgclient.Check(answer.StatusCode(), answer.ApplicationProblemJSONDefault))
}

// ask puts the question "still there, usable?" to the holders of unconfirmed resources and lets the seed answer, with
// the usable chance that each listing states.
func (d *Demo) ask(ctx context.Context, outcome *Outcome) error {
	after := ""
	for {
		params := &crgclient.ListResourcesParams{State: crgclient.ListingStateUnconfirmed, After: after, Limit: 500}
		if d.options.Ward != "" {
			params.Ward = d.options.Ward
		}
		page, err := d.coordinator.ListResourcesWithResponse(ctx, params)
		if err != nil {
			return fmt.Errorf("list unconfirmed resources: %w", err)
		}
		if err := crgclient.Check(page.StatusCode(), page.ApplicationProblemJSONDefault); err != nil {
			return fmt.Errorf("list unconfirmed resources: %w", err)
		}
		if err := d.answer(ctx, d.punctual(page.JSON200.Items), outcome); err != nil {
			return err
		}
		if after = page.JSON200.Next; after == "" {
			break
		}
	}
	d.progress.Done(3, "ask", "%d of %d unconfirmed resources are still there and usable (simulated answers)%s",
		outcome.Confirmed, outcome.Confirmed+outcome.Denied, lateAnswers(len(d.late)))
	return nil
}

// punctual leaves out the listings whose holders answer only after the run, for the schedule's run to find.
func (d *Demo) punctual(listings []crgclient.Listing) []crgclient.Listing {
	if d.options.Regular == nil {
		return listings
	}
	var now []crgclient.Listing
	for _, listing := range listings {
		if draw(d.options.Seed, "late", listing.ID) < d.options.Chances.Late {
			d.late = append(d.late, listing)
		} else {
			now = append(now, listing)
		}
	}
	return now
}

func lateAnswers(count int) string {
	if count == 0 {
		return ""
	}
	return fmt.Sprintf("; %d holders answer later", count)
}

func (d *Demo) answer(ctx context.Context, listings []crgclient.Listing, outcome *Outcome) error {
	if len(listings) == 0 {
		return nil
	}
	answers := make([]crgclient.NewConfirmation, 0, len(listings))
	for _, listing := range listings {
		chance := 1.0
		if listing.Resource != nil && listing.Resource.UsableChance != nil {
			chance = *listing.Resource.UsableChance
		}
		answers = append(answers, crgclient.NewConfirmation{
			Resource: listing.ID, Usable: Usable(d.options.Seed, listing.ID, chance),
		})
	}
	done, err := d.coordinator.ConfirmResourcesWithResponse(ctx,
		&crgclient.ConfirmResourcesParams{IdempotencyKey: key(d.options.Run, "ask", listings[0].ID)},
		crgclient.NewConfirmations{Answers: answers, Simulated: true})
	if err != nil {
		return fmt.Errorf("confirm resources: %w", err)
	}
	if err := crgclient.Check(done.StatusCode(), done.ApplicationProblemJSONDefault); err != nil {
		return fmt.Errorf("confirm resources: %w", err)
	}
	outcome.Confirmed += int64(done.JSON200.Confirmed)
	outcome.Denied += int64(done.JSON200.Denied)
	return nil
}
