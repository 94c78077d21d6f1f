package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// Conclude activates an applicant whom nothing speaks against, rejects one whom no review can mend, and puts everybody
// else in review. The change and its announcement are one transaction.
func (o *Onboarding) Conclude(ctx context.Context, in ConcludeInput) (ApplicantView, error) {
	view, err := o.conclude(ctx, in)
	return view, classify(err)
}

func (o *Onboarding) conclude(ctx context.Context, in ConcludeInput) (ApplicantView, error) {
	p, err := o.Store.Participant(ctx, in.City, in.Participant)
	if err != nil {
		return ApplicantView{}, err
	}
	if p.State == city.ParticipantApplied {
		to, reason := city.ParticipantActive, ""
		switch {
		case in.Reject != "":
			to, reason = city.ParticipantRejected, in.Reject
		case len(in.Flags) > 0:
			to, reason = city.ParticipantInReview, strings.Join(in.Flags, "; ")
		}
		if p, err = o.Store.TransitionParticipant(ctx, in.City, in.Participant, to, reason); err != nil {
			return ApplicantView{}, err
		}
	}
	return o.judgePending(ctx, p)
}

// TakeReviews records the reviews that operators typed in and judges everything that is pending, oldest first.
func (o *Onboarding) TakeReviews(ctx context.Context, in TakeReviewsInput) (ApplicantView, error) {
	view, err := o.take(ctx, in)
	return view, classify(err)
}

func (o *Onboarding) take(ctx context.Context, in TakeReviewsInput) (ApplicantView, error) {
	for _, announced := range in.Announced {
		if err := o.recordTyped(ctx, in.ApplicantRef, announced); err != nil {
			return ApplicantView{}, err
		}
	}
	p, err := o.Store.Participant(ctx, in.City, in.Participant)
	if err != nil {
		return ApplicantView{}, err
	}
	return o.judgePending(ctx, p)
}

func (o *Onboarding) recordTyped(ctx context.Context, ref ApplicantRef, announced Announced) error {
	if announced.Decision != "" {
		_, err := o.Store.Decision(ctx, ref.City, announced.Decision)
		if !errors.Is(err, postgres.ErrNotFound) {
			return err
		}
	}
	d := postgres.Decision{
		City: ref.City, ID: announced.TypedIn, Kind: announced.Kind, Party: city.CityHall, Actor: typist, Role: city.Operator,
		TypedIn: true, Participant: ref.Participant, Origin: city.Observed,
	}
	switch announced.Kind {
	case city.DecisionReviewReject:
		d.Reason = city.ReasonOther
	case city.DecisionAppeal:
		d.Party = city.Applicant
	}
	return o.Store.RecordDecision(ctx, d)
}

// judgePending takes pending reviews. One that came before the checks were done waits for them.
func (o *Onboarding) judgePending(ctx context.Context, p postgres.Participant) (ApplicantView, error) {
	if p.State == city.ParticipantApplied {
		return o.view(ctx, p)
	}
	decisions, err := o.Store.ParticipantDecisions(ctx, p.City, p.ID)
	if err != nil {
		return ApplicantView{}, err
	}
	for _, d := range decisions {
		if d.Outcome != city.DecisionPending || d.Document != "" { // documents have a workflow of their own
			continue
		}
		if _, err := o.Store.TakeDecision(ctx, p.City, d.ID, judgeReview(p, decisions, d)); err != nil {
			return ApplicantView{}, err
		}
		if p, err = o.Store.Participant(ctx, p.City, p.ID); err != nil {
			return ApplicantView{}, err
		}
	}
	return o.view(ctx, p)
}

