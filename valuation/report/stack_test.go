package report_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/valuation/report"
)

// Laid out row by row, a cell says by itself what its column said.
func TestCellsCarryTheTitlesOfTheirColumns(t *testing.T) {
	t.Parallel()
	const page = `<p>no table</p>
<table class="wide"><tr><th>Who</th><th class="num">kg &lt;all&gt;, <b>USD</b></th></tr>
<tr><td>A</td><td class="num">1</td></tr></table>
<table><tr><td>x</td><td>y</td></tr></table>`
	const want = `<p>no table</p>
<table class="wide" role="table"><thead role="rowgroup"><tr class="titles" role="row"><th role="columnheader">Who</th>` +
		`<th class="num" role="columnheader">kg &lt;all&gt;, <b>USD</b></th></tr></thead>
<tr role="row"><td role="rowheader">A</td><td class="num" role="cell" data-label="kg &lt;all&gt;, USD">1</td></tr></table>
<table role="table"><tr role="row"><td role="rowheader">x</td><td role="cell">y</td></tr></table>`
	var got bytes.Buffer
	require.NoError(t, report.WriteStacked(&got, []byte(page)))
	require.Equal(t, want, got.String())
}
