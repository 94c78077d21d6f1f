package activities

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/postgres"
)

// facts reads what a notice can say, at the moment at which it is sent: a notice that waited through a night speaks of the
// morning. Overtaken says why it need not be sent any more.
func (n *Notices) facts(ctx context.Context, t terms, notice postgres.Notice) (f notices.Facts, overtaken string, err error) {
	switch notice.Kind {
	case "match":
		return n.matchFacts(ctx, t, notice)
	case "participant":
		return n.participantFacts(ctx, t, notice)
	}
	return f, "", fmt.Errorf("%w: notice about %q", errInvalid, notice.Kind)
}

func (n *Notices) matchFacts(ctx context.Context, t terms, notice postgres.Notice) (f notices.Facts, overtaken string, err error) {
	id, err := city.ParseMatchID(notice.Subject)
	if err != nil {
		return f, "", fmt.Errorf("%w: %w", errInvalid, err)
	}
	m, err := n.Store.Match(ctx, notice.City, id)
	if err != nil {
		return f, "", err
	}
	speaksOf := map[city.NoticeEvent]city.MatchState{
		city.NoticeMatchWaiting: city.MatchProposed, city.NoticeMatchReminder: city.MatchProposed,
		city.NoticeMatchEscalated: city.MatchProposed, city.NoticeMatchApproved: city.MatchApproved,
		city.NoticeMatchHandedOver: city.MatchHandedOver,
	}
	if state, ok := speaksOf[notice.Event]; ok && m.State != state {
		return f, "the match is " + string(m.State), nil
	}
	f = notices.Facts{
		What: fmt.Sprintf("%d %s %s", m.Quantity, m.Unit, m.ID.Leaf), Reason: plain(m.StateReason),
		Link: n.link("matches", notice.Subject),
	}
	if m.State.Holds() {
		f.Until = t.local(matchLadder(t, m).last().At)
	}
	return f, "", nil
}

func (n *Notices) participantFacts(ctx context.Context, t terms, notice postgres.Notice) (f notices.Facts, overtaken string, err error) {
	p, err := n.Store.Participant(ctx, notice.City, city.ParticipantID(notice.Subject))
	if err != nil {
		return f, "", err
	}
	waits := []city.NoticeEvent{city.NoticeOnboardingWaiting, city.NoticeOnboardingReminder, city.NoticeOnboardingEscalated}
	if slices.Contains(waits, notice.Event) {
		if p.State != city.ParticipantInReview {
			return f, "the participant is " + string(p.State), nil
		}
		f.Until = t.local(t.review(p.UpdatedAt).last().At)
	}
	f.Reason, f.Link = plain(p.StateReason), n.link("onboardings", notice.Subject)
	return f, "", nil
}

func (n *Notices) link(family, id string) string {
	return strings.TrimSuffix(n.BaseURL, "/") + "/api/v1/" + family + "/" + url.PathEscape(id)
}

// plain puts a reason code into words.
func plain(reason string) string {
	if city.Reason(reason).Validate() == nil {
		return city.Reason(reason).Words()
	}
	return reason
}
