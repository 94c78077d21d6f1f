package candidates

// rate holds what turns the worth of one unit into a score for one need and one leaf, all in millionths.
type rate struct {
	weight  int64 // urgency x equity
	success int64
}

// score is (worth x weight - cost) x success, each product rounded half up to whole minor units. It grows with worth
// and falls with cost, which the bounds on unseen cells rely on.
func (r rate) score(worth, cost int64) int64 {
	weighted := worth
	if r.weight != million {
		weighted = roundMillion(worth * r.weight)
	}
	if r.success == million {
		return weighted - cost
	}
	return roundMillion((weighted - cost) * r.success)
}

// roundMillion divides by a million, half up, in both signs alike.
func roundMillion(x int64) int64 {
	x += million / 2
	q := x / million
	if x%million < 0 {
		q--
	}
	return q
}

// share is a part of x in millionths.
func share(x, millionth int64) int64 { return roundMillion(x * millionth) }

// Parts are the parts of one pair's score, recomputed on request and never stored. All are minor units per unit except
// Charge and those that say otherwise.
type Parts struct {
	UnitValue int64 `json:"unit_value"` // of the resource's leaf at the resource's condition
	Urgency   int64 `json:"urgency"`    // weight in millionths
	Equity    int64 `json:"equity"`     // weight in millionths
	Weighted  int64 `json:"weighted"`   // unit value x urgency x equity
	Cost      int64 `json:"cost"`       // asked by the provider
	Success   int64 `json:"success"`    // chance in millionths
	Expected  int64 `json:"expected"`   // (weighted - cost) x success
	Affinity  int64 `json:"affinity"`   // bonus of participants that know each other
	Stability int64 `json:"stability"`  // bonus of an open proposal
	Floors    int64 `json:"floors"`     // bonus of a need whose ward has a floor
	Score     int64 `json:"score"`      // expected + affinity + stability + floors: the edge's value

	Distance  int64 `json:"distance_metres"`
	Charge    int64 `json:"charge"`    // of the trip, once per pair
	Spread    int64 `json:"spread"`    // floor(charge / largest possible quantity), per unit
	Amortised int64 `json:"amortised"` // score - spread: what a unit can be worth at best
}
