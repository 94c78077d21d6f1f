package api

import (
	"context"
	"net/http"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
)

// bulkAtOnce is how many decisions of one request are recorded and announced at a time.
const bulkAtOnce = 8

// DecideMatches takes many decisions, each as if it came alone.
func (s *server) DecideMatches(ctx context.Context, request wire.DecideMatchesRequestObject) (wire.DecideMatchesResponseObject, error) {
	stated := request.Body.Decisions
	items := make([]wire.DecisionResult, len(stated))
	places := map[string][]int{} // of the decisions on a match, which are taken one after the other
	for i, one := range stated {
		places[one.Match] = append(places[one.Match], i)
	}
	group, groupContext := errgroup.WithContext(ctx)
	group.SetLimit(bulkAtOnce)
	for _, ofMatch := range places {
		group.Go(func() error {
			for _, i := range ofMatch {
				// Each has an id of its own, the same whenever the request is repeated.
				own := withEffectID(groupContext, effectOf(ctx)+"."+strconv.Itoa(i+1))
				var err error
				if items[i], err = s.decideOne(own, stated[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	answer := wire.DecideMatches200JSONResponse{Items: items}
	for _, item := range items {
		if item.Problem.Type == "" {
			answer.Accepted++
		} else {
			answer.Refused++
		}
	}
	return answer, nil
}

// decideOne is an error only when the whole request is to be repeated.
func (s *server) decideOne(ctx context.Context, d wire.MatchDecision) (wire.DecisionResult, error) {
	answer, err := s.sign(ctx, d.Match, word{
		kind: city.DecisionKind(d.Decision), party: city.Party(d.Party), reason: city.Reason(d.Reason),
		note: d.Note, simulated: d.Simulated, behalf: d.OnBehalfOf,
	})
	if err == nil {
		return wire.DecisionResult{Match: d.Match, Decision: answer.Body}, nil
	}
	p := asProblem(err)
	if p.kind.status >= http.StatusInternalServerError {
		return wire.DecisionResult{}, err
	}
	return wire.DecisionResult{Match: d.Match, Problem: p.body(ctx, locate("matches", d.Match))}, nil
}
