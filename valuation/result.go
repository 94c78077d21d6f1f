package valuation

import "math"

// Result is what one match is worth at the central values. Amounts are minor units of the method's currency and price
// year; items are before additionality and costs are positive.
type Result struct {
	Match Match

	Receiver, Donor, Time, Environment int64
	Logistics, Platform                int64

	NSV        int64 // A (receiver + donor + time + environment) - logistics - platform
	Gross      int64 // price x quantity, full disposal fee and full CO2: only ever shown as gross
	Expected   int64 // success x NSV - (1 - success) x cost of a failed attempt
	Attributed int64 // attribution x NSV: a claim on the credit, no part of any sum

	// OpportunityCost is the people's time given; NSVFull subtracts it ("full opportunity cost" view).
	OpportunityCost, NSVFull int64

	Additionality float64
	Counted       Counted  // the items as they enter the NSV
	Accounts      Accounts // whose money the NSV is
	Equity        []EquityView

	CO2eTonnes float64 // avoided, less the trip's
	Kg         float64
	Meals      float64 // of food only
	Hours      float64 // people's time given
}

// magnitude is the sum of what the match adds to any total, signs left out: while the magnitudes of a portfolio add up to
// less than the largest exact amount, no total of it can overflow.
func (r Result) magnitude() float64 {
	sum := 0.0
	for _, minor := range []int64{
		r.Receiver, r.Donor, r.Time, r.Environment, r.Logistics, r.Platform, r.Gross, r.Expected, r.Attributed,
		r.Accounts.Giver, r.Accounts.Receiver, r.Accounts.Platform,
	} {
		sum += math.Abs(float64(minor))
	}
	return sum
}

// Counted is the items after additionality, in whole minor units that add up to the NSV exactly; costs are negative.
type Counted struct {
	Receiver, Donor, Time, Environment, Logistics, Platform int64
}

// Sum is the NSV.
func (c Counted) Sum() int64 {
	return c.Receiver + c.Donor + c.Time + c.Environment + c.Logistics + c.Platform
}

func (c *Counted) add(d Counted) {
	c.Receiver += d.Receiver
	c.Donor += d.Donor
	c.Time += d.Time
	c.Environment += d.Environment
	c.Logistics += d.Logistics
	c.Platform += d.Platform
}

// Accounts says whose money the NSV is. Transfers between parties stand in both accounts and cancel.
type Accounts struct {
	Giver, Receiver, City, Environment, Platform int64
}

// Sum is the NSV.
func (a Accounts) Sum() int64 { return a.Giver + a.Receiver + a.City + a.Environment + a.Platform }

// add adds another match's accounts.
func (a *Accounts) add(b Accounts) {
	a.Giver += b.Giver
	a.Receiver += b.Receiver
	a.City += b.City
	a.Environment += b.Environment
	a.Platform += b.Platform
}
