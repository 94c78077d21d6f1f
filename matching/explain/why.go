package explain

import (
	"fmt"
	"strings"

	"github.com/city-resource-graph/crg/matching/fairness"
)

func (e *Explainer) whySentence(p *Pair) string {
	var b strings.Builder
	place := fmt.Sprintf("the %s of its %s by worth", ordinal(p.Rank), plural(p.Of, "candidate"))
	switch {
	case p.Worth <= 0:
		place = "which does not pay by itself, but keeps a floor"
	case p.Of == 1:
		place = "its only candidate"
	}
	fmt.Fprintf(&b, "%s gets %d from %s: a unit scores %s, %s", p.Need, p.Quantity, p.Resource, e.Money(p.Value), place)
	if p.Charge > 0 {
		fmt.Fprintf(&b, "; %s in all after a trip of %s", e.Money(p.Net), e.Money(p.Charge))
	} else {
		fmt.Fprintf(&b, "; %s in all", e.Money(p.Net))
	}
	b.WriteString(e.ofBonus(p.NetBonus))
	e.favours(&b, p)
	if p.RunnerUp != nil {
		fmt.Fprintf(&b, ". The best one that it does not use is %s at %s", p.RunnerUp.Resource, e.Money(p.RunnerUp.Worth))
		b.WriteString(e.ofBonus(p.RunnerUp.Floors))
		if p.RunnerUp.Worth > p.Worth {
			b.WriteString(", which is worth more elsewhere")
		}
	}
	if e.Problem.Charges != nil || e.unfinished() {
		fmt.Fprintf(&b, ". At the prices that prove the bound a unit of the resource is worth %s, a unit wanted %s.",
			e.Money(p.ResourcePrice), e.Money(p.NeedPrice))
		return b.String()
	}
	fmt.Fprintf(&b, ". One more unit of the resource would be worth %s at most, one more unit wanted %s at most.",
		e.Money(p.ResourcePrice), e.Money(p.NeedPrice))
	return b.String()
}

func (e *Explainer) whyNotSentence(p *Pair) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s does not get %s: a unit would be worth %s there, but the need's units are worth %s and the resource's %s elsewhere",
		p.Need, p.Resource, e.Money(p.Worth), e.Money(p.NeedPrice), e.Money(p.ResourcePrice))
	switch {
	case p.LossExact != nil && *p.LossExact == 0:
		b.WriteString(". It is just as good: forcing one unit loses nothing, only somebody else would change")
	case p.LossFound != nil:
		fmt.Fprintf(&b, ". Forcing one unit loses %s at least; with the best that was found around it %s is lost",
			e.Money(p.LossAtLeast), e.Money(*p.LossFound))
	case p.LossExact != nil:
		fmt.Fprintf(&b, ". Forcing one unit loses %s at least, and %s exactly", e.Money(p.LossAtLeast), e.Money(*p.LossExact))
	case p.LossAtLeast > 0:
		fmt.Fprintf(&b, ". Forcing one unit loses %s at least", e.Money(p.LossAtLeast))
	}
	for _, l := range p.Lacks {
		fmt.Fprintf(&b, ". The allocation that was found with it leaves the floor of %s short of %d", l.Floor, l.Units)
	}
	e.favours(&b, p)
	for k, u := range p.TakenBy {
		switch u.Resource {
		case p.Resource:
			fmt.Fprintf(&b, "%s%s has %d of it at %s", separator(k), u.Need, u.Quantity, e.Money(u.Worth))
		default:
			fmt.Fprintf(&b, "%s%s has %d of %s at %s", separator(k), u.Need, u.Quantity, u.Resource, e.Money(u.Worth))
		}
		if u.Floors > 0 {
			fmt.Fprintf(&b, ", %s of which keeps the floor of its ward", e.Money(u.Floors))
		}
		if u.Need != p.Need {
			b.WriteString(ofWeight(u.Weight))
		}
	}
	b.WriteString(".")
	return b.String()
}

// favours says which parts of a score are not the unit's own worth.
func (e *Explainer) favours(b *strings.Builder, p *Pair) {
	if p.Parts != nil && p.Parts.Affinity > 0 {
		fmt.Fprintf(b, ". %s of a unit's score is because giver and receiver know each other", e.Money(p.Parts.Affinity))
	}
	if p.Unweighted != nil && p.Weight != million {
		fmt.Fprintf(b, ". Without the need's weight of %s a unit is worth %s", fairness.WeightText(p.Weight), e.Money(*p.Unweighted))
	}
	if p.Floors > 0 {
		fmt.Fprintf(b, ". %s of a unit's score is the bonus that keeps the floor of the need's ward", e.Money(p.Floors))
	}
	if p.Parts != nil && p.Parts.Stability > 0 {
		fmt.Fprintf(b, ". %s of a unit's score is because the pair is proposed already", e.Money(p.Parts.Stability))
	}
}

func separator(k int) string {
	if k == 0 {
		return ". Instead, "
	}
	return "; "
}
