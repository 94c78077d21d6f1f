package valuation

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/city-resource-graph/crg/city"
)

// Outputs that every simulation samples; the groups' NSV follow them.
const (
	outputNSV = iota
	outputExpected
	outputCO2e
	outputKg
	outputCost // logistics and platform, positive
	firstGroupOutput
)

// maxRangedGroups bounds the memory of a simulation: 512 groups x 10,000 draws are 41 MB.
const maxRangedGroups = 512

// groups collects totals by dimension and gives each a place among the sampled outputs.
type groups struct {
	total   Total
	byKey   map[Dimension]map[string]*groupTotal
	parties map[partyKey]*PartyAccount
	next    int
}

type groupTotal struct {
	Total
	output int // -1 when the group came too late for a range
}

type partyKey struct {
	participant city.ParticipantID
	side        city.Party
}

// newGroups prepares the dimensions. One in which all matches fall into the same group samples no output of its own: the
// group is the total.
func newGroups(all []Match) *groups {
	layout := &groups{byKey: map[Dimension]map[string]*groupTotal{}, parties: map[partyKey]*PartyAccount{}, next: firstGroupOutput}
	for _, dimension := range Dimensions() {
		layout.byKey[dimension] = map[string]*groupTotal{}
		if key, single := singleKey(dimension, all); single {
			layout.byKey[dimension][key] = &groupTotal{output: outputNSV}
		}
	}
	return layout
}

func singleKey(dimension Dimension, all []Match) (string, bool) {
	if len(all) == 0 {
		return "", false
	}
	key := dimension.key(all[0].withDefaults())
	for _, m := range all {
		if dimension.key(m.withDefaults()) != key {
			return "", false
		}
	}
	return key, true
}

// add books a result in the total and its groups, and returns the outputs that sample its NSV.
func (g *groups) add(result Result) []int {
	g.total.add(result)
	outputs := []int{outputNSV}
	for _, dimension := range Dimensions() {
		key := dimension.key(result.Match)
		group := g.byKey[dimension][key]
		if group == nil {
			group = &groupTotal{output: -1}
			if g.next < firstGroupOutput+maxRangedGroups {
				group.output = g.next
				g.next++
			}
			g.byKey[dimension][key] = group
		}
		group.add(result)
		if group.output > outputNSV {
			outputs = append(outputs, group.output)
		}
	}
	m := result.Match
	g.party(m.Giver, city.Giver, m.GiverKind, result.Accounts.Giver, result.Kg)
	g.party(m.Receiver, city.Receiver, m.ReceiverKind, result.Accounts.Receiver, result.Kg)
	return outputs
}

func (g *groups) party(id city.ParticipantID, side city.Party, kind city.Kind, account int64, kg float64) {
	if id == "" {
		return
	}
	party := g.parties[partyKey{id, side}]
	if party == nil {
		party = &PartyAccount{Participant: id, Side: side, Kind: kind}
		g.parties[partyKey{id, side}] = party
	}
	party.Matches++
	party.Account += account
	party.Kg += kg
}

func (g *groups) outputs() int { return g.next }

// fill moves totals and sampled ranges into the summary. It refuses a range whose ends are too large to be exact.
func (g *groups) fill(summary *Summary, samples [][]float64, p *Parameters) (err error) {
	g.total.finish()
	summary.Total = g.total
	summary.Total.Return = returnOn(g.total.NSV, -g.total.Counted.Logistics-g.total.Counted.Platform, samples)
	if summary.Total.Range, err = moneyRange(samples[outputNSV], p.scale()); err != nil {
		return fmt.Errorf("range of the nsv: %w", err)
	}
	if summary.Total.ExpectedRange, err = moneyRange(samples[outputExpected], p.scale()); err != nil {
		return fmt.Errorf("range of the expected nsv: %w", err)
	}
	summary.Total.CO2eRange = floatRange(samples[outputCO2e])
	summary.Total.KgRange = floatRange(samples[outputKg])
	summary.Groups = map[Dimension][]Group{}
	for _, dimension := range Dimensions() {
		totals := g.byKey[dimension]
		for _, key := range slices.Sorted(maps.Keys(totals)) {
			group := totals[key]
			group.finish()
			switch {
			case group.output == outputNSV:
				group.Range = summary.Total.Range
			case group.output > outputNSV:
				if group.Range, err = moneyRange(samples[group.output], p.scale()); err != nil {
					return fmt.Errorf("range of the nsv by %s %s: %w", dimension, key, err)
				}
			}
			summary.Groups[dimension] = append(summary.Groups[dimension], Group{Key: key, Total: group.Total})
		}
	}
	for _, party := range g.parties {
		summary.Parties = append(summary.Parties, *party)
	}
	slices.SortFunc(summary.Parties, func(a, b PartyAccount) int {
		return cmp.Or(cmp.Compare(a.Participant, b.Participant), cmp.Compare(a.Side, b.Side))
	})
	return nil
}

// returnOn is the benefits per unit of cost, central and in every draw. It comes before the percentiles, which reorder.
func returnOn(nsv, cost int64, samples [][]float64) Return {
	if cost <= 0 || len(samples[outputCost]) == 0 {
		return Return{}
	}
	ratios := make([]float64, len(samples[outputCost]))
	for i, spent := range samples[outputCost] {
		if spent <= 0 {
			return Return{}
		}
		ratios[i] = (samples[outputNSV][i] + spent) / spent
	}
	return Return{Known: true, Central: float64(nsv+cost) / float64(cost), FloatRange: floatRange(ratios)}
}

// moneyRange reads percentiles off the samples, which it reorders.
func moneyRange(samples []float64, scale float64) (Range, error) {
	up := 0
	for _, sample := range samples {
		if sample > 0 {
			up++
		}
	}
	f := floatRange(samples)
	span := Range{Known: true, ProbabilityUp: float64(up) / float64(len(samples))}
	for _, end := range []struct {
		into  *int64
		value float64
	}{{&span.P5, f.P5}, {&span.P50, f.P50}, {&span.P95, f.P95}} {
		minor, err := toMinor(end.value * scale)
		if err != nil {
			return Range{}, err
		}
		*end.into = minor
	}
	return span, nil
}

func floatRange(samples []float64) FloatRange {
	return FloatRange{percentile(samples, 0.05), percentile(samples, 0.50), percentile(samples, 0.95)}
}

// percentile interpolates between the closest ranks (Hyndman and Fan's type 7). It reorders the samples.
func percentile(samples []float64, share float64) float64 {
	position := share * float64(len(samples)-1)
	below := int(position)
	low := selectRank(samples, below)
	if below+1 >= len(samples) {
		return low
	}
	high := slices.Min(samples[below+1:]) // all that selectRank left above the rank
	return low + (position-float64(below))*(high-low)
}

// selectRank returns the k-th smallest sample and leaves none smaller above it (Hoare's quickselect, middle pivot).
func selectRank(samples []float64, k int) float64 {
	low, high := 0, len(samples)-1
	for low < high {
		pivot := samples[(low+high)/2]
		i, j := low, high
		for i <= j {
			for samples[i] < pivot {
				i++
			}
			for samples[j] > pivot {
				j--
			}
			if i <= j {
				samples[i], samples[j] = samples[j], samples[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return samples[k]
		}
	}
	return samples[k]
}