// judgeReview says what becomes of a pending review or appeal. An appeal is decided by somebody else than the rejection.
func judgeReview(p postgres.Participant, decisions []postgres.Decision, d postgres.Decision) postgres.Verdict {
	appealed := slices.ContainsFunc(decisions, func(other postgres.Decision) bool {
		return other.Kind == city.DecisionAppeal && other.Outcome == city.DecisionApplied
	})
	rejected, open := postgres.AppealedAgainst(decisions)
	switch {
	case d.Kind == city.DecisionAppeal && p.State != city.ParticipantRejected, d.Kind != city.DecisionAppeal && p.State != city.ParticipantInReview:
		return ignored("participant is %s", p.State)
	case d.Kind == city.DecisionAppeal && appealed:
		return ignored("there was an appeal before")
	case d.Kind == city.DecisionAppeal:
		return postgres.Verdict{
			Outcome: city.DecisionApplied, ParticipantState: city.ParticipantInReview, Reason: "appeal against: " + p.StateReason,
		}
	case open && rejected.SharesPersons(d):
		return ignored("%s rejected it: another person decides the appeal", rejected.Actor)
	case d.Kind == city.DecisionReviewReject:
		return postgres.Verdict{Outcome: city.DecisionApplied, ParticipantState: city.ParticipantRejected}
	}
	return postgres.Verdict{Outcome: city.DecisionApplied, ParticipantState: city.ParticipantActive}
}

// PassReviewDeadline does what a deadline of a review brings, unless a review came first.
func (o *Onboarding) PassReviewDeadline(ctx context.Context, in PassReviewDeadlineInput) (ApplicantView, error) {
	view, err := o.pass(ctx, in)
	return view, classify(err)
}

func (o *Onboarding) pass(ctx context.Context, in PassReviewDeadlineInput) (ApplicantView, error) {
	view, err := o.take(ctx, TakeReviewsInput{ApplicantRef: in.ApplicantRef})
	if err != nil || view.State != city.ParticipantInReview {
		return view, err
	}
	switch in.Step {
	case StepRemind, StepEscalate:
		err = o.nudge(ctx, in)
	case StepExpire:
		_, err = o.Store.TransitionParticipant(ctx, in.City, in.Participant, city.ParticipantRejected, "nobody reviewed it in time")
		if errors.Is(err, postgres.ErrConflict) { // a match of it is under way; or a review came this very moment, which is seen next
			err = nil
		}
	default:
		err = fmt.Errorf("%w: step %q of a review", errInvalid, in.Step)
	}
	if err != nil {
		return ApplicantView{}, err
	}
	view, err = o.take(ctx, TakeReviewsInput{ApplicantRef: in.ApplicantRef})
	if err != nil || view.State != city.ParticipantInReview {
		return view, err
	}
	// The deadline passed by the server's clock. By this machine's it may lie ahead still, and must not come again.
	view.Next, err = o.following(ctx, in)
	return view, err
}

func (o *Onboarding) following(ctx context.Context, in PassReviewDeadlineInput) (Deadline, error) {
	p, err := o.Store.Participant(ctx, in.City, in.Participant)
	if err != nil {
		return Deadline{}, err
	}
	t, err := o.Cities.of(ctx, in.City)
	if in.Step == StepExpire { // once more, when what is promised has come to its end
		return Deadline{StepExpire, t.wall(t.clock.Now(o.Now()).Add(t.policy.ExpireAfter))}, err
	}
	return t.review(p.UpdatedAt).after(in.Step), err
}

// GiveNotice tells the applicant how it ended.
func (o *Onboarding) GiveNotice(ctx context.Context, ref ApplicantRef) (ApplicantView, error) {
	p, err := o.Store.Participant(ctx, ref.City, ref.Participant)
	if err == nil {
		err = o.announceEnd(ctx, p)
	}
	if err == nil {
		err = auditOnce(ctx, o.Store, ref.City, "participant", string(ref.Participant), "notice:"+string(p.State), nil)
	}
	return ApplicantView{State: p.State, Reason: p.StateReason}, classify(err)
}

func (o *Onboarding) view(ctx context.Context, p postgres.Participant) (ApplicantView, error) {
	view := ApplicantView{State: p.State, Reason: p.StateReason}
	if p.State != city.ParticipantInReview {
		return view, nil
	}
	if err := o.announceReview(ctx, p); err != nil {
		return ApplicantView{}, err
	}
	t, err := o.Cities.of(ctx, p.City)
	if err != nil {
		return ApplicantView{}, err
	}
	view.Next = t.review(p.UpdatedAt).next(o.Now())
	return view, nil
}
