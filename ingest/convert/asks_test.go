package convert_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/ingest/convert"
)

// The sentences are people's own, from lists of wants after a storm.
func TestAsksReadsEachClause(t *testing.T) {
	t.Parallel()
	clothes, food, bedding, hygiene := []string{"cloth*"}, []string{"food"}, []string{"blanket*", "pillow*"}, []string{"toiletries", "tolietries"}
	tests := []struct {
		text  string
		words []string
		asks  bool
	}{
		{"canned food, water", food, true},
		{"Hygiene. toiletries, cleaning supplies; DO NOT need clothes, blankets, pillows", bedding, false},
		{"Hygiene. toiletries, cleaning supplies; DO NOT need clothes, blankets, pillows", hygiene, true},
		{"no clothing needed, cleaning items especially, tolietries", clothes, false},
		{"no clothing needed, cleaning items especially, tolietries", hygiene, true},
		{"Needing blankets, has food available; no additional supplied needed", food, false},
		{"Needing blankets, has food available; no additional supplied needed", bedding, true},
		{"Taking all kinds of donations except clothing - FOOD AND WATER NEEDED.", clothes, false},
		{"Taking all kinds of donations except clothing - FOOD AND WATER NEEDED.", food, true},
		{"Anything but clothing; such as baby, pet, and menstrual supplies, shelf food", clothes, false},
		{"Anything but clothing; such as baby, pet, and menstrual supplies, shelf food", food, true},
		{"No longer accepting donations but looking for clothes", clothes, true},
		{"water, anything but clothes, have enough clothes", clothes, false},
		{"Need clothing (EXCEPT underwear, socks), toiletries", []string{"socks"}, false},
		{"Need clothing (EXCEPT underwear, socks), toiletries", hygiene, true},
		{"They do NOT need any more food or clothing", food, false},
		{"Official list: NO FOOD, Backpacks", food, false},
		{"Official list: NO FOOD, Backpacks", []string{"backpacks"}, true},
		{"toys (no stuffed animals), socks", []string{"socks"}, true},
		{"Non-perishable food", food, true},
		{"Dog food", food, false},
		{"washcloths", clothes, false},
		{"New clothes\nNo shoes\nsocks", []string{"socks"}, true},
		{"None.", food, false},
		{"", food, false},
	}
	for _, test := range tests {
		require.Equal(t, test.asks, convert.Asks(test.text, test.words, []string{"dog food"}), "%q asks for %v", test.text, test.words)
	}
}
