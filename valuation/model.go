package valuation

import (
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/city"
)

// model is a portfolio as a polynomial in the uncertain figures. Certain factors are folded into coefficients, matches
// that share their uncertain factors into one monomial, so that a draw costs a pass over the monomials (some hundreds)
// and not over all formulas of all matches.
type model struct {
	parameters *Parameters
	rules      map[city.RuleID]city.Rule

	draws     []draw
	drawIndex []int16 // by the method's number of the draw; -1 = not met yet
	ruleIndex map[city.RuleID]int16
	variables []variable
	plain     [][3]int16 // variables of one draw, by draw and transform; -1 = not met yet
	varIndex  map[variable]int16
	monomials []monomial
	monoIndex map[exponents]int
	sums      []map[int]float64 // by monomial: output -> coefficient
}

// draw is one uncertain figure.
type draw struct {
	key    string
	figure city.Figure
}

// variable is what a formula makes of one or two draws before it multiplies.
type variable struct {
	kind  variableKind
	first int16 // draw
	other int16 // draw; none = -1
	years int16 // of an annuity
	fixed [2]float64
}

type variableKind int8

const (
	plainVariable      variableKind = iota // x
	complementVariable                     // 1 - x
	incrementVariable                      // 1 + x
	lesserVariable                         // the smaller of two quantity factors
	annuityVariable                        // present value over years; first = dropoff, other = rate, -1 where fixed
)

// exponents names a monomial: its variables in ascending order plus one, padded with zeros.
type exponents [12]int16

// monomial is a product of variables; it enters several outputs with a coefficient each.
type monomial struct {
	variables []int16
	outputs   []weighted
}

type weighted struct {
	output      int
	coefficient float64
}

func newModel(p *Parameters, rules []city.Rule) *model {
	m := &model{
		parameters: p, rules: map[city.RuleID]city.Rule{}, drawIndex: make([]int16, len(p.draws)), ruleIndex: map[city.RuleID]int16{},
		varIndex: map[variable]int16{}, monoIndex: map[exponents]int{},
	}
	for i := range m.drawIndex {
		m.drawIndex[i] = -1
	}
	for _, rule := range rules {
		m.rules[rule.ID] = rule
	}
	return m
}

// modelTerms is what a match adds to the outputs: to its NSV outputs, or to one of the whole portfolio.
var modelTerms = func() []modelTerm {
	var all []modelTerm
	for _, t := range terms {
		if t.item.IsCost() {
			all = append(all, modelTerm{term: t.negative(), output: outputCost})
		} else {
			t = t.with(additionality...)
		}
		all = append(all, modelTerm{term: t, output: outputNSV}, modelTerm{term: t.with(is(Success)), output: outputExpected})
	}
	for _, t := range failedTerms {
		all = append(all, modelTerm{term: t.with(not(Success)), output: outputExpected, failed: true})
	}
	for _, t := range emissionTerms {
		all = append(all, modelTerm{term: t, output: outputCO2e})
	}
	return append(all, modelTerm{term: weightTerm, output: outputKg})
}()

type modelTerm struct {
	term
	output int
	failed bool // part of the default cost of a failed attempt
}

// statedFailure is the cost of a failed attempt where the match states it.
var statedFailure = term{"", -1, nil, []atom{is(FailedCost), not(Success)}}

// add enters a match into the outputs of its NSV, and into those of the whole portfolio.
func (m *model) add(r *resolved, nsvOutputs []int) error {
	quantityFactor, err := m.quantityVariable(r)
	if err != nil {
		return err
	}
	_, failureStated := r.match.Overrides[FailedCost]
	if failureStated {
		m.enter(r, statedFailure, quantityFactor, []int{outputExpected})
	}
	for i := range modelTerms {
		t := &modelTerms[i]
		switch {
		case t.output == outputNSV:
			m.enter(r, t.term, quantityFactor, nsvOutputs)
		case !t.failed || !failureStated:
			m.enter(r, t.term, quantityFactor, []int{t.output})
		}
	}
	return nil
}

// enter folds a term's certain factors into a coefficient and adds it to the monomial of the uncertain ones.
func (m *model) enter(r *resolved, t term, quantityFactor int16, outputs []int) {
	coefficient := t.constant()
	var key exponents
	used := 0
	push := func(variable int16) {
		key[used] = variable + 1
		used++
	}
	for _, a := range t.atoms {
		in := &r.inputs[a.place]
		switch {
		case a.name == annuity:
			if v, uncertain := m.annuityVariable(r); uncertain {
				push(v)
				continue
			}
			coefficient *= in.value
		case a.name == quantity:
			coefficient *= in.value
			if quantityFactor >= 0 {
				push(quantityFactor)
			}
		case in.draw != nil:
			push(m.plainVariable(m.draw(in.draw), a.how))
		default:
			coefficient *= a.how.apply(in.value)
		}
	}
	if coefficient == 0 {
		return
	}
	slices.Sort(key[:used])
	id, ok := m.monoIndex[key]
	if !ok {
		id = len(m.monomials)
		m.monoIndex[key] = id
		factors := make([]int16, used)
		for i := range factors {
			factors[i] = key[i] - 1
		}
		m.monomials = append(m.monomials, monomial{variables: factors})
		m.sums = append(m.sums, map[int]float64{})
	}
	for _, output := range outputs {
		m.sums[id][output] += coefficient
	}
}

