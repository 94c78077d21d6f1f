package api

import (
	"context"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// ListReasons answers the closed list of reasons with how often each was given in a decision that took effect.
func (s *server) ListReasons(ctx context.Context, request wire.ListReasonsRequestObject) (wire.ListReasonsResponseObject, error) {
	counted, err := s.store.ReasonCounts(ctx, callerOf(ctx).City, city.RunID(request.Params.Run))
	if err != nil {
		return nil, err
	}
	of := map[city.Reason]postgres.ReasonCount{}
	for _, count := range counted {
		of[count.Reason] = count
	}
	items := make([]wire.ReasonCount, 0, len(city.Reasons()))
	for _, reason := range city.Reasons() {
		items = append(items, wire.ReasonCount{
			Reason: wire.Reason(reason), Words: reason.Words(), Decisions: of[reason].Decisions, Simulated: of[reason].Simulated,
		})
	}
	return wire.ListReasons200JSONResponse{Items: items}, nil
}
