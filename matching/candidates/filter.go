package candidates

// Filter is one reason why a resource cannot serve a need. The order of the constants is the order in which a funnel
// applies them, from what the listings are to what a match would be worth.
type Filter uint8

// The filters.
const (
	FilterLeaf        Filter = iota // another category, and none of the accepted substitutes
	FilterQuantity                  // nothing of it is left, or nothing more is needed
	FilterPlace                     // one of the two has no point, or only a default one
	FilterDistance                  // farther than the need accepts
	FilterRadius                    // farther than the provider serves
	FilterReceiver                  // the holder of the need is not among those who may take it
	FilterTemperature               // the need cannot take its temperature class
	FilterConstraint                // a hard constraint over the resource's attributes does not hold
	FilterWindow                    // at no time are both open
	FilterPerish                    // it would arrive too late
	FilterLot                       // the smallest lot is more than the need can take
	FilterShort                     // it has less than the need takes at once
	FilterBudget                    // the cost asked is more than the need pays
	FilterForbidden                 // the pair was rejected before
	FilterWorth                     // even the largest quantity would not pay its trip
	filterCount
)

var filterNames = [filterCount]string{
	"leaf", "quantity", "place", "distance", "radius", "receiver", "temperature", "constraint", "window", "perish",
	"lot", "short", "budget", "forbidden", "worth",
}

var filterSentences = [filterCount]string{
	"is of another category",
	"has nothing left",
	"has no known place",
	"is farther away than the need accepts",
	"does not serve that far",
	"may not be taken by this kind of participant",
	"needs a temperature that the receiver cannot keep",
	"does not meet a condition of the need",
	"is not open when the receiver is",
	"would arrive too late",
	"comes only in a larger lot",
	"has less than the need takes at once",
	"costs more than the need pays",
	"was rejected for this need before",
	"would not pay for its trip",
}

var filterPlurals = [filterCount]string{
	"are of another category",
	"have nothing left",
	"have no known place",
	"are farther away than the need accepts",
	"do not serve that far",
	"may not be taken by this kind of participant",
	"need a temperature that the receiver cannot keep",
	"do not meet a condition of the need",
	"are not open when the receiver is",
	"would arrive too late",
	"come only in a larger lot",
	"have less than the need takes at once",
	"cost more than the need pays",
	"were rejected for this need before",
	"would not pay for their trip",
}

// String is the filter's name, as reports and JSON use it.
func (f Filter) String() string {
	if f < filterCount {
		return filterNames[f]
	}
	return "unknown"
}

// Sentence completes "the resource ...".
func (f Filter) Sentence() string {
	if f < filterCount {
		return filterSentences[f]
	}
	return "is unknown"
}

// Of completes "n resources ...".
func (f Filter) Of(n int64) string {
	if n == 1 || f >= filterCount {
		return f.Sentence()
	}
	return filterPlurals[f]
}

// MarshalText writes the filter's name.
func (f Filter) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Filters lists all filters in their order.
func Filters() []Filter {
	list := make([]Filter, filterCount)
	for i := range list {
		list[i] = Filter(i)
	}
	return list
}

// Funnel says how many resources each filter took away from a need, each counted at the first filter that it failed.
type Funnel struct {
	Need       int32              `json:"need"` // index in the snapshot
	Rejected   [filterCount]int64 `json:"rejected"`
	Candidates int64              `json:"candidates"` // what passed all filters
}

// LastFilter is the filter that removed the last candidate: after it nothing was left. False when something was left.
func (f *Funnel) LastFilter() (Filter, bool) {
	if f.Candidates > 0 {
		return 0, false
	}
	for i := int(filterCount) - 1; i >= 0; i-- {
		if f.Rejected[i] > 0 {
			return Filter(i), true
		}
	}
	return FilterLeaf, true
}