// quantityVariable is the common error of a match's quantity: its derivation rule's, or that of all inferred quantities;
// -1 when the quantity is certain.
func (m *model) quantityVariable(r *resolved) (int16, error) {
	match := r.match
	var factors []int16
	for _, side := range []struct {
		rule   city.RuleID
		limits bool
	}{{match.GiverRule, match.Limit != city.Receiver}, {match.ReceiverRule, match.Limit != city.Giver}} {
		if side.rule == "" || !side.limits {
			continue
		}
		rule, ok := m.rules[side.rule]
		if !ok {
			return 0, fmt.Errorf("rule %q: not among the simulation's rules", side.rule)
		}
		factors = append(factors, m.ruleDraw(rule))
	}
	switch {
	case len(factors) == 2 && factors[0] != factors[1]:
		slices.Sort(factors)
		return m.variable(variable{kind: lesserVariable, first: factors[0], other: factors[1]}), nil
	case len(factors) > 0:
		return m.plainVariable(factors[0], asIs), nil
	case match.Quality == city.Inferred:
		if in := r.inputs[specIndex[QuantityInferred]]; in.draw != nil {
			return m.plainVariable(m.draw(in.draw), asIs), nil
		}
	}
	return -1, nil
}

// ruleFigure is a derivation rule's error relative to its central value.
func ruleFigure(rule city.Rule) city.Figure {
	return city.Figure{
		Low: rule.Low / rule.Central, Central: 1, High: rule.High / rule.Central, Distribution: city.Triangular,
		Unit: "x " + rule.Unit, Source: rule.Source, Evidence: city.Evidence(rule.Evidence),
	}
}

// annuityVariable is the present value of what serves its receiver for years, if it does and anything about it is uncertain.
func (m *model) annuityVariable(r *resolved) (int16, bool) {
	years := r.value(Years)
	if years <= 1 {
		return 0, false
	}
	v := variable{kind: annuityVariable, first: -1, other: -1, years: int16(years), fixed: [2]float64{r.value(Dropoff), r.value(DiscountRate)}}
	if in := r.inputs[specIndex[Dropoff]]; in.draw != nil {
		v.first = m.draw(in.draw)
	}
	if in := r.inputs[specIndex[DiscountRate]]; in.draw != nil {
		v.other = m.draw(in.draw)
	}
	if v.first < 0 && v.other < 0 {
		return 0, false
	}
	return m.variable(v), true
}

func (m *model) draw(p *parameter) int16 {
	if m.drawIndex[p.id] < 0 {
		m.drawIndex[p.id] = m.newDraw(draw{p.draw, p.figure})
	}
	return m.drawIndex[p.id]
}

func (m *model) ruleDraw(rule city.Rule) int16 {
	id, ok := m.ruleIndex[rule.ID]
	if !ok {
		id = m.newDraw(draw{"rule/" + string(rule.ID), ruleFigure(rule)})
		m.ruleIndex[rule.ID] = id
	}
	return id
}

func (m *model) newDraw(d draw) int16 {
	m.draws = append(m.draws, d)
	m.plain = append(m.plain, [3]int16{-1, -1, -1})
	return int16(len(m.draws) - 1)
}

// plainVariable is a draw as a formula takes it: x, 1 - x or 1 + x.
func (m *model) plainVariable(draw int16, how transform) int16 {
	if m.plain[draw][how] < 0 {
		m.plain[draw][how] = m.variable(variable{kind: variableKind(how), first: draw, other: -1})
	}
	return m.plain[draw][how]
}

func (m *model) variable(v variable) int16 {
	id, ok := m.varIndex[v]
	if !ok {
		id = int16(len(m.variables))
		m.varIndex[v] = id
		m.variables = append(m.variables, v)
	}
	return id
}

// finish turns the sums into lists, in the order of outputs: maps have none.
func (m *model) finish() {
	for id, sums := range m.sums {
		list := make([]weighted, 0, len(sums))
		for output, coefficient := range sums {
			list = append(list, weighted{output, coefficient})
		}
		slices.SortFunc(list, func(a, b weighted) int { return a.output - b.output })
		m.monomials[id].outputs = list
	}
}
