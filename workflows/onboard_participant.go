package workflows

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
)

// OnboardParticipant takes an applicant in: it validates what was said, looks for duplicates, finds the place in the
// city and screens; a person reviews whoever is flagged, with a deadline, a deputy and an expiry; then the applicant is
// active, and with it its listings, or rejected with a reason, and is told so. An appeal starts it again, for one more
// review by another person.
func OnboardParticipant(ctx workflow.Context, in activities.ApplicantRef) (activities.ApplicantView, error) {
	o := &onboardParticipant{ref: in}
	if err := o.setup(ctx); err != nil {
		return o.view, err
	}
	err := o.run(ctx)
	return o.view, err
}

type onboardParticipant struct {
	ref   activities.ApplicantRef
	view  activities.ApplicantView
	inbox *inbox
}

func (o *onboardParticipant) setup(ctx workflow.Context) error {
	o.inbox = newInbox(ctx, []mailbox{{SignalReview, city.DecisionReviewAccept}, {SignalAppeal, city.DecisionAppeal}})
	return workflow.SetQueryHandlerWithOptions(ctx, QueryStatus,
		func() (activities.ApplicantView, error) { return o.view, nil },
		workflow.QueryHandlerOptions{Description: "state of the applicant, why, and the next deadline"})
}

func (o *onboardParticipant) run(ctx workflow.Context) error {
	if err := o.load(ctx); err != nil {
		return err
	}
	if o.view.State == city.ParticipantApplied {
		if err := o.check(ctx); err != nil {
			return err
		}
	}
	for {
		if err := o.awaitReview(ctx); err != nil {
			return err
		}
		if _, err := quickly(ctx, "give notice", onboarding.GiveNotice, o.ref); err != nil {
			return err
		}
		if err := o.drain(ctx); err != nil {
			return err
		}
		if o.view.State != city.ParticipantInReview {
			return nil
		} // an appeal came: somebody else reviews it
	}
}

func (o *onboardParticipant) load(ctx workflow.Context) error {
	view, err := quickly(ctx, "load the applicant", onboarding.LoadApplicant, o.ref)
	return o.see(ctx, view, err)
}

// check activates whom nothing speaks against, puts whoever is flagged in review, and rejects what no review can mend.
func (o *onboardParticipant) check(ctx workflow.Context) error {
	var all activities.Findings
	for _, check := range []struct {
		summary  string
		activity func(context.Context, activities.ApplicantRef) (activities.Findings, error)
	}{
		{"validate", onboarding.ValidateApplicant},
		{"find duplicates", onboarding.FindDuplicates},
		{"locate", onboarding.LocateApplicant},
		{"screen", onboarding.ScreenApplicant},
	} {
		found, err := quickly(ctx, check.summary, check.activity, o.ref)
		if err != nil {
			return err
		}
		all.Flags = append(all.Flags, found.Flags...)
		if all.Reject = found.Reject; all.Reject != "" {
			break
		}
	}
	view, err := quickly(ctx, "activate, review or reject", onboarding.Conclude,
		activities.ConcludeInput{ApplicantRef: o.ref, Findings: all})
	return o.see(ctx, view, err)
}

// awaitReview waits for a reviewer; a reminder goes out, then a deputy is asked, and at last the application expires.
func (o *onboardParticipant) awaitReview(ctx workflow.Context) error {
	for o.view.State == city.ParticipantInReview {
		if historyIsLong(ctx) {
			return workflow.NewContinueAsNewError(ctx, OnboardParticipant, o.ref)
		}
		deadline := o.view.Next
		signalled, err := awaitSignal(ctx, o.inbox, deadline)
		switch {
		case err != nil:
			return err
		case signalled:
			err = o.take(ctx)
		default:
			err = o.pass(ctx, deadline)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *onboardParticipant) take(ctx workflow.Context) error {
	letters := o.inbox.empty(ctx)
	view, err := quickly(ctx, summarise(letters), onboarding.TakeReviews,
		activities.TakeReviewsInput{ApplicantRef: o.ref, Announced: letters})
	return o.see(ctx, view, err)
}

func (o *onboardParticipant) pass(ctx workflow.Context, deadline activities.Deadline) error {
	view, err := quickly(ctx, string(deadline.Step), onboarding.PassReviewDeadline,
		activities.PassReviewDeadlineInput{ApplicantRef: o.ref, Step: deadline.Step})
	return o.see(ctx, view, err)
}

func (o *onboardParticipant) drain(ctx workflow.Context) error {
	for o.inbox.waiting() {
		if err := o.take(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (o *onboardParticipant) see(ctx workflow.Context, view activities.ApplicantView, err error) error {
	if err != nil {
		return err
	}
	o.view = view
	workflow.SetCurrentDetails(ctx, o.details())
	return upsertStatus(ctx, Status(view.State))
}

func (o *onboardParticipant) details() string {
	text := fmt.Sprintf("**%s**", o.view.State)
	if o.view.Reason != "" {
		text += ": " + o.view.Reason
	}
	if o.view.State == city.ParticipantInReview {
		text += fmt.Sprintf("\n\nNext: %s at %s.", o.view.Next.Step, o.view.Next.At.UTC().Format(time.RFC3339))
	}
	return text
}
