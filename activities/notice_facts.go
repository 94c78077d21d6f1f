package activities

import (
	"context"
	"errors"
	"fmt"
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
	case "listing":
		return n.listingFacts(ctx, t, notice)
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
		What: fmt.Sprintf("%s, %d %s", city.DefaultTaxonomy().Title(m.ID.Leaf), m.Quantity, m.Unit), Reason: plain(m.StateReason),
		Link: n.Links.Object("matches", notice.Subject),
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
	f.Reason, f.Link = plain(p.StateReason), n.Links.Object("onboardings", notice.Subject)
	if speaksOfDocuments(notice.Event) {
		return n.documentFacts(ctx, t, notice, f)
	}
	return f, "", nil
}

func speaksOfDocuments(event city.NoticeEvent) bool {
	return event == city.NoticeDocumentWaiting || event == city.NoticeDocumentExpiring || event == city.NoticeDocumentExpired
}

// documentFacts names the documents that the event is about, as they stand now.
func (n *Notices) documentFacts(ctx context.Context, t terms, notice postgres.Notice, f notices.Facts) (notices.Facts, string, error) {
	documents, err := n.Store.Documents(ctx, notice.City, city.ParticipantID(notice.Subject))
	if err != nil {
		return f, "", err
	}
	now := t.clock.Now(n.Now())
	stands := standing(documents, now)
	about := map[city.NoticeEvent][]postgres.Document{
		city.NoticeDocumentWaiting: stands.submitted, city.NoticeDocumentExpired: stands.gone,
	}[notice.Event]
	if notice.Event == city.NoticeDocumentExpiring {
		for _, document := range stands.ahead {
			if document.ExpiresAt.Sub(now) > city.ExpiryNotice {
				continue
			}
			about = append(about, document)
			if f.Until.IsZero() || document.ExpiresAt.Before(f.Until) {
				f.Until = document.ExpiresAt.In(t.zone)
			}
		}
	}
	if len(about) == 0 {
		return f, "no document stands so any more", nil
	}
	var kinds []string
	for _, document := range about {
		if kind := plain(string(document.Kind)); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	f.What, f.Reason = strings.Join(kinds, ", "), ""
	f.Link = n.Links.Object("participants", notice.Subject) + "/documents"
	return f, "", nil
}

// listingFacts says what is asked about, in words of somebody who knows no codes, with the link by which it is answered.
func (n *Notices) listingFacts(ctx context.Context, t terms, notice postgres.Notice) (f notices.Facts, overtaken string, err error) {
	listing := city.ListingID(notice.Subject)
	request, err := n.Store.OpenConfirmationRequest(ctx, notice.City, listing)
	if errors.Is(err, postgres.ErrNotFound) {
		return f, "the question is closed", nil
	}
	if err != nil {
		return f, "", err
	}
	l, err := n.Store.Listing(ctx, notice.City, listing)
	if err != nil {
		return f, "", err
	}
	return notices.Facts{
		What: fmt.Sprintf("%s, %d %s", city.DefaultTaxonomy().Title(l.Leaf), l.Quantity.Amount, l.Quantity.Unit), Until: request.ExpiresAt.In(t.zone),
		Link: n.Links.Confirm(notices.Question{City: notice.City, Listing: listing, Request: request.ID, Until: t.wall(request.ExpiresAt)}),
	}, "", nil
}

// plain puts a reason code into words.
func plain(reason string) string {
	if city.Reason(reason).Validate() == nil {
		return city.Reason(reason).Words()
	}
	return strings.ReplaceAll(reason, "_", " ")
}
