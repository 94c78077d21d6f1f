package activities

import (
	"go.temporal.io/sdk/temporal"
)

// Types of the application errors that no retry can mend. Workflows list them in their retry policies.
const (
	TypeNotFound = "NotFound" // what an id names does not exist
	TypeInvalid  = "Invalid"  // input that will be as wrong the next time
	TypeConflict = "Conflict" // the state of the thing does not allow it
	TypeDamaged  = "Damaged"  // an object in storage is not what was put there, or a proof does not hold
)

// FinalErrors lists the types of errors that no retry can mend.
func FinalErrors() []string { return []string{TypeNotFound, TypeInvalid, TypeConflict, TypeDamaged} }

var _ = temporal.NewApplicationError
