package activities

import (
	"context"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// announceReview asks the city's approvers to look at an applicant, once for each time that it went into review.
func (o *Onboarding) announceReview(ctx context.Context, p postgres.Participant) error {
	note := aboutParticipant(p, string(p.State))
	note.Event, note.Roles = city.NoticeOnboardingWaiting, []city.Role{city.Approver}
	return o.Teller.tell(ctx, note)
}

// announceEnd tells the applicant that it is active or rejected.
func (o *Onboarding) announceEnd(ctx context.Context, p postgres.Participant) error {
	note := aboutParticipant(p, string(p.State))
	note.Participants = []city.ParticipantID{p.ID}
	switch p.State {
	case city.ParticipantActive:
		note.Event = city.NoticeOnboardingAccepted
	case city.ParticipantRejected:
		note.Event = city.NoticeOnboardingRejected
	default:
		return nil
	}
	return o.Teller.tell(ctx, note)
}

// nudge reminds the reviewers or asks their deputies, and records that it did, and to whom.
func (o *Onboarding) nudge(ctx context.Context, in PassReviewDeadlineInput) error {
	p, err := o.Store.Participant(ctx, in.City, in.Participant)
	if err != nil {
		return err
	}
	note := aboutParticipant(p, string(in.Step))
	var asked escalation
	if in.Step == StepRemind {
		note.Event, note.Roles = city.NoticeOnboardingReminder, []city.Role{city.Approver}
		err = o.Teller.tell(ctx, note)
	} else {
		note.Event = city.NoticeOnboardingEscalated
		asked, err = o.Teller.escalate(ctx, note, nil)
	}
	if err != nil {
		return err
	}
	return auditOnce(ctx, o.Store, in.City, "participant", string(in.Participant), string(in.Step), asked)
}

// aboutParticipant begins an announcement. An applicant may come to the same state twice, by an appeal: the time at which
// it did tells the two apart.
func aboutParticipant(p postgres.Participant, step string) postgres.Announcement {
	since := p.UpdatedAt.UTC().Format("20060102T150405.000000")
	return postgres.Announcement{
		City: p.City, Key: "participant:" + string(p.ID) + ":" + step + ":" + since, Kind: "participant", Subject: string(p.ID),
	}
}
