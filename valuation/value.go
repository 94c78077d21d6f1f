package valuation

import (
	"fmt"

	"github.com/city-resource-graph/crg/city"
)

// Value computes what one match is worth at the central values. Errors name the field, the value and what would be right.
func Value(p *Parameters, m Match) (Result, error) {
	r, err := p.resolve(m)
	if err != nil {
		return Result{}, err
	}
	return p.value(r)
}

func (p *Parameters) value(r *resolved) (Result, error) {
	result := Result{Match: r.match, Additionality: r.additionality()}
	items := map[Item]*int64{
		Receiver: &result.Receiver, Donor: &result.Donor, Time: &result.Time, Environment: &result.Environment,
		Logistics: &result.Logistics, Platform: &result.Platform,
	}
	exact := r.items()
	counted := make([]float64, len(exact))
	nsv := 0.0
	for i, item := range Items() {
		amount := exact[i] * p.scale()
		counted[i] = amount
		if item.IsCost() {
			amount = -amount // shown as a positive cost
		} else {
			counted[i] *= result.Additionality
		}
		nsv += float64(counted[i])
		if err := assign(items[item], amount, string(item)); err != nil {
			return Result{}, err
		}
	}
	success := r.value(Success)
	for _, amount := range []struct {
		name  string
		into  *int64
		value float64
	}{
		{"nsv", &result.NSV, nsv},
		{"gross", &result.Gross, r.sum(grossTerms) * p.scale()},
		{"expected", &result.Expected, float64(success*nsv) - float64((1-success)*r.failedCost()*p.scale())},
		{"attributed", &result.Attributed, r.value(Attribution) * nsv},
	} {
		if err := assign(amount.into, amount.value, amount.name); err != nil {
			return Result{}, err
		}
	}
	result.Counted = countedItems(apportion(counted, result.NSV))
	result.OpportunityCost = result.Time
	result.NSVFull = result.NSV - result.OpportunityCost
	if err := p.fillAccounts(&result); err != nil {
		return Result{}, err
	}
	result.Equity = p.Equity.views(result.NSV, result.Accounts.Receiver, r.match.ReceiverIncome)
	r.physical(&result)
	return result, nil
}

// items sums the terms of each item, in the order of Items and in currency units; costs are negative.
func (r *resolved) items() [6]float64 {
	var sums [6]float64
	for i, item := range Items() {
		for _, t := range terms {
			if t.item == item {
				sums[i] += float64(r.eval(t)) // the conversion forbids fusing, which differs between processors
			}
		}
	}
	return sums
}

func assign(into *int64, value float64, name string) error {
	minor, err := toMinor(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	*into = minor
	return nil
}

func countedItems(minor []int64) Counted {
	return Counted{
		Receiver: minor[0], Donor: minor[1], Time: minor[2], Environment: minor[3], Logistics: minor[4], Platform: minor[5],
	}
}

// fillAccounts books each item with its party. The one who pays the trip bears the logistics; transfers move money
// between accounts and leave the sum as it is.
func (p *Parameters) fillAccounts(result *Result) error {
	m, c := result.Match, result.Counted
	var price, fee int64
	if err := assign(&price, m.PricePaid*p.scale(), "price_paid"); err != nil {
		return err
	}
	if err := assign(&fee, m.PlatformFee*p.scale(), "platform_fee"); err != nil {
		return err
	}
	accounts := Accounts{
		Giver:       c.Donor + price,
		Receiver:    c.Receiver + c.Time - price - fee,
		Environment: c.Environment,
		Platform:    c.Platform + fee,
	}
	switch m.LogisticsBy {
	case city.Giver:
		accounts.Giver += c.Logistics
	case city.Receiver:
		accounts.Receiver += c.Logistics
	default:
		accounts.City += c.Logistics
	}
	result.Accounts = accounts
	return nil
}

// physical fills the units that are shown beside money and never turned into money again.
func (r *resolved) physical(result *Result) {
	result.Kg = r.eval(weightTerm)
	result.CO2eTonnes = r.sum(emissionTerms)
	if r.category.Class() == city.Food && r.category.Unit == city.Kilogram { // a drink is no meal
		result.Meals = result.Kg / r.value(MealKg)
	}
	result.Hours = r.value(Hours) + r.value(HoursPerUnit)*r.value(quantity)
}
