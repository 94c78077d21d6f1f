package workflows

import (
	"crypto/sha256"
	"encoding/hex"

	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/city"
)

// urgency orders the tasks of a queue: a smaller one goes first.
type urgency int

const (
	people   urgency = 2 // somebody waits for it: a match, an onboarding
	ordinary urgency = 3
	bulk     urgency = 4 // what takes long whenever it is done
)

// longestFairnessKey is the server's limit in bytes.
const longestFairnessKey = 64

// fair gives each city its turn: within one urgency the server hands out tasks by their cities in turns, so that a large
// one does not keep a small one waiting. Activities inherit it from their workflow.
func fair(c city.ID, u urgency) temporal.Priority {
	key := string(c)
	if len(key) > longestFairnessKey {
		sum := sha256.Sum256([]byte(key))
		key = hex.EncodeToString(sum[:])
	}
	return temporal.Priority{PriorityKey: int(u), FairnessKey: key}
}
