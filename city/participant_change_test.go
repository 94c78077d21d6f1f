package city_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
)

func TestWhatCountsAsAnotherParticipant(t *testing.T) {
	t.Parallel()
	was := city.Participant{
		Kind: city.Organisation, Name: "Corner Pantry", EmailDomain: "pantry.example", AddressID: "a1", Operator: "Pantries of Town",
		Point: &city.Point{Lon: -77.03, Lat: 38.9}, LocationQuality: city.Exact, Ward: "1", State: city.ParticipantActive,
	}
	for name, test := range map[string]struct {
		change func(*city.Participant)
		want   []string
	}{
		"nothing":           {func(*city.Participant) {}, nil},
		"ward and state":    {func(p *city.Participant) { p.Ward, p.State = "2", city.ParticipantApplied }, nil},
		"case and spaces":   {func(p *city.Participant) { p.Name, p.Operator = " CORNER  pantry", "pantries of town" }, nil},
		"another geocoder":  {func(p *city.Participant) { p.Point = &city.Point{Lon: -77.031, Lat: 38.9} }, nil}, // 87 m
		"the next block":    {func(p *city.Participant) { p.Point = &city.Point{Lon: -77.0315, Lat: 38.9} }, []string{"place"}},
		"no place any more": {func(p *city.Participant) { p.Point = nil }, []string{"place"}},
		"known worse":       {func(p *city.Participant) { p.LocationQuality = city.Default }, []string{"place"}},
		"somebody else": {func(p *city.Participant) {
			p.Name, p.Kind, p.AddressID, p.EmailDomain, p.Operator = "Another Name", city.Business, "a2", "", ""
		}, []string{"name", "kind", "address", "e-mail domain", "operator"}},
	} {
		now := was
		test.change(&now)
		require.Equal(t, test.want, now.ChangesFrom(was), name)
	}
}
