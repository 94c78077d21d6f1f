package workflows

import "github.com/city-resource-graph/crg/activities"

// Typed references to the activities, by which a call is checked by the compiler. They are never dereferenced: the
// worker registers values with their dependencies under the same names.
var (
	imports      *activities.Imports
	onboarding   *activities.Onboarding
	runs         *activities.Runs
	engine       *activities.Engine
	starts       *activities.Starts
	matches      *activities.Matches
	alternatives *activities.Alternative
	values       *activities.Values
	courier      *activities.Notices
	relay        *activities.Relay
	documents    *activities.Documents

	confirmations *activities.Confirmations
	graph         *activities.Graph
)
