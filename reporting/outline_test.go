package reporting

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/report"
)

func TestOutlineTakesEveryRing(t *testing.T) {
	t.Parallel()
	for geometry, rings := range map[string]int{
		`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]],[[0.2,0.2],[0.3,0.2],[0.3,0.3],[0.2,0.2]]]}`: 2,
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[2,2],[3,2],[3,3],[2,2]]]]}`:        2,
	} {
		got, err := outline(json.RawMessage(geometry))
		require.NoError(t, err)
		require.Len(t, got, rings)
	}
	_, err := outline(json.RawMessage(`{"type":"Point","coordinates":[0,0]}`))
	require.ErrorContains(t, err, `geometry "Point": want Polygon or MultiPolygon`)
}

func TestMostSumsUpTheRest(t *testing.T) {
	t.Parallel()
	counts := newTally()
	for _, reason := range []string{"b", "a", "a", "c", "d", "d", "d"} {
		counts.add(reason)
	}
	lines := counts.most(2)
	require.Len(t, lines, 3)
	require.Equal(t, "d", lines[0].Reason)
	require.Equal(t, "a", lines[1].Reason)
	require.Equal(t, int64(2), lines[2].Count, "b and c, and nothing is lost")
}

func TestReasonsOfRowsNameTheFirstLines(t *testing.T) {
	t.Parallel()
	counts := newTally()
	for _, line := range []int64{7, 9} {
		counts.at("no place", "a.csv", line)
	}
	require.Equal(t, "a.csv, line 7, 9", counts.most(1)[0].Note)
	counts.at("no place", "b.csv", 3)
	counts.at("no place", "b.csv", 4)
	require.Equal(t, "a.csv, line 7, 9; b.csv, line 3, ...", counts.most(1)[0].Note)
	require.EqualValues(t, 4, counts.most(1)[0].Count)
}

func TestReasonsOfOneKindAreOneLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, kindOf(`same key as line 5237 of requests_311.csv`), kindOf(`same key as line 22 of requests_311.csv`))
	require.Equal(t, `geometry …: the point lies outside of Town, … km from its centre`,
		kindOf(`geometry "-77.10, 38.91": the point lies outside of Town, 6.4 km from its centre`))
	rejections := NewRejections()
	rejections.Add("same key as line 5 of a.csv", "a.csv", 9)
	rejections.Add("same key as line 6 of a.csv", "a.csv", 11)
	require.Equal(t, []report.ReasonCount{{Reason: "same key as line … of a.csv", Count: 2, Note: "a.csv, line 9, 11"}}, rejections.Most())
}
