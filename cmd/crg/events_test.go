package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

func TestEventsArePrintedWithTheirProgress(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"at":"09:00","id":"r:food.produce:7","state":"approved"}`:                     "09:00      4711  match        approved      r:food.produce:7",
		`{"at":"09:00","id":"r","state":"running","stage":"frozen","done":1,"total":5}`: "09:00      4711  match        running       r  frozen, 1 of 5",
	} {
		line, err := eventLine(crgclient.Event{ID: "4711", Topic: "match", Data: json.RawMessage(data)})
		require.NoError(t, err)
		require.Equal(t, want, line)
	}
	_, err := eventLine(crgclient.Event{ID: "4711", Data: json.RawMessage(`[`)})
	require.ErrorContains(t, err, "event 4711")
}
