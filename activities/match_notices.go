package activities

import (
	"context"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// announceMatch tells who has to know where a match stands, once for each state.
func (a *Matches) announceMatch(ctx context.Context, m postgres.Match, decisions []postgres.Decision) error {
	note := aboutMatch(m, string(m.State))
	switch m.State {
	case city.MatchProposed:
		if m.Requirement == nil {
			return nil
		}
		note.Event = city.NoticeMatchWaiting
		addMissing(&note, m, decisions)
	case city.MatchApproved:
		note.Event, note.Participants = city.NoticeMatchApproved, sidesOf(m)
	case city.MatchHandedOver:
		note.Event, note.Participants = city.NoticeMatchHandedOver, []city.ParticipantID{m.Receiver}
	case city.MatchConfirmed:
		return nil // both sides were there
	default:
		note.Event, note.Participants = city.NoticeMatchEnded, sidesOf(m)
	}
	return a.Teller.tell(ctx, note)
}

// remind tells those again who have not answered yet.
func (a *Matches) remind(ctx context.Context, m postgres.Match, decisions []postgres.Decision) error {
	note := aboutMatch(m, string(StepRemind))
	note.Event = city.NoticeMatchReminder
	addMissing(&note, m, decisions)
	return a.Teller.tell(ctx, note)
}

// escalate asks others to step in for the city's approvers who have not answered, and reminds the sides once more.
func (a *Matches) escalate(ctx context.Context, m postgres.Match, decisions []postgres.Decision) (escalation, error) {
	note := aboutMatch(m, string(StepEscalate))
	missing := missingApprovals(m, decisions)
	if len(missing.Sides) > 0 {
		again := note
		again.Key += ":sides"
		again.Event = city.NoticeMatchReminder
		addMissing(&again, m, decisions)
		again.Roles = nil
		if err := a.Teller.tell(ctx, again); err != nil {
			return escalation{}, err
		}
	}
	note.Event = city.NoticeMatchEscalated
	return a.Teller.escalate(ctx, note, spokeForTheCity(decisions))
}

func aboutMatch(m postgres.Match, step string) postgres.Announcement {
	id := m.ID.String()
	return postgres.Announcement{City: m.City, Key: "match:" + id + ":" + step, Kind: "match", Subject: id}
}

func sidesOf(m postgres.Match) []city.ParticipantID { return []city.ParticipantID{m.Giver, m.Receiver} }

// addMissing names whose approval is missing: the sides by themselves, the city by whoever may sign for it and has not.
func addMissing(note *postgres.Announcement, m postgres.Match, decisions []postgres.Decision) {
	missing := missingApprovals(m, decisions)
	for _, side := range missing.Sides {
		holder := m.Giver
		if side == city.Receiver {
			holder = m.Receiver
		}
		note.Participants = append(note.Participants, holder)
	}
	if missing.CityApprovers > 0 {
		note.Roles, note.ButNot = []city.Role{city.Approver}, spokeForTheCity(decisions)
	}
}

// spokeForTheCity are the persons behind the city's approvals so far.
func spokeForTheCity(decisions []postgres.Decision) []string {
	var persons []string
	for _, d := range decisions {
		if d.Kind == city.DecisionApprove && d.Party == city.CityHall && d.Outcome == city.DecisionApplied {
			persons = append(persons, d.Persons()...)
		}
	}
	return persons
}
