package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Ward is a district of a city. Boundary is GeoJSON; population and median income (minor units a year) where known.
type Ward struct {
	ID           string
	Name         string
	Boundary     json.RawMessage
	Population   *int64
	MedianIncome *int64
}

// UpsertWards writes the wards of a city in one transaction.
func (s *Store) UpsertWards(ctx context.Context, id city.ID, wards []Ward) error {
	return s.write(ctx, fmt.Sprintf("write wards of city %s", id), func(_ pgx.Tx, q *gen.Queries) error {
		_, err := upsertWards(ctx, q, id, wards)
		return err
	})
}

// upsertWards counts the wards that are new or not what they were.
func upsertWards(ctx context.Context, q *gen.Queries, id city.ID, wards []Ward) (changed int64, err error) {
	for _, w := range wards {
		rows, err := q.UpsertWard(ctx, gen.UpsertWardParams{
			City: string(id), ID: w.ID, Name: w.Name, Boundary: string(w.Boundary), Population: w.Population,
			MedianIncome: w.MedianIncome,
		})
		if err != nil {
			return 0, fmt.Errorf("ward %s: %w", w.ID, err)
		}
		changed += rows
	}
	return changed, nil
}

// Wards reads a city's wards, by id, with boundaries of six decimals (about 0.1 m).
func (s *Store) Wards(ctx context.Context, id city.ID) ([]Ward, error) {
	rows, err := s.q.Wards(ctx, string(id))
	if err != nil {
		return nil, translate(fmt.Sprintf("read wards of city %s", id), err)
	}
	wards := make([]Ward, len(rows))
	for i, row := range rows {
		wards[i] = Ward{
			ID: row.ID, Name: row.Name, Boundary: json.RawMessage(row.Boundary), Population: row.Population,
			MedianIncome: row.MedianIncome,
		}
	}
	return wards, nil
}

// WardAt is the ward that covers a point; empty when it lies outside all. On a shared border it is the first by id.
func (s *Store) WardAt(ctx context.Context, id city.ID, p city.Point) (string, error) {
	ward, err := s.q.WardAt(ctx, gen.WardAtParams{City: string(id), Lon: p.Lon, Lat: p.Lat})
	return ward, translate("find the ward of a point", err)
}

// Category is a leaf of the taxonomy as the database needs it: what its quantities count.
type Category struct {
	Leaf city.Leaf
	Unit city.Unit
}

// UpsertCategories writes the taxonomy's leaves. Listings of other leaves, or in other units, are refused.
func (s *Store) UpsertCategories(ctx context.Context, categories []Category) error {
	return translate("write categories", upsertCategories(ctx, s.q, categories))
}

func upsertCategories(ctx context.Context, q *gen.Queries, categories []Category) error {
	var p gen.UpsertCategoriesParams
	for _, c := range categories {
		p.Leaves, p.Units = append(p.Leaves, string(c.Leaf)), append(p.Units, string(c.Unit))
	}
	return q.UpsertCategories(ctx, p)
}

// UpsertRules writes the derivation rules of a city.
func (s *Store) UpsertRules(ctx context.Context, id city.ID, rules []city.Rule) error {
	return s.write(ctx, fmt.Sprintf("write rules of city %s", id), func(_ pgx.Tx, q *gen.Queries) error {
		return upsertRules(ctx, q, id, rules)
	})
}

func upsertRules(ctx context.Context, q *gen.Queries, id city.ID, rules []city.Rule) error {
	for _, r := range rules {
		err := q.UpsertRule(ctx, gen.UpsertRuleParams{
			City: string(id), ID: string(r.ID), Low: r.Low, Central: r.Central, High: r.High, Unit: r.Unit, Source: r.Source,
			Evidence: r.Evidence,
		})
		if err != nil {
			return fmt.Errorf("rule %s: %w", r.ID, err)
		}
	}
	return nil
}

// Rules reads the derivation rules of a city, by id.
func (s *Store) Rules(ctx context.Context, id city.ID) ([]city.Rule, error) {
	rows, err := s.q.Rules(ctx, string(id))
	if err != nil {
		return nil, translate(fmt.Sprintf("read rules of city %s", id), err)
	}
	rules := make([]city.Rule, len(rows))
	for i, r := range rows {
		rules[i] = city.Rule{
			ID: city.RuleID(r.ID), Low: r.Low, Central: r.Central, High: r.High, Unit: r.Unit, Source: r.Source, Evidence: r.Evidence,
		}
	}
	return rules, nil
}

// WardIDs are the ids of wards, in the same order.
func WardIDs(wards []Ward) []string {
	ids := make([]string, len(wards))
	for k := range wards {
		ids[k] = wards[k].ID
	}
	return ids
}
