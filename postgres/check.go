package postgres

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
)

// One file for each invariant: its first lines say in words what holds, its query finds what breaks it.
//
//go:embed invariants/*.sql
var invariants embed.FS

// Finding is something that breaks an invariant.
type Finding struct {
	Invariant string  `json:"invariant"`
	City      city.ID `json:"city,omitempty"`
	Subject   string  `json:"subject"`
	Detail    string  `json:"detail"`
}

// maxFindings bounds what one invariant reports: a damaged database is seen from the first of them.
const maxFindings = 100

// InvariantNames lists what Invariants checks, in its order.
func InvariantNames() []string {
	entries, err := invariants.ReadDir("invariants")
	if err != nil { // embedded: there is no way
		panic(err)
	}
	names := make([]string, 0, len(entries)+1)
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), path.Ext(entry.Name())))
	}
	return append(names, transitionsDiffer)
}

// Invariants checks, read-only and as of one moment, all that must hold within the database, and answers what does
// not: at most 100 findings for each invariant.
func (s *Store) Invariants(ctx context.Context) ([]Finding, error) {
	var findings []Finding
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error {
		findings = nil
		for _, name := range InvariantNames() {
			if name == transitionsDiffer {
				continue
			}
			query, err := invariants.ReadFile("invariants/" + name + ".sql")
			if err != nil {
				return err
			}
			rows, err := tx.Query(ctx, fmt.Sprintf("SELECT $1::text, f.* FROM (%s) f ORDER BY 2, 3, 4 LIMIT %d", query, maxFindings), name)
			if err != nil {
				return fmt.Errorf("invariant %s: %w", name, err)
			}
			found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Finding])
			if err != nil {
				return fmt.Errorf("invariant %s: %w", name, err)
			}
			findings = append(findings, found...)
		}
		differ, err := differentTransitions(ctx, tx)
		findings = append(findings, differ...)
		return err
	})
	return findings, translate("check the invariants", err)
}

// transitionsDiffer: the transition tables are those of package city.
const transitionsDiffer = "transitions-differ"

func differentTransitions(ctx context.Context, tx pgx.Tx) ([]Finding, error) {
	var findings []Finding
	for table, want := range map[string]map[string]bool{
		"listing_transition":     pairs(city.ListingTransitions()),
		"match_transition":       pairs(city.MatchTransitions()),
		"participant_transition": pairs(city.ParticipantTransitions()),
	} {
		rows, err := tx.Query(ctx, "SELECT from_state || ' -> ' || to_state FROM "+table)
		if err != nil {
			return nil, fmt.Errorf("invariant %s: %w", transitionsDiffer, err)
		}
		have, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("invariant %s: %w", transitionsDiffer, err)
		}
		for _, pair := range have {
			if !want[pair] {
				findings = append(findings, Finding{Invariant: transitionsDiffer, Subject: "table " + table, Detail: pair + " is too many"})
			}
			delete(want, pair)
		}
		for pair := range want {
			findings = append(findings, Finding{Invariant: transitionsDiffer, Subject: "table " + table, Detail: pair + " is missing"})
		}
	}
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Subject, b.Subject), strings.Compare(a.Detail, b.Detail))
	})
	return findings, nil
}

func pairs[S ~string](table city.Transitions[S]) map[string]bool {
	all := map[string]bool{}
	for from, states := range table {
		for _, to := range states {
			all[string(from)+" -> "+string(to)] = true
		}
	}
	return all
}
