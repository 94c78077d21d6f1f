package api

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

// methodName is what a method's version looks like: it becomes part of the ids of records.
var methodName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

// checkMethod settles by which method a valuation is made: the one in force, a shipped version, or a parameter file that
// the request brings, which is stored before anything names it.
func (s *server) checkMethod(ctx context.Context, ref *activities.ValuationRef, body *wire.NewValuation) error {
	if body.Parameters == "" {
		if body.Method != "" && !slices.Contains(valuation.Methods(), body.Method) {
			return refused.field("/method", "%q: want one of %s, or parameters", body.Method, strings.Join(valuation.Methods(), ", "))
		}
		ref.Method = body.Method
		return nil
	}
	if s.objects == nil {
		return waiting(away, "the API has no object storage, where a parameter file is kept")
	}
	given, err := valuation.Load([]byte(body.Parameters))
	if err != nil {
		return refused.field("/parameters", "%v", err)
	}
	if err := s.checkFigures(ctx, ref, body, given); err != nil {
		return err
	}
	stored, file, err := activities.StoreMethod(ctx, s.objects, ref.City, body.Parameters)
	if errors.Is(err, blobs.ErrConflict) {
		return conflict.because("method %s was given with other figures before: give the changed ones a version of their own", given.Version)
	}
	if err != nil {
		return err
	}
	ref.Method, ref.Parameters = stored.Version, &file
	return nil
}

// checkFigures keeps one version of a method to one set of figures, and a city to its currency.
func (s *server) checkFigures(ctx context.Context, ref *activities.ValuationRef, body *wire.NewValuation, given *valuation.Parameters) error {
	currency, err := s.currency(ctx, ref.City)
	switch {
	case err != nil:
		return err
	case !methodName.MatchString(given.Version):
		return refused.field("/parameters", "version %q: want letters, digits, dots and dashes, 60 at most", given.Version)
	case body.Method != "" && body.Method != given.Version:
		return refused.field("/method", "%q: the parameters are version %q", body.Method, given.Version)
	case slices.Contains(valuation.Methods(), given.Version):
		return refused.field("/parameters", "version %q is a shipped method: give changed figures a version of their own", given.Version)
	case given.Currency != currency:
		return refused.field("/parameters", "currency %s: want the city's, %s", given.Currency, currency)
	}
	used, _, err := s.store.Valuations(ctx, ref.City, postgres.ValuationFilter{Method: given.Version}, page("", 1))
	if err != nil {
		return err
	}
	if len(used) > 0 && used[0].ParametersSHA256 != given.Hash {
		return conflict.because("method %s was used with other figures in valuation %s: give the changed ones a version of their own",
			given.Version, used[0].ID)
	}
	return nil
}
