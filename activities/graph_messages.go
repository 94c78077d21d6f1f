package activities

import (
	"github.com/city-resource-graph/crg/projection"
)

// ProjectionState is what the workflow ProjectGraph carries from one history into the next. It is its input.
type ProjectionState struct {
	Events int64 `json:"events"` // projected since it was first started
	Paused bool  `json:"paused,omitempty"`
}

// Projected is what one stretch of projection came to.
type Projected struct {
	Events int64 `json:"events"`
}

// ReconcileInput says how the graph is reconciled. It is the input of the workflow ReconcileGraph.
type ReconcileInput struct {
	Rebuild bool `json:"rebuild,omitempty"` // from nothing
}

// Reconciled is how each city's graph stood to its rows before it was repaired.
type Reconciled struct {
	Cities    []projection.Comparison `json:"cities"`
	Differing int64                   `json:"differing"`
}
