package consistency

import (
	"context"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// unstarted is how long somebody may have applied before a workflow takes it up: whoever asks again with the same key, and
// the end of the import that brought the applicant, starts one.
const unstarted = 10 * time.Minute

// checkImports looks for the workflow of every import under way.
func checkImports(ctx context.Context, stores Stores, c postgres.City) ([]postgres.Finding, error) {
	var findings []postgres.Finding
	err := pages(func(page postgres.Page) ([]postgres.Import, string, error) {
		return stores.Database.ListImports(ctx, c.ID, page)
	}, func(in postgres.Import) error {
		if in.State != postgres.ImportRunning {
			return nil
		}
		alive, err := running(ctx, stores.Temporal, workflows.ImportID(c.ID, in.ID))
		if err != nil || alive {
			return err
		}
		if in, err = stores.Database.Import(ctx, c.ID, in.ID); err != nil || in.State != postgres.ImportRunning { // it has just ended
			return err
		}
		findings = append(findings, postgres.Finding{
			Invariant: workingImportHasStory, City: c.ID, Subject: "import " + in.ID, Detail: "running, but no workflow is",
		})
		return nil
	})
	return findings, err
}

// checkApplicants looks for the workflow of everybody who waits to be taken in.
func checkApplicants(ctx context.Context, stores Stores, c postgres.City) ([]postgres.Finding, error) {
	var findings []postgres.Finding
	for _, state := range []city.ParticipantState{city.ParticipantApplied, city.ParticipantInReview} {
		err := pages(func(page postgres.Page) ([]postgres.Participant, string, error) {
			return stores.Database.ListParticipants(ctx, c.ID, postgres.ParticipantFilter{State: state}, page)
		}, func(p postgres.Participant) error {
			since := c.Clock.Wait(c.Clock.Now(time.Now()).Sub(p.UpdatedAt))
			if state == city.ParticipantApplied && since < unstarted {
				return nil
			}
			alive, err := running(ctx, stores.Temporal, workflows.OnboardingID(c.ID, p.ID))
			if err != nil || alive {
				return err
			}
			if p, err = stores.Database.Participant(ctx, c.ID, p.ID); err != nil || p.State != state { // it has just moved on
				return err
			}
			findings = append(findings, postgres.Finding{
				Invariant: applicantHasWorkflow, City: c.ID, Subject: "participant " + string(p.ID),
				Detail: string(state) + ", but no workflow takes it in",
			})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return findings, nil
}
