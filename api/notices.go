package api

import (
	"context"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// ListNotices lists what people were told: operators and auditors see everybody's, all others their own.
func (s *server) ListNotices(ctx context.Context, request wire.ListNoticesRequestObject) (wire.ListNoticesResponseObject, error) {
	caller, p := callerOf(ctx), request.Params
	filter := postgres.NoticeFilter{State: city.NoticeState(p.State)}
	if p.Match != "" {
		filter.Kind, filter.Subject = "match", p.Match
	}
	if !caller.has(city.Operator, city.Auditor) {
		own := ownContacts(caller)
		filter.Participant, filter.Actor = own.Participant, own.Actor
	}
	found, next, err := s.store.ListNotices(ctx, caller.City, filter, page(p.After, p.Limit))
	if err != nil {
		return nil, badCursor(p.After, err)
	}
	items := make([]wire.Notice, len(found))
	for i, notice := range found {
		items[i] = noticeFor(caller, notice)
	}
	return wire.ListNotices200JSONResponse{Items: items, Next: next}, nil
}

// RetryNotice makes a failed notice due again and wakes its delivery.
func (s *server) RetryNotice(ctx context.Context, request wire.RetryNoticeRequestObject) (wire.RetryNoticeResponseObject, error) {
	caller := callerOf(ctx)
	if _, err := s.store.Notice(ctx, caller.City, request.Notice); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "retry", "notice", request.Notice); err != nil {
		return nil, err
	}
	if err := s.store.RetryNotice(ctx, caller.City, request.Notice); err != nil {
		return nil, err
	}
	err := s.askTemporal(ctx, func(ctx context.Context) error {
		return s.starter.DeliverNotices(ctx, activities.CityRef{City: caller.City})
	})
	if err != nil {
		return nil, err
	}
	notice, err := s.store.Notice(ctx, caller.City, request.Notice)
	return wire.RetryNotice200JSONResponse(noticeFor(caller, notice)), err
}

// noticeFor is a notice as the caller may see it. What a foreign server said stays with the operators: it may repeat the
// address.
func noticeFor(caller Caller, n postgres.Notice) wire.Notice {
	answer := wire.Notice{
		ID: n.ID, Contact: n.Contact, Channel: wire.Channel(n.Channel), Event: wire.NoticeEvent(n.Event), Kind: wire.NoticeKind(n.Kind),
		Subject: n.Subject, State: wire.NoticeState(n.State), Reason: n.Reason, Attempts: n.Attempts, CreatedAt: n.CreatedAt,
		SettledAt: timeOf(n.SettledAt),
	}
	if n.State == city.NoticePending {
		answer.DueAt = n.DueAt
	}
	if caller.has(city.Auditor) && !caller.has(city.Operator) && n.State != city.NoticeSuppressed {
		answer.Reason = ""
	}
	return answer
}
