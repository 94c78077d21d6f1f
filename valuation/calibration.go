package valuation

import (
	"fmt"
	"math"
)

// Outcome is one attempt: the chance of success that was stated before it, and whether it succeeded. Simulated decisions
// must not be among outcomes.
type Outcome struct {
	Stated    float64 // 0 to 1
	Succeeded bool
}

// Calibration compares stated chances with what happened.
type Calibration struct {
	Outcomes int
	Brier    float64          // mean squared error: 0 = always sure and right, 0.25 = a coin
	Rate     float64          // share that succeeded
	Bins     []ReliabilityBin // the tenths that have outcomes
}

// ReliabilityBin is one tenth of the stated chances.
type ReliabilityBin struct {
	From, To     float64
	Outcomes     int
	MeanStated   float64
	Rate         float64
	Low95, Upp95 float64 // Wilson's 95 % interval of the rate
}

// Calibrate computes the Brier score and the reliability table. Without outcomes it returns false: then a report says
// "no data" instead of a number.
func Calibrate(outcomes []Outcome) (Calibration, bool, error) {
	if len(outcomes) == 0 {
		return Calibration{}, false, nil
	}
	var bins [10]ReliabilityBin
	result := Calibration{Outcomes: len(outcomes)}
	for i, outcome := range outcomes {
		if !(outcome.Stated >= 0 && outcome.Stated <= 1) {
			return Calibration{}, false, fmt.Errorf("outcomes[%d]: chance %v: want a share from 0 to 1", i, outcome.Stated)
		}
		happened := 0.0
		if outcome.Succeeded {
			happened = 1
		}
		bin := &bins[min(int(outcome.Stated*10), 9)]
		bin.Outcomes++
		bin.MeanStated += outcome.Stated
		bin.Rate += happened
		result.Rate += happened
		result.Brier += (outcome.Stated - happened) * (outcome.Stated - happened)
	}
	result.Brier /= float64(len(outcomes))
	result.Rate /= float64(len(outcomes))
	for i, bin := range bins {
		if bin.Outcomes == 0 {
			continue
		}
		n := float64(bin.Outcomes)
		bin.From, bin.To = float64(i)/10, float64(i+1)/10
		bin.MeanStated /= n
		bin.Rate /= n
		bin.Low95, bin.Upp95 = wilson(bin.Rate, n)
		result.Bins = append(result.Bins, bin)
	}
	return result, true, nil
}

// Attempt is one real attempt and what came of it.
type Attempt struct {
	Group     string // what may make a difference, such as the ward
	Succeeded bool
}

// learningWeight is how many outcomes a stated chance counts as before any was seen, and that of all groups within each.
const learningWeight = 20

// Foretell states of each attempt the chance that could have been stated before it, from the outcomes before it alone:
// the rate of its group, drawn towards that of all groups, which is drawn towards the chance that was stated at first.
// Attempts are in the order in which their outcomes became known. So the score of these chances is one of forecasts.
func Foretell(stated float64, attempts []Attempt) []Outcome {
	type count struct{ attempts, successes float64 }
	toward := func(c count, chance float64) float64 {
		return (c.successes + learningWeight*chance) / (c.attempts + learningWeight)
	}
	var all count
	groups := map[string]count{}
	outcomes := make([]Outcome, len(attempts))
	for i, attempt := range attempts {
		group := groups[attempt.Group]
		outcomes[i] = Outcome{Stated: toward(group, toward(all, stated)), Succeeded: attempt.Succeeded}
		all.attempts++
		group.attempts++
		if attempt.Succeeded {
			all.successes++
			group.successes++
		}
		groups[attempt.Group] = group
	}
	return outcomes
}

// wilson is Wilson's score interval (1927) at 95 %.
func wilson(rate, n float64) (low, high float64) {
	const z = 1.959963984540054
	centre := (rate + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(rate*(1-rate)/n+z*z/(4*n*n))
	return max(0, centre-half), min(1, centre+half)
}
