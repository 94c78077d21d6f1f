package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// frame is an event as it goes over the line.
func frame(a city.Announcement) []byte {
	var payload map[string]any
	if json.Unmarshal(a.Payload, &payload) != nil || payload == nil { // the database writes objects only
		payload = map[string]any{}
	}
	payload["at"] = a.At.UTC().Format(time.RFC3339Nano)
	data, _ := json.Marshal(payload) // what was read as JSON can be written as JSON
	var text bytes.Buffer
	fmt.Fprintf(&text, "id: %d\nevent: %s\ndata: %s\n\n", a.Position, a.Topic, data)
	return text.Bytes()
}

// cut is why a stream was ended by the server. It is the last event of the stream.
type cut string

// The reasons; docs/api.md lists them.
const (
	cutSlow     cut = "slow"     // it fell too far behind
	cutKey      cut = "key"      // its key was revoked or has expired
	cutStopping cut = "stopping" // this process stops
	cutAway     cut = "away"     // the database does not answer
)

// Error makes it the error that ends a stream.
func (c cut) Error() string { return "cut: " + string(c) }

// frame says why, and from where the client goes on.
func (c cut) frame(position int64) []byte {
	return fmt.Appendf(nil, "id: %d\nevent: cut\ndata: {\"reason\":%q,\"resume_after\":\"%d\"}\n\n", position, string(c), position)
}
