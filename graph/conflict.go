package graph

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/city-resource-graph/crg/city"
)

// Tie is what binds somebody to a party so that they do not decide on its matches.
type Tie struct {
	Party city.ParticipantID
	Why   string // in words: the same address, ...
}

// Ties finds what binds a participant to any of the parties: it is one of them, shares address, e-mail domain or
// operator with one, or one of the two vouches for the other. Having delivered to each other is no tie: that is what the
// city is for.
func (g *Graph) Ties(ctx context.Context, c city.ID, who city.ParticipantID, parties []city.ParticipantID) ([]Tie, error) {
	for _, party := range parties {
		if party == who {
			return []Tie{{Party: party, Why: "is the party itself"}}, nil
		}
	}
	return read(ctx, g, "look for a conflict of interest", `MATCH (w:Participant {key: $who})
		UNWIND $parties AS key MATCH (p:Participant {key: key})
		CALL (w, p) {
			MATCH (w)-[r:AT|MAIL|RUN_BY]->(t)<-[:AT|MAIL|RUN_BY]-(p) WHERE COUNT { (t)<--() } <= $crowd
			RETURN CASE type(r) WHEN 'AT' THEN 'has the same address' WHEN 'MAIL' THEN 'has the same e-mail domain'
				ELSE 'has the same operator' END AS why
			UNION MATCH (w)-[:VOUCHED]->(p) RETURN 'vouches for it' AS why
			UNION MATCH (p)-[:VOUCHED]->(w) RETURN 'is vouched for by it' AS why
		}
		RETURN p.id AS party, why ORDER BY party, why`,
		map[string]any{"who": g.key(c, string(who)), "parties": g.keys(c, parties), "crowd": crowd},
		func(r *neo4j.Record) (Tie, error) {
			return Tie{Party: city.ParticipantID(text(r.Values[0])), Why: text(r.Values[1])}, nil
		})
}
